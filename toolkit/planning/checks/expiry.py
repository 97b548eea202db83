"""The expiry board: a list of the school's items that have ended, will end soon, or could not be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from toolkit.playbook.register_clocks import Incident, Loan, Request
from toolkit.playbook.registers import Expires, Registers
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.dates import day
from toolkit.sdk.expiry import OFFICE, RECORDED, ROWS, ExpiringItem, ExpirySource
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import AS_RECORDED, Reason


class BoardState(StrEnum):
    """The possible states of an entry on the expiry board, the worst state first."""

    ENDED = "ended"
    UNKNOWN = "unknown"
    SOON = "soon"
    NOT_RECORDED = "not_recorded"
    UNAVAILABLE = "unavailable"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryEntry:
    """An entry on the expiry board: an item of the school with its end date and state."""

    row: str
    provider: str
    what: str
    state: BoardState
    acts: str
    ends: date | None = None
    days_left: int | None = None  # days from today, negative if it has ended
    within: int | None = None  # the smallest limit of the row that it is within
    count: int = 1
    reason: Reason | None = None
    read: str = ""  # the request that shows it, or the line of the register


def to_expiry_entry(
    expiring_item: ExpiringItem,
    row_name: str,
    provider: str,
    warning_days: Sequence[int],
    now: datetime,
    *,
    next_action: str,
    source: str,
) -> ExpiryEntry:
    """Return the expiry board's entry for an item with an end date. `now` is in the school's time zone."""
    ends = _end_instant(expiring_item.ends, now) if expiring_item.ends else None
    left = (ends.date() - now.date()).days if ends else None
    within = min((limit for limit in warning_days if left is not None and left <= limit), default=None)
    if expiring_item.wrong or (ends and ends <= now):
        state = BoardState.ENDED
    elif expiring_item.unknown:
        state = BoardState.UNKNOWN
    else:
        state = BoardState.LATER if within is None else BoardState.SOON
    return ExpiryEntry(
        row=row_name,
        provider=provider,
        what=expiring_item.what,
        state=state,
        acts=next_action,
        ends=ends.date() if ends else None,
        days_left=left,
        within=within if state is BoardState.SOON else None,
        count=expiring_item.count,
        reason=AS_RECORDED(text=expiring_item.note) if expiring_item.note else None,
        read=source,
    )


def _end_instant(end: datetime | date, now: datetime) -> datetime:
    return end.astimezone(now.tzinfo) if isinstance(end, datetime) else datetime.combine(end, time.max, now.tzinfo)


def entry_for_unread_source(source: ExpirySource, provider: str, state: BoardState, reason: Reason) -> ExpiryEntry:
    """Return the entry that reports, on the expiry board, that a source of end dates could not be read."""
    row = ROWS[source.row]
    return ExpiryEntry(
        row=source.row, provider=provider, what=row.title, state=state, acts=row.acts, reason=reason, read=source.wire
    )


def entries_from_registers(registers: Registers, school: School, now: datetime) -> Iterator[ExpiryEntry]:
    """Yield the expiry board's entries from the school's registers.

    A domain that no register contains gets an entry too.
    """
    for entry in registers.expires:
        yield to_expiry_entry(
            _item_for_expected_event(entry),
            RECORDED,
            SCHOOL,
            entry.days,
            now,
            next_action=entry.acts,
            source=str(entry.origin),
        )
    entries: list[Incident | Request | Loan] = [*registers.incidents, *registers.requests, *registers.loans]
    for waiting in entries:
        if next_step := _next_action(waiting, now):
            acts, days = _ACTS[type(waiting)]
            yield to_expiry_entry(next_step, RECORDED, SCHOOL, days, now, next_action=acts, source=str(waiting.origin))
    named = {word for entry in registers.expires for word in entry.what.lower().split()}
    for domain in school.domains if registers.board or registers.expires else ():
        if domain not in named:
            yield ExpiryEntry(
                row=RECORDED,
                provider=SCHOOL,
                what=f"domain {domain}",
                state=BoardState.NOT_RECORDED,
                acts=ROWS[RECORDED].acts,
                reason=AS_RECORDED(text="no service shows when the domain expires. Write the date under `expires:`"),
            )


_ACTS: Mapping[type, tuple[str, Sequence[int]]] = {
    Incident: ("Data Protection Officer", (3,)),
    Request: ("Head Teacher", (7,)),
    Loan: (OFFICE, (1,)),
}
"""Who must act on an entry that waits, and how many days before its end it is shown as ending soon."""


def _next_action(entry: Incident | Request | Loan, now: datetime) -> ExpiringItem | None:
    """Return the next action on an incident, a request or a loan, with the date by which it must be done.

    Return None if there is none.
    """
    match entry:
        case Incident():
            by = entry.ico_deadline(now.tzinfo)
            end = by.astimezone(now.tzinfo) if by else None
            note = f"decide by {end:%H:%M} on {day(end.date())}" if end else ""
            return ExpiringItem(what=f"72 hours to tell the ICO: {entry.what}", ends=by, note=note) if by else None
        case Request():
            by_day = entry.answer_by
            return ExpiringItem(what=f"time to answer a request: {entry.what}", ends=by_day) if by_day else None
        case Loan():
            done = entry.back is not None and entry.back <= now.date()
            return None if done else ExpiringItem(what=f"log-in {entry.log_in}, lent to: {entry.to}", ends=entry.until)


def _item_for_expected_event(entry: Expires) -> ExpiringItem:
    if entry.seen is None:
        return ExpiringItem(what=entry.what, ends=entry.last)
    note = f"last seen on {day(entry.seen)}, expected every {entry.every} days"
    return ExpiringItem(what=f"time for the next {entry.what.removeprefix('last ')}", ends=entry.last, note=note)


def sort_board(entries: Iterable[ExpiryEntry]) -> Sequence[ExpiryEntry]:
    """Sort the board's entries by state, the worst first, and then by end date."""
    states = list(BoardState)
    return sorted(entries, key=lambda entry: (states.index(entry.state), entry.ends or date.max, entry.what))


def to_school_time(now: datetime, school: School) -> datetime:
    """Convert a time to the school's time zone."""
    return now.astimezone(ZoneInfo(school.time_zone))
