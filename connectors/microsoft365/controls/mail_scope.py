"""Controls about lists, whom pupils write to, and words in mail: mail rules."""

import re
from collections.abc import Iterator
from typing import Any

from connectors.microsoft365.controls.targets import members, protected_mailboxes
from connectors.microsoft365.kinds.list_moderation import ListModeration
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.mail_lists import MassListModeration
from toolkit.controls.mail_scope import OF_A_GROUP, LanguageWatch, PupilScope, outside_part
from toolkit.sdk import UNSAID, CloudControl, ControlContext, Part, Resource, manual


def mass_list_moderation(wanted: MassListModeration, context: ControlContext) -> Iterator[Part]:
    """Let messages of others wait or be refused, and those of the posts that send urgent ones pass."""
    at_once = list(dict.fromkeys([*wanted.always_send.addresses, *map(str.lower, context.protected)]))
    yield Part(
        name="large mailing lists",
        covers="messages to the lists from everyone but those who send urgent ones",
        limits=(
            "a list inside one of them can be written to directly",
            "messages that a parents' app or the MIS sends do not pass through these lists",
        ),
        resources=tuple(_moderated(wanted, address, at_once) for address in wanted.lists),
    )
    if wanted.urgent_lists:
        yield Part(
            name="urgent lists",
            covers="lists for lockdown, fire and closure, on which no message waits",
            resources=tuple(
                Resource("list_moderation", address, ListModeration(moderated=False, accepted_senders=None))
                for address in wanted.urgent_lists
            ),
        )
    if wanted.counts_outside:
        yield outside_part()


def _moderated(wanted: MassListModeration, address: str, at_once: list[str]) -> Resource:
    holds = wanted.act == "hold"
    spec = ListModeration(
        moderated=holds,
        moderators=[moderator.lower() for moderator in wanted.moderators] if holds else UNSAID,
        bypass=at_once if holds else UNSAID,
        accepted_senders=UNSAID if holds else at_once,
        inside_only=True if address in wanted.closed else UNSAID,
    )
    return Resource("list_moderation", address, spec)


_DYNAMIC = "a dynamic list is worked out every few hours, so a new pupil is met later"


def pupil_scope(wanted: PupilScope, context: ControlContext) -> Iterator[Part]:
    """Stop mail of pupils to and from all domains but the school's and those that it names."""
    group = members(context)
    known = sorted({*(domain.lower() for domain in context.school.domains), *wanted.outside})
    written = _rule(wanted, context, from_member_of=group, except_if_recipient_domain_is=known)
    received = _rule(wanted, context, sent_to_member_of=group, except_if_sender_domain_is=known)
    rejects = wanted.act == "reject"
    yield Part(
        name="mail of pupils",
        covers=f"mail that pupils send and receive, but for {', '.join(known)}"
        + ("" if rejects else "; it is recorded and gets through"),
        limits=("chats in Teams are not covered", "a pupil who is not in the group is not met", _DYNAMIC),
        resources=(
            Resource("transport_rule", "School pupils: sent mail", written),
            Resource("transport_rule", "School pupils: received mail", received),
        ),
        pilots=True,
    )
    if not rejects:
        yield manual(
            "decision after the audit",
            "mail of pupils with people outside",
            "the rules only record: look at what they would stop, and write `act: reject` with `audited`",
        )


def _rule(wanted: PupilScope, context: ControlContext, **who: Any) -> TransportRule:
    return TransportRule(
        **who,
        rule_mode="Enforce" if wanted.act == "reject" else "Audit",
        reject_message_reason_text=wanted.reason,
        reject_message_enhanced_status_code="5.7.1",
        except_if_from=protected_mailboxes(context),
        except_if_sent_to=protected_mailboxes(context),
    )


def language_watch(wanted: LanguageWatch, context: ControlContext) -> Iterator[Part]:
    """Look for whole words, so that one inside another word is not met; the message is never in the report."""
    reports = wanted.act == "report"
    exempt = wanted.exempt_addresses(context.school, context.protected)
    rule = TransportRule(
        from_scope="InOrganization",
        from_member_of=members(context),
        subject_or_body_matches_patterns=[_whole(word) for word in wanted.words],
        except_if_from=exempt,
        except_if_sent_to=exempt,
        set_audit_severity="Low",
        generate_incident_report=wanted.reviewer if reports else UNSAID,
        incident_report_content=["Sender", "Recipients", "Subject"] if reports else UNSAID,
    )
    yield Part(
        name="words in sent mail",
        covers=f"sent mail of people who are not exempt, under {wanted.dpia}; the {wanted.reviewer_post} reads them",
        limits=(
            "a word says nothing about what was meant: no one is judged by it",
            OF_A_GROUP,
            "messages that are encrypted, and words in pictures, are not looked into",
        ),
        resources=(Resource("transport_rule", "School language watch", rule),),
        pilots=True,
    )


def _whole(word: str) -> str:
    """Return the pattern of a whole word; beside a sign, as in c++, there is no end of a word to look for."""
    before, after = (r"\b" if sign.isalnum() else "" for sign in (word[0], word[-1]))
    return f"{before}{re.escape(word)}{after}"


CONTROLS = (
    CloudControl("mail.language_watch", language_watch, pilots=True),
    CloudControl("mail.pupil_scope", pupil_scope, pilots=True),
    CloudControl("mail.mass_list_moderation", mass_list_moderation),
)
