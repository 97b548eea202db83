"""Who is out of office, in few calls: only the calendars of people whom free and busy shows as away are opened."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

from connectors.google_workspace.calendars import MOST, Calendars, Opened, Span
from connectors.google_workspace.people import PersonUnreadable, for_each
from connectors.google_workspace.permissions import needs
from toolkit.errors import ServiceError
from toolkit.records import dataclass
from toolkit.school.schedule import adjoining_periods
from toolkit.school.signals import Absence, Diaries
from toolkit.sdk import Permissions, Person

SOURCE = "Google Calendar"
PERMISSIONS = Permissions(needs("calendar.freebusy.query", "calendar.events.list"))
_LONG = timedelta(hours=8)
_DAY_OF_WORK = timedelta(hours=6)  # no school's working day is shorter
_OVER_A_WEEKEND = timedelta(days=4)  # from a Friday to a Tuesday, where the Monday is a holiday
_FURTHER = timedelta(days=21)  # before and after the days that are asked about

_Open: TypeAlias = Callable[[Sequence[str], Span, Span], Sequence[Opened | ServiceError]]


@dataclass(slots=True)
class _Seen:
    """What is known so far; raw answers are not kept."""

    within: Span  # that was asked about
    looked: Span  # that is read
    absences: list[Absence] = field(default_factory=list)
    keep: set[str] = field(default_factory=set)
    failed: dict[str, ServiceError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Glance:
    """What free and busy shows of some people."""

    busy: Sequence[Person]  # at any time
    away: Sequence[Person]  # perhaps
    others: Sequence[Person]
    hidden: Sequence[Person]  # it shows nothing of them, not even that they are free


def read_diaries(
    calendars: Calendars, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool
) -> Diaries:
    """Read the absences that overlap the time between two instants, each with what it goes on in before and after.

    Three weeks more are read on either side: on the last of three single days a person is away as on the first. One
    call asks when fifty people are busy. One call each then opens the calendars of those who may be away, with
    `everybody` of all, and in any case of those of whom free and busy shows nothing. Raises where no one's calendar
    can be read, unless that is because of who they are.
    """
    within = Span(begins.astimezone(UTC), ends.astimezone(UTC))
    seen = _Seen(within, Span(within.begins - _FURTHER, within.ends + _FURTHER))
    glances = list(_glances(calendars, people, seen))
    seen.keep.update(person.id for glance in glances for person in glance.busy)
    away = [person for glance in glances for person in (*glance.away, *(glance.others if everybody else ()))]
    _open(away, calendars.absences, seen)
    _open([person for glance in glances for person in glance.hidden], calendars.entries, seen)
    _raise_where_nobody(people, seen)
    return Diaries(
        tuple(seen.absences), frozenset(seen.keep), {person: str(error) for person, error in seen.failed.items()}
    )


def may_be_away(busy: Iterable[Span], within: Span) -> bool:
    """Say whether busy times could hide an absence of more than one working day.

    That is one of eight hours or more, one that goes on beyond the days that were asked about, or a working day's
    hours on two days with no more than a long weekend between them. Left to a look at everybody are days further
    apart, of people who work part-time.
    """
    blocks = list(_joined(busy))
    if any(block.begins <= within.begins or block.ends >= within.ends for block in blocks):
        return True
    hours: defaultdict[date, timedelta] = defaultdict(timedelta)
    for block in blocks:
        hours[block.begins.date()] += block.ends - block.begins
    return any(block.ends - block.begins >= _LONG for block in blocks) or any(
        later - earlier <= _OVER_A_WEEKEND and hours[earlier] + hours[later] >= _DAY_OF_WORK
        for earlier, later in pairwise(sorted(hours))
    )


def _joined(busy: Iterable[Span]) -> Iterator[Span]:
    """Make one of what overlaps or touches."""
    current: Span | None = None
    for span in sorted(busy):
        if current is None or span.begins > current.ends:
            if current is not None:
                yield current
            current = span
        else:
            current = Span(current.begins, max(current.ends, span.ends))
    if current is not None:
        yield current


def _glances(calendars: Calendars, people: Sequence[Person], seen: _Seen) -> Iterator[_Glance]:
    """Look at free and busy of everybody, fifty at once; those of a question that fails are unknown."""
    parts = [people[n : n + MOST] for n in range(0, len(people), MOST)]
    for part, glance in zip(parts, for_each(parts, lambda part: _glance(calendars, part, seen)), strict=True):
        if isinstance(glance, ServiceError):
            seen.failed.update({person.id: glance for person in part})
        else:
            yield glance


def _glance(calendars: Calendars, people: Sequence[Person], seen: _Seen) -> _Glance:
    busy = calendars.busy([person.address for person in people], seen.looked)
    found = {address: _around(seen.within, spans) for address, spans in busy.items()}
    shown = [person for person in people if person.address in found]
    away = [person for person in shown if may_be_away(found[person.address], seen.looked)]
    return _Glance(
        busy=[person for person in shown if found[person.address]],
        away=away,
        others=[person for person in shown if person not in away],
        hidden=[person for person in people if person.address not in found],
    )


def _around(within: Span, spans: Iterable[Span]) -> Sequence[Span]:
    found = adjoining_periods((within.begins, within.ends), ((span.begins, span.ends) for span in spans))
    return [Span(begins, ends) for begins, ends in found]


def _open(people: Sequence[Person], read: _Open, seen: _Seen) -> None:
    """Open calendars, fifty at once."""
    for n in range(0, len(people), MOST):
        part = people[n : n + MOST]
        answers = read([person.address for person in part], seen.looked, seen.within)
        for person, opened in zip(part, answers, strict=True):
            if isinstance(opened, ServiceError):
                seen.failed[person.id] = opened
                continue
            whole = set(_around(seen.within, opened.away))
            away = [span for span in opened.away if span in whole]
            seen.absences.extend(Absence(person.id, span.begins, span.ends, SOURCE) for span in away)
            seen.keep.update([person.id] if opened.anything or away else [])


def _raise_where_nobody(people: Sequence[Person], seen: _Seen) -> None:
    lasting = [error for error in seen.failed.values() if not isinstance(error, PersonUnreadable)]
    if people and len(seen.failed) == len(people) == len(lasting):
        raise lasting[0]
