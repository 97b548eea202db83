"""Controls about email: mail rules, Exchange policies, and automatic replies."""

from collections.abc import Iterator, Mapping
from typing import Literal

from connectors.microsoft365.controls.targets import covered_group, protected_mailboxes
from connectors.microsoft365.kinds.automatic_reply.settings import AutomaticReply
from connectors.microsoft365.kinds.dkim_signing import DkimSigning
from connectors.microsoft365.kinds.exchange_setting import KIND as EXCHANGE_SETTING
from connectors.microsoft365.kinds.external_in_outlook import ExternalInOutlook
from connectors.microsoft365.kinds.malware_filter_policy import MalwareFilterPolicy
from connectors.microsoft365.kinds.outbound_spam_policy import OutboundSpamPolicy
from connectors.microsoft365.kinds.remote_domain import RemoteDomain
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.mail import AttachmentBlock, AutoforwardBlock, DailyAccess, Disclaimer, ExternalTag, PersonalLabel
from toolkit.controls.mail_scope import direct_mail_part
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
from toolkit.sdk import EVERY, UNSAID, CloudControl, Contains, ControlContext, Part, Reach, Resource, manual

_FALLBACKS: Mapping[str, Literal["Wrap", "Ignore", "Reject"]] = {"wrap": "Wrap", "ignore": "Ignore", "reject": "Reject"}


def attachment_block_parts(control: AttachmentBlock, context: ControlContext) -> Iterator[Part]:
    """Yield two mail rules that block attachments, and the malware filter's list of file types.

    A single rule would block an attachment only if both conditions matched.
    """
    extensions = [extension.lower() for extension in control.extensions]
    exemptions = ["protected mailboxes are exempt"] if context.protected else []
    yield Part(
        name="mail rules",
        covers="messages with executable content or with a forbidden extension, also inside archives",
        limits=("archives with a password cannot be opened, so they are delivered", *exemptions),
        resources=(
            _make_blocking_rule(control, context, "executable content", executable=True),
            _make_blocking_rule(control, context, "extensions", extensions=extensions),
        ),
        pilots=True,
    )
    policy = MalwareFilterPolicy(enable_file_filter=True, file_types=Contains(contains=["exe", *extensions]))
    yield Part(
        name="malware policies",
        covers="the blocked file types in every malware policy of the tenant",
        limits=("preset security policies take precedence over these policies",),
        resources=(Resource("malware_filter_policy", EVERY, policy),),
    )


def _make_blocking_rule(
    control: AttachmentBlock,
    context: ControlContext,
    name: str,
    *,
    executable: bool = UNSAID,
    extensions: list[str] = UNSAID,
) -> Resource:
    rejects = control.act == "reject"
    rule = TransportRule(
        attachment_has_executable_content=executable,
        attachment_extension_matches_words=extensions,
        sent_to_member_of=covered_group(context),
        except_if_from=protected_mailboxes(context),
        except_if_sent_to=protected_mailboxes(context),
        quarantine=UNSAID if rejects else True,
        reject_message_reason_text=control.reason if rejects else UNSAID,
        reject_message_enhanced_status_code="5.7.1" if rejects else UNSAID,
    )
    return Resource("transport_rule", f"School attachments: {name}", rule)


def authentication_parts(control: Authentication, context: ControlContext) -> Iterator[Part]:
    """Yield the DKIM keys. Exchange signs mail as soon as the DNS has both records, and toolkit only reads the DNS."""
    yield from dns_parts()
    signing = [domain for domain in context.school.domains if domain not in control.sends_nothing]
    yield Part(
        name="DKIM keys",
        covers="keys for each domain in the school file. Exchange signs with them as soon as the DNS has both lines",
        limits=("a person publishes the lines that the plan prints", "a person sets DMARC for onmicrosoft.com"),
        resources=tuple(Resource("dkim_signing", name, DkimSigning(signs_when_published=True)) for name in signing),
    )
    if control.direct_send == "count":
        yield direct_mail_part()
    if control.direct_send == "refuse":
        refusing = EXCHANGE_SETTING.spec.model_validate({"reject_direct_send": True})
        yield Part(
            name="direct send",
            covers="mail in the school's name is refused if it does not come through one of the school's connectors",
            resources=(Resource("exchange_setting", "direct_send", refusing),),
            needed=False,
        )


def autoforward_block_parts(control: AutoforwardBlock, context: ControlContext) -> Iterator[Part]:
    """Yield the two settings that stop forwarding, and a mail rule that tells the sender why."""
    notice = TransportRule(
        from_scope="InOrganization",
        from_member_of=covered_group(context),
        sent_to_scope="NotInOrganization",
        message_type_matches="AutoForward",
        reject_message_reason_text=control.explanation,
        reject_message_enhanced_status_code="5.7.1",
        except_if_from=protected_mailboxes(context),
        except_if_sent_to=protected_mailboxes(context),
    )
    yield Part(
        name="outbound spam policies",
        covers="forwarding by rule or mailbox setting, in every outbound policy of the tenant",
        resources=(Resource("outbound_spam_policy", EVERY, OutboundSpamPolicy(auto_forwarding_mode="Off")),),
    )
    yield Part(
        name="remote domains",
        covers="forwarding to any domain by a rule in a mail program",
        resources=(Resource("remote_domain", EVERY, RemoteDomain(auto_forward_enabled=False)),),
    )
    yield Part(
        name="explanation",
        covers="an explanation to the sender of a message that was not forwarded",
        resources=(Resource("transport_rule", "School auto-forward notice", notice),),
        needed=False,
    )


def closure_reply_parts(control: ClosureReply, context: ControlContext) -> Iterator[Part]:
    """Yield the school's closure reply for each mailbox whose owner has not set a reply."""

    def make_reply(due: Due) -> Resource:
        text = closure_reply(control, due, context)
        reply_settings = AutomaticReply(**reply_times_to_set(due), internal=text, external=text, audience="all")
        return Resource("automatic_reply", due.person.id, reply_settings, due.person.address, Reach(people=1))

    yield closure_part(context, make_reply)


def daily_access_parts(control: DailyAccess, _: ControlContext) -> Iterator[Part]:
    """Yield the count of people who opened their mail, if the school has an impact assessment for it."""
    yield mail_use_part(control)


def disclaimer_parts(control: Disclaimer, context: ControlContext) -> Iterator[Part]:
    """Yield a mail rule that adds the disclaimer once in a conversation.

    The rule leaves a message unchanged if the text would damage it.
    """
    outgoing = control.scope == "outgoing"
    rule = TransportRule(
        from_scope="InOrganization",
        from_member_of=covered_group(context),
        sent_to_scope="NotInOrganization" if outgoing else UNSAID,
        apply_html_disclaimer_text=control.text_file,
        apply_html_disclaimer_location="Append",
        apply_html_disclaimer_fallback_action=_FALLBACKS[control.fallback],
        except_if_subject_or_body_contains_words=[control.phrase],
        # A rule takes only one message type. Signed and encrypted mail and automatic replies are recognised by a
        # header.
        except_if_message_type_matches="Calendaring",
        except_if_header_matches_message_header="Content-Type",
        except_if_header_matches_patterns=["multipart/signed", "multipart/encrypted", "pkcs7-mime", "rpmsg"],
        except_if_header_contains_message_header="Auto-Submitted",
        except_if_header_contains_words=["auto-replied", "auto-generated"],
        except_if_recipient_address_contains_words=list(control.machines) or UNSAID,
    )
    yield Part(
        name="mail rule",
        covers="mail that leaves the school" if outgoing else "all mail that the school sends",
        limits=(
            "a message that quotes the phrase counts as having the disclaimer",
            "signed, encrypted and automatic messages and calendar items are sent without it",
            "mail sent by other systems in the school's name does not pass this rule",
        ),
        resources=(Resource("transport_rule", "School disclaimer", rule),),
        pilots=True,
    )


def external_tag_parts(control: ExternalTag, _: ControlContext) -> Iterator[Part]:
    """Yield Outlook's own tag on mail from outside.

    The tag changes neither subjects nor texts, and everyone sees it.
    """
    tag = ExternalInOutlook(enabled=True, allow_list=list(control.trusted) or UNSAID)
    yield Part(
        name="native tag",
        covers="mail from outside, in Outlook, for everyone in the tenant",
        limits=("mail programs other than Outlook do not show it",),
        resources=(Resource("external_in_outlook", "organisation", tag),),
    )


def out_of_office_parts(control: OutOfOffice, context: ControlContext) -> Iterator[Part]:
    """Yield a reply for each absent person who has not set one, if the control sets such replies."""

    def make_reply(due: Due) -> Resource:
        if due.owner_reply is None:
            internal = absence_reply(control, control.text_file, due, context)
            external = absence_reply(control, control.external_file or control.text_file, due, context)
            reply_settings = AutomaticReply(
                **reply_times_to_set(due), internal=internal, external=external, audience="all"
            )
        else:
            reply_settings = AutomaticReply(**reply_times_to_set(due))
        return Resource("automatic_reply", due.person.id, reply_settings, person_label(control, due), Reach(people=1))

    yield absence_replies_part(control, context, make_reply)


def personal_label_parts(control: PersonalLabel, context: ControlContext) -> Iterator[Part]:
    """Yield a rule that marks messages labelled as personal, so that the school can count them."""
    rule = TransportRule(
        from_scope="InOrganization",
        from_member_of=covered_group(context),
        subject_matches_patterns=[rf"^\W*{label.lower()}(\W|$)" for label in control.labels],
        set_header_name="X-School-Personal",
        set_header_value="yes",
    )
    yield Part(
        name="labelled mail",
        covers="sent mail whose subject begins with the label, which gets a header",
        resources=(Resource("transport_rule", "School personal label", rule),),
        pilots=True,
    )
    yield manual(
        "mail without the label",
        "personal mail without a label",
        "no service can recognise personal mail without a label, so people confirm it",
    )


CONTROLS = (
    CloudControl("mail.attachment_block", attachment_block_parts, pilots=True),
    CloudControl("mail.authentication", authentication_parts),
    CloudControl("mail.autoforward_block", autoforward_block_parts),
    CloudControl("mail.closure_reply", closure_reply_parts),
    CloudControl("mail.daily_access", daily_access_parts),
    CloudControl("mail.disclaimer", disclaimer_parts, pilots=True),
    CloudControl("mail.external_tag", external_tag_parts),
    CloudControl("mail.out_of_office", out_of_office_parts),
    CloudControl("mail.personal_label", personal_label_parts, pilots=True),
)
