"""Who is out of office, in few calls: only the calendars of people whom free and busy shows as away are opened."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

from connectors.google_workspace.calendars import MOST, CalendarEntries, Calendars, Span
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

_Open: TypeAlias = Callable[[Sequence[str], Span, Span], Sequence[CalendarEntries | ServiceError]]


@dataclass(slots=True)
class _Progress:
    """What is known so far; raw answers are not kept."""

    requested_span: Span  # that was asked about
    read_span: Span  # that is read
    absences: list[Absence] = field(default_factory=list)
    has_entries: set[str] = field(default_factory=set)
    failures: dict[str, ServiceError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Glance:
    """What free and busy shows of some people."""

    busy: Sequence[Person]  # at any time
    away: Sequence[Person]  # perhaps
    not_away: Sequence[Person]
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
    requested_span = Span(begins.astimezone(UTC), ends.astimezone(UTC))
    progress = _Progress(requested_span, Span(requested_span.begins - _FURTHER, requested_span.ends + _FURTHER))
    glances = list(_glances(calendars, people, progress))
    progress.has_entries.update(person.id for glance in glances for person in glance.busy)
    away = [person for glance in glances for person in (*glance.away, *(glance.not_away if everybody else ()))]
    _open(away, calendars.absences, progress)
    _open([person for glance in glances for person in glance.hidden], calendars.entries, progress)
    _raise_if_no_one(people, progress)
    return Diaries(
        tuple(progress.absences),
        frozenset(progress.has_entries),
        {person: str(error) for person, error in progress.failures.items()},
    )


def may_be_away(busy: Iterable[Span], requested_span: Span) -> bool:
    """Say whether busy times could hide an absence of more than one working day.

    That is one of eight hours or more, one that goes on beyond the days that were asked about, or a working day's
    hours on two days with no more than a long weekend between them. Left to a look at everybody are days further
    apart, of people who work part-time.
    """
    blocks = list(_merge_spans(busy))
    if any(block.begins <= requested_span.begins or block.ends >= requested_span.ends for block in blocks):
        return True
    hours: defaultdict[date, timedelta] = defaultdict(timedelta)
    for block in blocks:
        hours[block.begins.date()] += block.ends - block.begins
    return any(block.ends - block.begins >= _LONG for block in blocks) or any(
        later - earlier <= _OVER_A_WEEKEND and hours[earlier] + hours[later] >= _DAY_OF_WORK
        for earlier, later in pairwise(sorted(hours))
    )


def _merge_spans(busy: Iterable[Span]) -> Iterator[Span]:
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


def _glances(calendars: Calendars, people: Sequence[Person], progress: _Progress) -> Iterator[_Glance]:
    """Look at free and busy of everybody, fifty at once; those of a question that fails are unknown."""
    parts = [people[n : n + MOST] for n in range(0, len(people), MOST)]
    for part, glance in zip(parts, for_each(parts, lambda part: _glance(calendars, part, progress)), strict=True):
        if isinstance(glance, ServiceError):
            progress.failures.update({person.id: glance for person in part})
        else:
            yield glance


def _glance(calendars: Calendars, people: Sequence[Person], progress: _Progress) -> _Glance:
    busy = calendars.busy([person.address for person in people], progress.read_span)
    spans_by_address = {address: _adjoining_spans(progress.requested_span, spans) for address, spans in busy.items()}
    visible_people = [person for person in people if person.address in spans_by_address]
    away = [person for person in visible_people if may_be_away(spans_by_address[person.address], progress.read_span)]
    return _Glance(
        busy=[person for person in visible_people if spans_by_address[person.address]],
        away=away,
        not_away=[person for person in visible_people if person not in away],
        hidden=[person for person in people if person.address not in spans_by_address],
    )


def _adjoining_spans(requested_span: Span, spans: Iterable[Span]) -> Sequence[Span]:
    periods = adjoining_periods(
        (requested_span.begins, requested_span.ends), ((span.begins, span.ends) for span in spans)
    )
    return [Span(begins, ends) for begins, ends in periods]


def _open(people: Sequence[Person], read: _Open, progress: _Progress) -> None:
    """Open calendars, fifty at once."""
    for n in range(0, len(people), MOST):
        part = people[n : n + MOST]
        answers = read([person.address for person in part], progress.read_span, progress.requested_span)
        for person, opened in zip(part, answers, strict=True):
            if isinstance(opened, ServiceError):
                progress.failures[person.id] = opened
                continue
            adjoining = set(_adjoining_spans(progress.requested_span, opened.away))
            away = [span for span in opened.away if span in adjoining]
            progress.absences.extend(Absence(person.id, span.begins, span.ends, SOURCE) for span in away)
            progress.has_entries.update([person.id] if opened.anything or away else [])


def _raise_if_no_one(people: Sequence[Person], progress: _Progress) -> None:
    lasting = [error for error in progress.failures.values() if not isinstance(error, PersonUnreadable)]
    if people and len(progress.failures) == len(people) == len(lasting):
        raise lasting[0]
