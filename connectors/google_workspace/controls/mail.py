"""Controls for e-mail: Gmail's settings, settings of each person, and settings that only the console can change."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.google_workspace.controls.targets import (
    console_setting,
    describe_place,
    group_limit,
    people_left_out,
    resource_for_each_person,
    unit_of,
)
from connectors.google_workspace.kinds.detector import Detector
from connectors.google_workspace.kinds.dlp_rule.rule import DlpRule
from connectors.google_workspace.kinds.forwarding import PersonForwarding
from connectors.google_workspace.kinds.group_footer import GroupFooter
from connectors.google_workspace.kinds.signature import Signature
from connectors.google_workspace.kinds.vacation import Vacation
from toolkit.controls.mail import (
    AttachmentBlock,
    AutoforwardBlock,
    DailyAccess,
    Disclaimer,
    ExternalTag,
    PersonalLabel,
    visible_text,
)
from toolkit.controls.mail_usage import mail_use_part
from toolkit.controls.replies import (
    ClosureReply,
    OutOfOffice,
    absence_replies_part,
    closure_part,
    person_label,
    reply_times_to_set,
)
from toolkit.controls.reply_text import absence_reply, closure_reply
from toolkit.controls.sender_authentication import Authentication, dns_parts
from toolkit.school.signals import Due
from toolkit.sdk import EVERY, CloudControl, ControlContext, Level, Part, Reach, Resource, checked, manual

_CONSEQUENCE = {"reject": "reject the message, with the reason", "quarantine": "quarantine the message"}
_LABEL = "School personal label"
_LONGEST_FOOTER = 1000


def attachment_block_parts(settings: AttachmentBlock, context: ControlContext) -> Iterator[Part]:
    """Yield a manual step for the rule about attachments. No API writes it, and DLP rules do not check file names."""
    yield manual(
        "attachment compliance rule",
        "messages with a forbidden extension, from inside and outside",
        "no API sets this. In the admin console, Apps > Google Workspace > Gmail > Compliance > Attachment compliance, "
        f"for {describe_place(context)}, custom file types {', '.join(settings.extensions)}: "
        f"{_CONSEQUENCE[settings.act]}",
        "archives with a password cannot be opened and are delivered",
    )
    safety = console_setting(
        "gmail.email_attachment_safety",
        context,
        enable_attachment_with_scripts_protection=True,
        enable_encrypted_attachment_protection=True,
    )
    yield checked(
        "attachment safety",
        "attachments that contain scripts or cannot be opened, from senders not trusted by Google",
        "set in the admin console: Apps > Google Workspace > Gmail > Safety > Attachments",
        *group_limit(context),
        resources=(safety,),
    )


def authentication_parts(_settings: Authentication, _context: ControlContext) -> Iterator[Part]:
    """Yield the check of DNS records. No API creates Gmail's DKIM key, or shows whether Gmail signs messages."""
    yield from dns_parts()
    yield manual(
        "DKIM signature",
        "whether Gmail signs with the key that the DNS publishes",
        "no API sets or shows this. In the admin console, under Apps > Google Workspace > Gmail > Authenticate "
        "email, generate a 2048-bit key, publish it in the DNS, then start authentication",
    )


def autoforward_block_parts(_settings: AutoforwardBlock, context: ControlContext) -> Iterator[Part]:
    """Yield the removal of each person's forwarding. Only the console can stop people turning it on again."""
    nothing_leaves = PersonForwarding(auto_forwards_outside=False, filters_outside=None, addresses_outside=None)
    yield Part(
        name="forwarding of each person",
        covers="forwarding of all mail, filters that forward, and forwarding addresses, to outside the school",
        limits=("automatic forwarding by a mail program cannot be seen", *people_left_out(context)),
        resources=resource_for_each_person("forwarding", context, nothing_leaves),
    )
    yield checked(
        "switch of the organisation",
        "whether people may turn automatic forwarding on again",
        "set in the admin console: Apps > Google Workspace > Gmail > End User Access > Automatic forwarding",
        *group_limit(context),
        resources=(console_setting("gmail.auto_forwarding", context, enable_auto_forwarding=False),),
    )


def closure_replies_parts(settings: ClosureReply, context: ControlContext) -> Iterator[Part]:
    """Yield the school's closure reply for each mailbox whose owner has not set a reply."""

    def reply(due: Due) -> Resource:
        vacation = Vacation(**reply_times_to_set(due), text=closure_reply(settings, due, context), audience="all")
        return Resource("vacation", due.person.id, vacation, due.person.address, Reach(people=1))

    yield closure_part(context, reply)


def daily_access_parts(settings: DailyAccess, _: ControlContext) -> Iterator[Part]:
    """Yield the count of people who opened their mail, if the school has an impact assessment for it."""
    yield mail_use_part(settings)


def disclaimer_parts(settings: Disclaimer, context: ControlContext) -> Iterator[Part]:
    """Yield the console's footer first, because only this footer is added to every message, and then other footers."""
    outgoing = settings.scope == "outgoing"
    yield manual(
        "append footer",
        "mail that leaves the school" if outgoing else "all mail that the school sends",
        "no API sets this. In the admin console, Apps > Google Workspace > Gmail > Compliance > Append footer, for "
        f"{describe_place(context)}, paste the text, {'without' if outgoing else 'with'} internal messages",
        "signed and encrypted messages do not get the footer",
        *(
            ["when the footer is set, write `instead: []`. Otherwise some mail contains the text twice"]
            if settings.instead
            else []
        ),
    )
    if "signatures" in settings.instead:
        yield Part(
            name="signatures",
            covers="new mail that people write in Gmail on the web",
            limits=(
                "mail from phones and other mail programs, and replies without a signature, do not contain the notice",
                "people can change their signature. The next run restores the text and keeps their own signature",
                *people_left_out(context),
            ),
            resources=resource_for_each_person("signature", context, Signature(text=settings.text_file)),
            pilots=True,
        )
    if "group_footers" in settings.instead:
        yield _make_group_footers_part(settings, context)


def _make_group_footers_part(settings: Disclaimer, context: ControlContext) -> Part:
    text = visible_text(settings.text_file)
    part = Part(
        name="group footers",
        covers="mail that is sent to one of the school's groups",
        needed=False,
        limits=("group footers are plain text",),
    )
    groups = _list_group_addresses(context)
    if len(text) > _LONGEST_FOOTER:
        too_long = f"the text has {len(text):,} characters, and a group's footer can have {_LONGEST_FOOTER:,}"
        return replace(part, level=Level.MANUAL, reason=too_long)
    if not groups:
        unit_audience = "the audience is an organisational unit, but a group can have members of any unit"
        return replace(part, level=Level.MANUAL, reason=unit_audience)
    return replace(part, resources=tuple(Resource("group_footer", group, GroupFooter(text=text)) for group in groups))


def _list_group_addresses(context: ControlContext) -> Sequence[str]:
    if context.audience.everyone:
        return [EVERY]
    address = context.audience.group and context.audience.group.address
    return [address] if address and "@" in address else []


def external_tag_parts(_settings: ExternalTag, context: ControlContext) -> Iterator[Part]:
    """Yield a manual step for the warning, and the check of Gmail's own warnings of forged senders."""
    yield manual(
        "external recipient warning",
        "a warning when a person replies to mail from outside",
        "no API sets this. In the admin console, Apps > Google Workspace > Gmail > End User Access > Warn for external "
        f"recipients, for {describe_place(context)}",
        "Gmail cannot exempt senders from the mark",
    )
    spoofing = console_setting(
        "gmail.spoofing_and_authentication",
        context,
        detect_domain_name_spoofing=True,
        detect_employee_name_spoofing=True,
        detect_domain_spoofing_from_unauthenticated_senders=True,
    )
    yield checked(
        "warnings of forged senders",
        "mail that only seems to come from the school or from its staff",
        "set in the admin console: Apps > Google Workspace > Gmail > Safety",
        *group_limit(context),
        resources=(spoofing,),
        needed=False,
    )


def out_of_office_parts(settings: OutOfOffice, context: ControlContext) -> Iterator[Part]:
    """Yield a reply for each absent person who has not set one, if the control sets such replies."""

    def reply(due: Due) -> Resource:
        if due.owner_reply is None:
            text = absence_reply(settings, settings.external_file or settings.text_file, due, context)
            vacation = Vacation(**reply_times_to_set(due), text=text, audience="all")
        else:
            vacation = Vacation(**reply_times_to_set(due))
        return Resource("vacation", due.person.id, vacation, person_label(settings, due), Reach(people=1))

    same = "Gmail has one reply for people inside and outside: the text for outside"
    yield absence_replies_part(settings, context, reply, (same,) if settings.external_file else ())


def personal_label_parts(settings: PersonalLabel, context: ControlContext) -> Iterator[Part]:
    """Yield a rule that records messages with the label and delivers them, so that the school can count them."""
    labels = "|".join(label.lower() for label in settings.labels)
    rule = DlpRule(
        unit=unit_of(context),
        triggers=["gmail.email.v1.send"],
        condition=f"all_headers.matches_regex_detector('{_LABEL}')",
        gmail_action="audit",
        gmail_external=True,
        gmail_internal=True,
    )
    yield Part(
        name="labelled mail",
        covers="sent messages with the label in the subject, which the rule log records",
        limits=("data protection rules need an edition that has them", *group_limit(context)),
        resources=(
            Resource("detector", _LABEL, Detector(expression=rf"(?im)^subject:\W*({labels})(\W|$)")),
            Resource("dlp_rule", _LABEL, rule),
        ),
    )
    yield manual(
        "mail without the label",
        "personal mail without a label",
        "no service can recognise a personal message without a label. A person must confirm this",
    )


CONTROLS = (
    CloudControl("mail.attachment_block", attachment_block_parts),
    CloudControl("mail.authentication", authentication_parts),
    CloudControl("mail.autoforward_block", autoforward_block_parts),
    CloudControl("mail.closure_reply", closure_replies_parts),
    CloudControl("mail.daily_access", daily_access_parts),
    CloudControl("mail.disclaimer", disclaimer_parts, pilots=True),
    CloudControl("mail.external_tag", external_tag_parts),
    CloudControl("mail.out_of_office", out_of_office_parts),
    CloudControl("mail.personal_label", personal_label_parts),
)
