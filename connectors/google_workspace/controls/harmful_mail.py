"""Controls about harmful mail: what Gmail has for it, which the console alone sets."""

from collections.abc import Iterator

from connectors.google_workspace.controls.targets import console_setting
from toolkit.controls.harmful_mail import Antimalware, ReportChannel
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, manual


def antimalware(_settings: Antimalware, context: ControlContext) -> Iterator[Part]:
    """Name Gmail's own scan, check the one before delivery, and leave the sandbox to a person: no API shows it."""
    yield Part(
        name="Gmail's own virus scan",
        level=Level.CHECKED,
        covers="attachments of all mail in and out",
        always=True,
        reason="Google scans every attachment, and no one can turn it off",
        for_governors="Google scans every attachment for viruses, and no one can turn that off",
    )
    scan = console_setting(
        "gmail.enhanced_pre_delivery_message_scanning", context, enable_improved_suspicious_content_detection=True
    )
    yield Part(
        name="scan before delivery",
        level=Level.CHECKED,
        covers="doubtful mail, which is held for a moment and looked at more closely",
        reason="the console holds it: Apps > Google Workspace > Gmail > Spam, phishing, and malware",
        resources=(scan,),
    )
    yield Part(
        name="Security Sandbox",
        level=Level.MANUAL,
        covers="attachments that are opened in a sandbox before delivery",
        reason="no API shows it: in the admin console, Apps > Google Workspace > Gmail > Spam, phishing, and malware > "
        "Security sandbox",
        limits=("it needs Education Standard or Plus",),
        needed=False,
    )


def report_channel(_settings: ReportChannel, _: ControlContext) -> Iterator[Part]:
    """Leave the alerts on reports to a person: Gmail's own button reports to Google alone."""
    yield manual(
        "reports of people in Gmail",
        "that an administrator learns what people report with Gmail's own buttons, which go to Google",
        "no API sets it: in the admin console, Rules > User-reported phishing, turn the alert on and name who gets it",
        "Gmail sends no copy of a reported message to a mailbox of the school",
    )


CONTROLS = (
    CloudControl("mail.antimalware", antimalware),
    CloudControl("mail.report_channel", report_channel),
)
