"""Controls about whom pupils write to and about words in mail: mail rules."""

import re
from collections.abc import Iterator
from typing import Any

from connectors.microsoft365.controls.targets import members, protected_mailboxes
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.mail_scope import LanguageWatch, PupilScope
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, manual
from toolkit.sdk.spec import UNSAID

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
        level=Level.ENFORCED,
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
    exempt = wanted.spared(context.school, context.protected)
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
        level=Level.ENFORCED,
        covers=f"sent mail of people who are not exempt, under {wanted.dpia}; the {wanted.reviewer_post} reads them",
        limits=(
            "a word says nothing about what was meant: no one is judged by it",
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
)
