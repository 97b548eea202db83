"""Controls for outgoing mail, harmful mail and delegated mailboxes: Gmail's built-in limits and console settings."""

from collections.abc import Iterator

from connectors.google_workspace.controls.targets import console_setting, group_limit
from toolkit.controls.delegation import SendAsDelegation
from toolkit.controls.harmful_mail import Antimalware, ReportChannel
from toolkit.controls.outgoing_mail import EncryptMail, OutboundStop, RecipientLimits
from toolkit.sdk import CloudControl, ControlContext, Level, Part, checked, manual


def antimalware_parts(_settings: Antimalware, context: ControlContext) -> Iterator[Part]:
    """Yield Gmail's built-in virus scan, the check of the scan before delivery, and a manual step for the sandbox."""
    yield Part(
        name="Gmail's own virus scan",
        level=Level.CHECKED,
        covers="attachments of all incoming and outgoing mail",
        always=True,
        reason="Google scans every attachment, and no one can turn it off",
        for_governors="Google scans every attachment for viruses, and no one can turn that off",
    )
    scan = console_setting(
        "gmail.enhanced_pre_delivery_message_scanning", context, enable_improved_suspicious_content_detection=True
    )
    yield checked(
        "scan before delivery",
        "suspicious mail, which is held briefly and scanned again",
        "set in the admin console: Apps > Google Workspace > Gmail > Spam, phishing, and malware",
        resources=(scan,),
    )
    yield manual(
        "Security Sandbox",
        "attachments that are opened in a sandbox before delivery",
        "no API shows this. In the admin console, Apps > Google Workspace > Gmail > Spam, phishing, and malware > "
        "Security sandbox",
        "the sandbox needs Education Standard or Plus",
        needed=False,
    )


def report_channel_parts(_settings: ReportChannel, _: ControlContext) -> Iterator[Part]:
    """Yield a manual step for alerts about reported messages. Gmail's own button reports only to Google."""
    yield manual(
        "reports of people in Gmail",
        "an alert for an administrator when people report a message with Gmail's own buttons, which go to Google",
        "no API sets this. In the admin console, under Rules > User-reported phishing, turn on the alert and add its "
        "recipients",
        "Gmail does not send a copy of a reported message to a school mailbox",
    )


_ACCESS = "set in the admin console: Apps > Google Workspace > Gmail > End User Access"


def sendas_delegation_parts(settings: SendAsDelegation, context: ControlContext) -> Iterator[Part]:
    """Yield the checks of whether people may send through outside servers, and may delegate their mailboxes."""
    gateway = console_setting(
        "gmail.per_user_outbound_gateway", context, allow_users_to_use_external_smtp_servers=False
    )
    yield checked(
        "sending through outside servers",
        "mail that another company's server sends from a school address",
        f"{_ACCESS} > Allow per-user outbound gateways",
        *group_limit(context),
        resources=(gateway,),
    )
    if settings.declared:
        yield manual(
            "delegates of each person",
            "people who may read and send from another person's mailbox",
            "to list delegates, toolkit would have to act as each person, which it does not do. Each owner compares "
            "them with the declared delegates in Gmail, under Settings > Accounts > Grant access to your account",
        )
        return
    yield checked(
        "delegation of mailboxes",
        "whether people may open their mailbox to others",
        f"{_ACCESS} > Mail delegation",
        *group_limit(context),
        resources=(console_setting("gmail.mail_delegation", context, enable_mail_delegation=False),),
    )


_GMAIL = "in the admin console, Apps > Google Workspace > Gmail"
_OWN_LIMITS = Part(
    name="Gmail's own limits",
    level=Level.CHECKED,
    covers="the number of messages and recipients for one account in a day",
    always=True,
    reason="Google limits every account, and no one can change the numbers",
    for_governors="Google limits how much one account can send in a day, and no one can change that",
    limits=("mail sent by the MIS, a parent app or a newsletter service is not covered",),
)


def encrypt_mail_parts(_settings: EncryptMail, context: ControlContext) -> Iterator[Part]:
    """Yield the check of confidential mode, which is not encryption, and a manual step for secure transport."""
    yield checked(
        "confidential mode",
        "messages that expire and cannot be forwarded, printed or downloaded",
        "set in the admin console: Apps > Google Workspace > Gmail > User settings > Confidential mode",
        "confidential mode does not encrypt. Google can read the message, and a reader can photograph it",
        resources=(console_setting("gmail.confidential_mode", context, enable_confidential_mode=True),),
    )
    yield manual(
        "encrypted connections to partners",
        "mail to the local authority, health services and social care, which must be encrypted on its way",
        f"no API sets this: {_GMAIL} > Compliance > Secure transport (TLS) compliance, list each partner's domain",
        "S/MIME needs Education Standard or Plus and a certificate for each person",
    )


def outbound_stop_parts(settings: OutboundStop, _: ControlContext) -> Iterator[Part]:
    """Yield Gmail's built-in limits, and a manual step for the quarantine, which no API sets."""
    yield _OWN_LIMITS
    sender_step = (
        f". Add the senders {', '.join(settings.held)}, and the quarantine as the action" if settings.held else ""
    )
    yield manual(
        "quarantine for outgoing mail",
        "a place where outgoing mail waits until an administrator releases it",
        f"no API sets this: {_GMAIL} > Manage quarantines, then Compliance > Content compliance > "
        f"Outbound{sender_step}",
    )


def recipient_limits_parts(_settings: RecipientLimits, _: ControlContext) -> Iterator[Part]:
    """Yield Gmail's built-in limits, and a manual step for the warning about recipients outside, which no API shows."""
    yield _OWN_LIMITS
    yield manual(
        "warning before outside recipients",
        "a warning when a person writes to someone outside the school",
        f"no API sets this: {_GMAIL} > End User Access > Warn for external recipients, for the whole organisation",
        "Gmail has no warning for messages to many people",
    )


CONTROLS = (
    CloudControl("data.encrypt_mail", encrypt_mail_parts),
    CloudControl("mail.outbound_stop", outbound_stop_parts),
    CloudControl("mail.recipient_limits", recipient_limits_parts),
    CloudControl("mail.sendas_delegation", sendas_delegation_parts),
    CloudControl("mail.antimalware", antimalware_parts),
    CloudControl("mail.report_channel", report_channel_parts),
)
