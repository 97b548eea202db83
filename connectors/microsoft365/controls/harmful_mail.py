"""Controls about harmful mail: the filters of Exchange, and Outlook's Report button."""

from collections.abc import Iterator

from connectors.microsoft365.kinds.anti_phish_policy import AntiPhishPolicy
from connectors.microsoft365.kinds.content_filter_policy import ContentFilterPolicy
from connectors.microsoft365.kinds.files_protection import FilesProtection
from connectors.microsoft365.kinds.malware_filter_policy import MalwareFilterPolicy
from connectors.microsoft365.kinds.report_submission import ReportSubmission
from connectors.microsoft365.kinds.safe_attachment_policy import SafeAttachmentPolicy
from toolkit.controls.harmful_mail import Antimalware, ReportChannel, unfiltered_part
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource
from toolkit.sdk.resource import EVERY
from toolkit.sdk.spec import UNSAID

_LAYERS = (
    "a preset security policy comes first for the people in it: toolkit names it where it differs and never writes it",
    "a policy that no rule applies reaches no one",
    "where another product filters mail first, Exchange sees that product as the sender",
)


def antimalware(wanted: Antimalware, context: ControlContext) -> Iterator[Part]:
    """Keep both filters of every policy on, and Safe Attachments for files where the licences include it."""
    malware = MalwareFilterPolicy(
        enable_file_filter=True,
        zap_enabled=True,
        enable_internal_sender_admin_notifications=True if wanted.notify else UNSAID,
        internal_sender_admin_address=wanted.notify or UNSAID,
    )
    yield Part(
        name="malware policies",
        level=Level.ENFORCED,
        covers="all mail in and out; what turns out to be malware later leaves mailboxes again",
        limits=_LAYERS,
        resources=(Resource("malware_filter_policy", EVERY, malware),),
    )
    spam = ContentFilterPolicy(spam_zap_enabled=True, phish_zap_enabled=True)
    yield Part(
        name="spam policies",
        level=Level.ENFORCED,
        covers="mail that turns out to be phishing or spam later, which leaves mailboxes again",
        limits=("a policy that only marks spam takes nothing back",),
        resources=(Resource("content_filter_policy", EVERY, spam),),
    )
    forged = AntiPhishPolicy(enable_spoof_intelligence=True, enable_first_contact_safety_tips=True)
    yield Part(
        name="anti-phishing policies",
        level=Level.ENFORCED,
        covers="mail under a forged sender, and a tip above the first message from a sender",
        needed=False,
        limits=("who pretends to be the head or a colleague is looked for with Defender for Office 365 alone",),
        resources=(Resource("anti_phish_policy", EVERY, forged),),
    )
    yield from _safe_attachments(wanted, context)


def _safe_attachments(wanted: Antimalware, context: ControlContext) -> Iterator[Part]:
    if wanted.files:
        yield Part(
            name="Safe Attachments for files",
            level=Level.ENFORCED,
            covers="files in SharePoint, OneDrive and Teams",
            needed=False,
            limits=("it needs Defender for Office 365, which A1 and A3 do not include",),
            resources=(Resource("files_protection", "organisation", FilesProtection(files=True)),),
        )
    if wanted.attachments:
        opened = SafeAttachmentPolicy(enable=True, action="Block", domains=list(context.school.domains))
        yield Part(
            name="Safe Attachments for mail",
            level=Level.ENFORCED,
            covers="attachments of mail to the school's domains, which a sandbox opens before delivery",
            needed=False,
            limits=(
                "it needs Defender for Office 365, which A1 and A3 do not include",
                "mail with attachments arrives some minutes later",
                _LAYERS[0],
            ),
            resources=(Resource("safe_attachment_policy", "School Safe Attachments", opened),),
        )


def report_channel(wanted: ReportChannel, context: ControlContext) -> Iterator[Part]:
    """Set the one policy of the Report button; a person spares the mailbox from filtering, which is read."""
    if wanted.mailbox and wanted.mailbox.casefold() in {address.casefold() for address in context.protected}:
        raise ValueError(f"the school file protects {wanted.mailbox}: give reports a shared mailbox of their own")
    to_mailbox = wanted.mailbox is not None
    mailbox = [wanted.mailbox] if wanted.mailbox else None
    policy = ReportSubmission(
        enable_report_to_microsoft=wanted.to_microsoft,
        enable_third_party_address=False,
        report_junk_to_customized_address=to_mailbox,
        report_not_junk_to_customized_address=to_mailbox,
        report_phish_to_customized_address=to_mailbox,
        report_junk_addresses=mailbox,
        report_not_junk_addresses=mailbox,
        report_phish_addresses=mailbox,
        sent_to=mailbox,
    )
    places = [*(["Microsoft"] if wanted.to_microsoft else []), *(mailbox or [])]
    yield Part(
        name="Report button in Outlook",
        level=Level.ENFORCED,
        covers=f"messages that people report from Outlook, which go to {' and '.join(places)}",
        limits=(
            "administrators see what was reported under Submissions > User reported in the Defender portal",
            "messages in Teams are not reported this way",
            "another supplier's report button is switched off: leave this in check where the school has one",
        ),
        resources=(Resource("report_submission", "organisation", policy),),
    )
    if wanted.mailbox:
        yield unfiltered_part(wanted.mailbox)


CONTROLS = (
    CloudControl("mail.antimalware", antimalware),
    CloudControl("mail.report_channel", report_channel),
)
