"""Build the parts of page one about lapsed entries and about how each fact is known."""

from collections.abc import Iterator, Sequence
from datetime import date

from toolkit.board_report.expiring import ExpiryLine
from toolkit.board_report.plain_language import title_of
from toolkit.board_report.registers import BY_OPERATOR, ConfirmationLine
from toolkit.engine.policy import PolicyReport
from toolkit.messages import one_of
from toolkit.planning.verdicts.object_reasons import MAY_NOT_WORK
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.verdict import FactVerdict

_NAMED_LAPSES = 6
"""How many lapsed entries page one names. It counts the others."""
_SOON_DAYS = 14
"""How many days ahead page one names entries that end."""
_TESTED_ON = ", tested on "
_CONFIRMATION = "Confirmation: "


@dataclass(frozen=True, slots=True)
class LapseLine:
    """A confirmation, test, record or credential that has ended or ends soon, and the person who must act."""

    what: str
    ended: date
    acts: str | None


@dataclass(frozen=True, slots=True)
class LapseSection:
    """The entries that have lapsed, oldest first, and the same as sentences for page one.

    `soon` has the entries that end within 14 days, and `soon_told` is a sentence about them, or "" if none ends.
    """

    lines: Sequence[LapseLine]
    told: Sequence[str]
    soon: Sequence[LapseLine]
    soon_told: str


def lapse_section(
    ends: Sequence[ExpiryLine], confirmations: Sequence[ConfirmationLine], *, review: str, unread: Sequence[str]
) -> LapseSection:
    """Return the confirmations and credentials that have ended.

    `ends` holds every entry with an end date. The sentence about the `review` of the policy refers to the top of page
    one, which states its date. A confirmation or test that a later one replaces has not lapsed. `unread` names dates
    that could not be read.
    """
    valid = {_confirmed_subject(line.what) for line in confirmations if line.state == "counts"}
    ignored = {_confirmed_subject(line.what) for line in confirmations if line.state not in {"counts", "overdue"}}
    current = [
        line
        for line in ends
        if _confirmed_subject(line.what.removeprefix(_CONFIRMATION)) not in valid | ignored or line.state != "ended"
    ]
    lines = [LapseLine(line.what, line.ends, line.acts) for line in current if line.state == "ended"]
    soon = [
        LapseLine(line.what, line.ends, line.acts)
        for line in current
        if line.state != "ended" and line.days <= _SOON_DAYS
    ]
    return LapseSection(lines, list(_lapse_sentences(lines, review, unread)), soon, _soon_sentence(soon))


def _soon_sentence(soon: Sequence[LapseLine]) -> str:
    if not soon:
        return ""
    named = [f"{line.what} ({day(line.ended)})" for line in soon[:_NAMED_LAPSES]]
    more = len(soon) - _NAMED_LAPSES
    return f"Ends within {_SOON_DAYS} days: {'; '.join(named)}{f'; and {more} more' if more > 0 else ''}."


def _confirmed_subject(what: str) -> str:
    """Return the subject of a confirmation. Tests of a control on different networks have the same subject."""
    return what.partition(_TESTED_ON)[0]


def _lapse_sentences(lines: Sequence[LapseLine], review: str, unread: Sequence[str]) -> Iterator[str]:
    others = [line for line in lines if line.what != review]
    if len(others) < len(lines):
        yield "The policy is overdue for its review: see the top of this page."
    for line in others[:_NAMED_LAPSES]:
        acts = f" To act: {line.acts}." if line.acts else ""
        yield f"{line.what}, ended on {day(line.ended)}.{acts}"
    more = len(others) - _NAMED_LAPSES
    if more > 0:
        yield f"{more} more, listed under “What has ended”."
    if not others:
        yield f"Nothing {'else ' if lines else ''}that was read or recorded has lapsed."
    if unread:
        more_unread = len(unread) - _NAMED_LAPSES
        names = [*unread[:_NAMED_LAPSES], *([f"{more_unread} more"] if more_unread > 0 else [])]
        yield f"{count_text(len(unread), 'end date')} could not be read: {'; '.join(names)}."


@dataclass(frozen=True, slots=True)
class KnownBy:
    """How many facts a computer read and people stated, how many could not be read, and the same as sentences."""

    read: int
    stated: int
    unread: int
    told: Sequence[str]


def known_by(report: PolicyReport, confirmations: Sequence[ConfirmationLine]) -> KnownBy:
    """Return which facts of the report a computer read, and at which time, and which facts people stated."""
    facts = {
        (fact.provider, fact.control, fact.subject, fact.reason): fact
        for status in report.statuses
        for fact in status.evidence
    }.values()
    read = sum(fact.read_at is not None and fact.verdict is not FactVerdict.UNREAD for fact in facts)
    unread = sum(fact.verdict is FactVerdict.UNREAD and not fact.reason.has(MAY_NOT_WORK) for fact in facts)
    valid = [line for line in confirmations if line.state in {"counts", "failed"}]
    return KnownBy(read, len(valid), unread, list(_known_by_sentences(report, read, unread, valid)))


def _known_by_sentences(
    report: PolicyReport, read: int, unread: int, valid: Sequence[ConfirmationLine]
) -> Iterator[str]:
    reached = [title_of(name) for name in report.playbooks.school.tenants if name in report.tenants]
    missed = [title_of(name) for name in report.playbooks.school.tenants if name not in report.tenants]
    if reached:
        when = f"{day(report.now.date())} at {report.now:%H:%M}"
        yield (
            f"A computer read {one_of(reached, 'and')} on {when} ({count_text(read, 'fact')}): settings, accounts and"
            " devices."
        )
    if missed:
        yield f"{one_of(missed, 'and')} could not be reached, so nothing about it was read."
    if unread:
        yield f"{count_text(unread, 'fact')} could not be read."
    yield f"People stated, and no computer checked: {one_of(_stated_texts(report, valid), 'and')}."
    operator = sum(line.by.endswith(BY_OPERATOR) for line in valid)
    if operator:
        yield f"{operator} of these {'is' if operator == 1 else 'are'} the word of the person who runs this tool."


def _stated_texts(report: PolicyReport, valid: Sequence[ConfirmationLine]) -> Iterator[str]:
    registers = report.playbooks.registers
    if any(_TESTED_ON in line.what for line in valid):
        yield "the tests of filtering and monitoring"
    if registers.filtering.lead or registers.filtering.governor:
        yield "who leads on them"
    yield "the policy’s dates"
    yield "the school’s registers"
    if not valid:
        yield "no confirmation or test, because none is on file"
        return
    dates = sorted(line.on for line in valid)
    span = day(dates[0]) if dates[0] == dates[-1] else f"{day(dates[0])} to {day(dates[-1])}"
    yield f"{count_text(len(valid), 'confirmation or test', 'confirmations and tests')} ({span})"
