"""Controls about mailing lists, about the people that pupils may write to, and about words in mail."""

import re
from collections.abc import Iterator
from typing import Any

from connectors.microsoft365.controls.targets import covered_group, protected_mailboxes
from connectors.microsoft365.kinds.list_moderation import ListModeration
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.mail_lists import MassListModeration
from toolkit.controls.mail_scope import OF_A_GROUP, LanguageWatch, PupilScope, outside_mail_part
from toolkit.sdk import UNSAID, CloudControl, ControlContext, Part, Resource, manual


def mass_list_moderation_parts(control: MassListModeration, context: ControlContext) -> Iterator[Part]:
    """Yield the moderation of messages to large lists, or their refusal.

    Messages from staff who send urgent messages never wait.
    """
    urgent_senders = list(dict.fromkeys([*control.always_send.addresses, *map(str.lower, context.protected)]))
    yield Part(
        name="large mailing lists",
        covers="messages to the lists, except from people who send urgent messages",
        limits=(
            "people can still write directly to a list inside one of these lists",
            "messages sent by a parents' app or the MIS do not pass through these lists",
        ),
        resources=tuple(_make_moderation(control, address, urgent_senders) for address in control.lists),
    )
    if control.urgent_lists:
        yield Part(
            name="urgent lists",
            covers="lists for lockdown, fire and closure, whose messages never wait",
            resources=tuple(
                Resource("list_moderation", address, ListModeration(moderated=False, accepted_senders=None))
                for address in control.urgent_lists
            ),
        )
    if control.counts_outside:
        yield outside_mail_part()


def _make_moderation(control: MassListModeration, address: str, urgent_senders: list[str]) -> Resource:
    holds = control.act == "hold"
    spec = ListModeration(
        moderated=holds,
        moderators=[moderator.lower() for moderator in control.moderators] if holds else UNSAID,
        bypass=urgent_senders if holds else UNSAID,
        accepted_senders=UNSAID if holds else urgent_senders,
        inside_only=True if address in control.closed else UNSAID,
    )
    return Resource("list_moderation", address, spec)


_DYNAMIC = "a dynamic list is updated every few hours, so it includes a new pupil later"


def pupil_scope_parts(control: PupilScope, context: ControlContext) -> Iterator[Part]:
    """Yield mail rules that stop pupils' mail, except to and from the school's own and the control's domains."""
    group = covered_group(context)
    allowed_domains = sorted({*(domain.lower() for domain in context.school.domains), *control.outside})
    sent_rule = _make_rule(control, context, from_member_of=group, except_if_recipient_domain_is=allowed_domains)
    received_rule = _make_rule(control, context, sent_to_member_of=group, except_if_sender_domain_is=allowed_domains)
    rejects = control.act == "reject"
    yield Part(
        name="mail of pupils",
        covers=f"mail that pupils send and receive, except {', '.join(allowed_domains)}"
        + ("" if rejects else ", which is recorded and delivered"),
        limits=("chats in Teams are not covered", "a pupil who is not in the group is not covered", _DYNAMIC),
        resources=(
            Resource("transport_rule", "School pupils: sent mail", sent_rule),
            Resource("transport_rule", "School pupils: received mail", received_rule),
        ),
        pilots=True,
    )
    if not rejects:
        yield manual(
            "decision after the audit",
            "mail of pupils with people outside",
            (
                "the rules only record messages. Check which messages the rules would stop, then write `act: reject` "
                "with `audited`"
            ),
        )


def _make_rule(control: PupilScope, context: ControlContext, **conditions: Any) -> TransportRule:
    return TransportRule(
        **conditions,
        rule_mode="Enforce" if control.act == "reject" else "Audit",
        reject_message_reason_text=control.reason,
        reject_message_enhanced_status_code="5.7.1",
        except_if_from=protected_mailboxes(context),
        except_if_sent_to=protected_mailboxes(context),
    )


def language_watch_parts(control: LanguageWatch, context: ControlContext) -> Iterator[Part]:
    """Yield a rule that reports messages with the listed words. The report does not contain the message."""
    reports = control.act == "report"
    exempt = control.exempt_addresses(context.school, context.protected)
    rule = TransportRule(
        from_scope="InOrganization",
        from_member_of=covered_group(context),
        subject_or_body_matches_patterns=[_make_whole_word_pattern(word) for word in control.words],
        except_if_from=exempt,
        except_if_sent_to=exempt,
        set_audit_severity="Low",
        generate_incident_report=control.reviewer if reports else UNSAID,
        incident_report_content=["Sender", "Recipients", "Subject"] if reports else UNSAID,
    )
    yield Part(
        name="words in sent mail",
        covers=(
            f"mail that people send, unless they are exempt. {control.dpia} covers the rule, and the "
            f"{control.reviewer_post} reads the reports"
        ),
        limits=(
            "a word does not show its meaning, so no one is judged by a word",
            OF_A_GROUP,
            "encrypted messages, and words in pictures, are not checked",
        ),
        resources=(Resource("transport_rule", "School language watch", rule),),
        pilots=True,
    )


def _make_whole_word_pattern(word: str) -> str:
    """Return a regular expression for a whole word.

    A word boundary is left out after a symbol, for example at the end of c++.
    """
    before, after = (r"\b" if sign.isalnum() else "" for sign in (word[0], word[-1]))
    return f"{before}{re.escape(word)}{after}"


CONTROLS = (
    CloudControl("mail.language_watch", language_watch_parts, pilots=True),
    CloudControl("mail.pupil_scope", pupil_scope_parts, pilots=True),
    CloudControl("mail.mass_list_moderation", mass_list_moderation_parts),
)
