"""Build the part of page one about the changes since the last released report."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.board_report.change_origin import PeriodRecord, find_origin
from toolkit.board_report.changes import kind_title
from toolkit.board_report.export import Export
from toolkit.board_report.partly_causes import JUDGED, clause_label, partly_cause
from toolkit.board_report.period import EarlierExport, FoundChange, ReportPast
from toolkit.board_report.plain_language import name_first
from toolkit.messages import one_of
from toolkit.planning.policy.statuses import PASSING, ClauseStanding, ClauseStatus
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day

_NAMED_DIFFERENCES = 3
"""How many differences page one names. It counts the others."""
_PASSING = frozenset(map(str, PASSING))


@dataclass(frozen=True, slots=True)
class SinceReleased:
    """The changes since the last released report. `at` is the time of that report, or None if none was released."""

    at: datetime | None
    told: str


@dataclass(frozen=True, slots=True)
class _Move:
    """The status of some rules in the last released report and now, and the reason if they have the same one."""

    was: str
    now: str
    why: str


def since_released(export: Export) -> SinceReleased:
    """Return the rules that came into place or fell out of place since the last released report, and open differences.

    A rule that fell out of place is still a rule of the policy, and the sentence says so.
    """
    if not export.past.released:
        return SinceReleased(None, "No report was released before this one.")
    last = export.past.released[0]
    at = last.at.astimezone(export.report.now.tzinfo)
    sentences = [f"Since the report of {day(at.date())}, {_moved_text(export, last)}.", *_outside_sentences(export)]
    return SinceReleased(at, " ".join(sentences))


def _moved_text(export: Export, last: EarlierExport) -> str:
    judged = [status for status in export.report.statuses if status.clause.of_class in JUDGED]
    compared = [status for status in judged if status.clause.name in last.statuses]
    moved = [
        status for status in compared if (status.status in PASSING) != (last.statuses[status.clause.name] in _PASSING)
    ]
    by_move: dict[_Move, list[ClauseStatus]] = {}
    for status in sorted(moved, key=lambda status: status.status not in PASSING):
        by_move.setdefault(_move_of(status, last, export), []).append(status)
    if by_move:
        return "; ".join(_move_text(move, statuses) for move, statuses in by_move.items())
    if not compared:
        return "no rule can be compared"
    among = "" if len(compared) == len(judged) else f", of {count_text(len(compared), 'rule')} that both reports judge"
    return f"the same rules are in place{among}"


def _move_of(status: ClauseStatus, last: EarlierExport, export: Export) -> _Move:
    was = last.statuses[status.clause.name]
    standing = ClauseStanding(was) if was in set(ClauseStanding) else None
    lost = status.status not in PASSING
    why = find_origin(status, standing, PeriodRecord(export, last)).why.rstrip(".") if lost else ""
    return _Move(was, clause_label(str(status.status), partly_cause(status)), why)


def _move_text(move: _Move, statuses: Sequence[ClauseStatus]) -> str:
    """Return the status of some rules in the last released report and now. A single rule is quoted."""
    names = name_first([status.clause.name for status in statuses])
    quoted = f" (“{statuses[0].clause.says.rstrip('.')}”)" if len(statuses) == 1 else ""
    are, were, rules = ("is", "was", "a rule") if len(statuses) == 1 else ("are", "were", "rules")
    if move.now in _PASSING:
        return f"{names} came into place: {were} “{move.was}”, {are} “{move.now}” now"
    return f"{names}{quoted} {are} still {rules}, but {were} “{move.was}” and {are} “{move.now}” now: {move.why}"


def _outside_sentences(export: Export) -> Iterator[str]:
    """Yield how many changes were found and put right, and which objects still differed at the last check."""
    past = export.past
    changes, corrected = past.since_released.found, past.since_released.put_right
    if changes:
        were = "was" if changes == 1 else "were"
        yield f"{count_text(changes, 'change')} outside the agreed set-up {were} found."
        yield f"{corrected or 'None'} {'were' if corrected > 1 else 'was'} put right."
    if changes or past.open:
        yield _still_different_text(past, export)


def _still_different_text(past: ReportPast, export: Export) -> str:
    if not past.open:
        return "Nothing of this was still different at the last check."
    named = [_difference_text(change, export) for change in past.still_different[:_NAMED_DIFFERENCES]]
    more = past.open - len(named)
    rest = [f"{more} more" if named else count_text(more, "difference")] if more else []
    return f"Still different at the last check: {one_of([*named, *rest], 'and')}."


def _difference_text(change: FoundChange, export: Export) -> str:
    since = day(change.since.astimezone(export.report.now.tzinfo).date())
    title = kind_title(change.address)
    return f"{title[:1].lower()}{title[1:]} (since {since})"
