"""Controls about outgoing mail, harmful mail, and rights to mailboxes.

The controls use outbound spam policies, a rule that holds mail, Outlook's tips, and encryption.
"""

from collections.abc import Iterator

from connectors.microsoft365.kinds.anti_phish_policy import AntiPhishPolicy
from connectors.microsoft365.kinds.content_filter_policy import ContentFilterPolicy
from connectors.microsoft365.kinds.exchange_setting import ExchangeSetting
from connectors.microsoft365.kinds.files_protection import FilesProtection
from connectors.microsoft365.kinds.malware_filter_policy import MalwareFilterPolicy
from connectors.microsoft365.kinds.message_encryption import MessageEncryption
from connectors.microsoft365.kinds.outbound_spam_policy import OutboundSpamPolicy
from connectors.microsoft365.kinds.report_submission import ReportSubmission
from connectors.microsoft365.kinds.safe_attachment_policy import SafeAttachmentPolicy
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.delegation import FULL_ACCESS, LEFT_OVER, ON_BEHALF, SEND_AS, SHARED_SIGN_IN, SendAsDelegation
from toolkit.controls.harmful_mail import Antimalware, ReportChannel, unfiltered_part
from toolkit.controls.outgoing_mail import EncryptMail, OutboundStop, RecipientLimits
from toolkit.sdk import EVERY, UNSAID, CloudControl, ControlContext, Part, Resource, checked, manual

_LAYERS = (
    "a preset security policy takes precedence for its people. toolkit reports differences in it but never changes it",
    "a policy without a rule reaches no one",
    "if another product filters mail first, Exchange treats that product as the sender",
)


def antimalware_parts(control: Antimalware, context: ControlContext) -> Iterator[Part]:
    """Yield the settings that keep the spam and malware filters on, and Safe Attachments if it is licensed."""
    malware = MalwareFilterPolicy(
        enable_file_filter=True,
        zap_enabled=True,
        enable_internal_sender_admin_notifications=True if control.notify else UNSAID,
        internal_sender_admin_address=control.notify or UNSAID,
    )
    yield Part(
        name="malware policies",
        covers="all incoming and outgoing mail. Mail that is later recognised as malware is removed from mailboxes",
        limits=_LAYERS,
        resources=(Resource("malware_filter_policy", EVERY, malware),),
    )
    spam = ContentFilterPolicy(spam_zap_enabled=True, phish_zap_enabled=True)
    yield Part(
        name="spam policies",
        covers="mail that is later recognised as phishing or spam, which is removed from mailboxes",
        limits=("a policy that only marks spam does not remove mail later",),
        resources=(Resource("content_filter_policy", EVERY, spam),),
    )
    forged = AntiPhishPolicy(enable_spoof_intelligence=True, enable_first_contact_safety_tips=True)
    yield Part(
        name="anti-phishing policies",
        covers="mail with a forged sender, and a tip on the first message from a sender",
        needed=False,
        limits=("only Defender for Office 365 recognises senders who pretend to be the head teacher or a colleague",),
        resources=(Resource("anti_phish_policy", EVERY, forged),),
    )
    yield from _safe_attachment_parts(control, context)


def _safe_attachment_parts(control: Antimalware, context: ControlContext) -> Iterator[Part]:
    if control.files:
        yield Part(
            name="Safe Attachments for files",
            covers="files in SharePoint, OneDrive and Teams",
            needed=False,
            limits=("this needs Defender for Office 365, which A1 and A3 licences do not include",),
            resources=(Resource("files_protection", "organisation", FilesProtection(files=True)),),
        )
    if control.attachments:
        opened = SafeAttachmentPolicy(enable=True, action="Block", domains=list(context.school.domains))
        yield Part(
            name="Safe Attachments for mail",
            covers="attachments of mail to the school's domains, which are opened in a sandbox before delivery",
            needed=False,
            limits=(
                "this needs Defender for Office 365, which A1 and A3 licences do not include",
                "mail with attachments arrives some minutes later",
                _LAYERS[0],
            ),
            resources=(Resource("safe_attachment_policy", "School Safe Attachments", opened),),
        )


def report_channel_parts(control: ReportChannel, context: ControlContext) -> Iterator[Part]:
    """Yield the policy for the Report button.

    A person exempts the mailbox from filters, and toolkit checks that this was done.
    """
    if control.mailbox and control.mailbox.casefold() in {address.casefold() for address in context.protected}:
        raise ValueError(f"the school file protects {control.mailbox}. Use a separate shared mailbox for reports")
    is_set = "mailbox" in control.model_fields_set
    to_mailbox = bool(control.mailbox) if is_set else UNSAID
    mailbox = ([control.mailbox] if control.mailbox else None) if is_set else UNSAID
    policy = ReportSubmission(
        enable_report_to_microsoft=control.to_microsoft,
        enable_third_party_address=False,
        report_junk_to_customized_address=to_mailbox,
        report_not_junk_to_customized_address=to_mailbox,
        report_phish_to_customized_address=to_mailbox,
        report_junk_addresses=mailbox,
        report_not_junk_addresses=mailbox,
        report_phish_addresses=mailbox,
        sent_to=mailbox,
    )
    places = [*(["Microsoft"] if control.to_microsoft else []), *([control.mailbox] if control.mailbox else [])]
    mailbox_note = (
        () if is_set else ("a mailbox that already gets the reports is left unchanged. `mailbox: null` removes it",)
    )
    yield Part(
        name="Report button in Outlook",
        covers=f"messages that people report from Outlook, which go to {' and '.join(places)}",
        limits=(
            "administrators see reports under Submissions > User reported in the Defender portal",
            "messages in Teams are not reported this way",
            "another supplier's report button is turned off, so use check mode if the school has one",
            *mailbox_note,
        ),
        resources=(Resource("report_submission", "organisation", policy),),
    )
    if control.mailbox:
        yield unfiltered_part(control.mailbox)


_COUNTS = (
    "`toolkit check` counts these rights. Change rights in the Exchange admin centre, Recipients > Mailboxes > "
    "Delegation"
)


def sendas_delegation_parts(_settings: SendAsDelegation, _: ControlContext) -> Iterator[Part]:
    """Yield a check for each type of right to mailboxes. It compares the rights with the school's declaration."""
    yield checked(SEND_AS, "who may send in the name of another mailbox or group", _COUNTS)
    yield checked(
        FULL_ACCESS,
        "who may open shared mailboxes, declared mailboxes, and the mailboxes of the control's people",
        _COUNTS,
        "full access includes items that are marked private",
        "rights to single folders, such as a calendar, are not checked",
    )
    yield checked(ON_BEHALF, "who may send on behalf of another mailbox", _COUNTS)
    yield checked(LEFT_OVER, "rights of deleted accounts", _COUNTS, needed=False)
    reason = (
        "`toolkit check` counts these accounts. Block sign-in in the Microsoft 365 admin centre, Users > Active users"
    )
    yield checked(SHARED_SIGN_IN, "shared mailboxes whose accounts can sign in", reason, needed=False)


def encrypt_mail_parts(control: EncryptMail, _: ControlContext) -> Iterator[Part]:
    """Yield the setting that shows the Encrypt button. toolkit creates no rules that encrypt mail automatically."""
    settings = MessageEncryption(
        azure_rms_licensing=True,
        internal_licensing_enabled=True,
        simplified_client_access_enabled=True,
        enable_pdf_encryption=control.pdf,
    )
    yield Part(
        name="Encrypt button",
        covers="messages that their senders encrypt in Outlook",
        limits=(
            "a message is encrypted only if its sender chooses it",
            "people outside open it with a one-time code or a Microsoft or Google account",
            "this needs message encryption, which an A1 licence does not include",
        ),
        resources=(Resource("message_encryption", "organisation", settings),),
    )
    yield manual(
        "encrypted connections to partners",
        "mail to the local authority, health services and social care, which must be encrypted on its way",
        "in the Exchange admin centre, Mail flow > Connectors, check that each partner has a connector that requires "
        "TLS, and that its test passes",
    )


def outbound_stop_parts(control: OutboundStop, _: ControlContext) -> Iterator[Part]:
    """Yield the limits for sent mail, the action at a limit, and the rule that holds some accounts' mail."""
    numbers = (control.outside_an_hour, control.inside_an_hour, control.a_day)
    outside, inside, daily = (UNSAID if number is None else number for number in numbers)
    policy = OutboundSpamPolicy(
        recipient_limit_external_per_hour=outside,
        recipient_limit_internal_per_hour=inside,
        recipient_limit_per_day=daily,
        action_when_threshold_reached="Alert" if control.act == "notice" else "BlockUserForToday",
        notify_outbound_spam=True if control.notify else UNSAID,
        notify_outbound_spam_recipients=list(control.notify) or UNSAID,
    )
    limits = "Microsoft's own limits" if numbers == (None, None, None) else "the limits"
    yield Part(
        name="outbound spam policies",
        covers=f"accounts that send more than {limits} allow, in these policies: {', '.join(control.policies)}",
        limits=(
            "an account in another policy follows that policy",
            "Microsoft also limits the whole tenant by its number of licences, which cannot be changed",
            "mail sent by the MIS, a parent app or a newsletter service is not covered",
        ),
        resources=tuple(Resource("outbound_spam_policy", name, policy) for name in control.policies),
    )
    if control.held:
        rule = TransportRule.model_validate(
            {
                "from": control.held,
                "sent_to_scope": "NotInOrganization",
                "moderate_message_by_user": control.moderators,
            }
        )
        yield Part(
            name="mail that waits for a moderator",
            covers=f"mail to outside from {', '.join(control.held)}",
            limits=("if no moderator decides within some days, the message is returned to its sender",),
            resources=(Resource("transport_rule", "School held mail", rule),),
        )


def recipient_limit_parts(control: RecipientLimits, _: ControlContext) -> Iterator[Part]:
    """Yield Outlook's tips about large audiences. A tip warns the sender, who can still send the message."""
    tips = ExchangeSetting.model_validate(
        {
            "all_tips": True,
            "external_recipient_tips": control.outside,
            "group_metrics": True,
            "large_audience_threshold": control.many,
        }
    )
    yield Part(
        name="tips in Outlook",
        covers=f"messages to {control.many} or more people{', and to outside' if control.outside else ''}",
        limits=(
            "a tip warns the sender but does not stop the message",
            "other mail programs do not show tips",
            "most mail to parents is sent by the MIS or a parent app, which is not covered",
        ),
        resources=(Resource("exchange_setting", "mail_tips", tips),),
    )


CONTROLS = (
    CloudControl("data.encrypt_mail", encrypt_mail_parts),
    CloudControl("mail.outbound_stop", outbound_stop_parts),
    CloudControl("mail.recipient_limits", recipient_limit_parts),
    CloudControl("mail.sendas_delegation", sendas_delegation_parts),
    CloudControl("mail.antimalware", antimalware_parts),
    CloudControl("mail.report_channel", report_channel_parts),
)
