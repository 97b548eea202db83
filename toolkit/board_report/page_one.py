"""Build the parts of page one about lapsed entries, changes since the last release, and how each fact is known."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from toolkit.board_report.expiring import ExpiryLine
from toolkit.board_report.export import Export
from toolkit.board_report.partly_causes import PartlyCause, partly_cause
from toolkit.board_report.period import Course
from toolkit.board_report.plain_language import title_of
from toolkit.board_report.registers import BY_OPERATOR, ConfirmationLine
from toolkit.board_report.summary import JUDGED
from toolkit.engine.policy import PolicyReport
from toolkit.messages import one_of
from toolkit.planning.policy.statuses import PASSING, ClauseStanding, ClauseStatus
from toolkit.planning.verdicts.object_reasons import MAY_NOT_WORK
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.verdict import FactVerdict

_NAMED_CLAUSES = 4
"""How many clauses a sentence about changes names. It counts the others."""
_NAMED_LAPSES = 6
"""How many lapsed entries page one names. It counts the others."""
_SOON_DAYS = 14
"""How many days ahead page one names entries that end."""
_TESTED_ON = ", tested on "
_CONFIRMATION = "Confirmation: "


@dataclass(frozen=True, slots=True)
class LapseLine:
    """A confirmation, test, record or credential that has ended, and the person who must act."""

    what: str
    ended: date
    acts: str | None


@dataclass(frozen=True, slots=True)
class LapseSection:
    """The entries that have lapsed, oldest first, and the same as sentences for page one.

    `soon_told` is a sentence about the entries that end within 14 days, or "" if none ends.
    """

    lines: Sequence[LapseLine]
    told: Sequence[str]
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
    soon = [line for line in current if line.state != "ended" and line.days <= _SOON_DAYS]
    return LapseSection(lines, list(_lapse_sentences(lines, review, unread)), _soon_sentence(soon))


def _soon_sentence(soon: Sequence[ExpiryLine]) -> str:
    if not soon:
        return ""
    named = [f"{line.what} ({day(line.ends)})" for line in soon[:_NAMED_LAPSES]]
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
class SinceReleased:
    """The changes since the last released report. `at` is the time of that report, or None if none was released."""

    at: datetime | None
    told: str


def since_released(export: Export) -> SinceReleased:
    """Return which rules came into place or are no longer in place since the last released report."""
    if not export.past.released:
        return SinceReleased(None, "No report was released before this one.")
    last = export.past.released[0]
    judged = [status for status in export.report.statuses if status.clause.of_class in JUDGED]
    passing = {str(standing) for standing in PASSING}
    compared = [status for status in judged if status.clause.name in last.statuses]
    gained = [
        status.clause.name
        for status in compared
        if status.status in PASSING and last.statuses[status.clause.name] not in passing
    ]
    lost = [
        status for status in compared if status.status not in PASSING and last.statuses[status.clause.name] in passing
    ]
    parts = [
        *([f"{_name_clauses(gained)} came into place"] if gained else []),
        *_lost_texts([status for status in lost if _is_known_lost(status)], "no longer in place"),
        *_lost_texts([status for status in lost if not _is_known_lost(status)], "no longer shown to be in place"),
    ]
    moved = one_of(parts, "and") if parts else "no rule came into place, and none was lost"
    course = export.past.since_released
    outside_changes = f" {_found_text(course)}" if course.found else ""
    at = last.at.astimezone(export.report.now.tzinfo)
    return SinceReleased(at, f"Since the report of {day(at.date())}, {moved}.{outside_changes}")


def _is_known_lost(status: ClauseStatus) -> bool:
    """Return whether something that was read is wrong. Otherwise, the rule may still be in place."""
    unknown = status.status is ClauseStanding.NOT_CHECKED
    return not unknown and partly_cause(status) not in {PartlyCause.UNCERTAIN, PartlyCause.UNCONFIRMED}


def _lost_texts(lost: Sequence[ClauseStatus], state: str) -> Iterator[str]:
    """Yield that rules have lost their status. A single rule is quoted."""
    match lost:
        case []:
            return
        case [status]:
            yield f"{status.clause.name} (“{status.clause.says.rstrip('.')}”) is {state}"
        case _:
            yield f"{_name_clauses([status.clause.name for status in lost])} are {state}"


def _found_text(course: Course) -> str:
    number, were = count_text(course.found, "change"), "was" if course.found == 1 else "were"
    corrected = "1 was" if course.put_right == 1 else f"{course.put_right} were"
    return f"{number} outside the agreed set-up {were} found, and {corrected} put right."


def _name_clauses(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_CLAUSES
    return f"{', '.join(names[:_NAMED_CLAUSES])} and {more} more" if more > 0 else one_of(names, "and")


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
