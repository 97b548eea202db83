"""Reads who is out of office, with few calls.

It opens a calendar only if its owner's busy times may hide an absence.
"""

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
_DAY_OF_WORK = timedelta(hours=6)  # a school's working day is never shorter
_OVER_A_WEEKEND = timedelta(days=4)  # from a Friday to a Tuesday, if the Monday is a holiday
_FURTHER = timedelta(days=21)  # before and after the requested days

_Open: TypeAlias = Callable[[Sequence[str], Span, Span], Sequence[CalendarEntries | ServiceError]]


@dataclass(slots=True)
class _Progress:
    """The absences and errors of the people whose calendars have been read so far. Responses are not kept."""

    requested_span: Span  # the requested period
    read_span: Span  # the period to read
    absences: list[Absence] = field(default_factory=list)
    has_entries: set[str] = field(default_factory=set)
    failures: dict[str, ServiceError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Glance:
    """The free/busy times of some people, as one request returned them."""

    busy: Sequence[Person]  # busy at any time
    away: Sequence[Person]  # possibly away
    not_away: Sequence[Person]
    hidden: Sequence[Person]  # free/busy shows nothing, not even that they are free


def read_diaries(
    calendars: Calendars, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool
) -> Diaries:
    """Return the absences in a period, and absences just before or after the period that continue them.

    Three more weeks are read on either side, because single days can belong to one absence. One call returns the busy
    times of 50 people. Then one call for each person opens the calendars of people who may be away, or whose busy times
    are not shown. With `everybody`, all calendars are opened. Raise an error if no calendar can be read, unless each
    has a reason of its own.
    """
    requested_span = Span(begins.astimezone(UTC), ends.astimezone(UTC))
    progress = _Progress(requested_span, Span(requested_span.begins - _FURTHER, requested_span.ends + _FURTHER))
    glances = list(_read_glances(calendars, people, progress))
    progress.has_entries.update(person.id for glance in glances for person in glance.busy)
    away = [person for glance in glances for person in (*glance.away, *(glance.not_away if everybody else ()))]
    _open_calendars(away, calendars.absences, progress)
    _open_calendars([person for glance in glances for person in glance.hidden], calendars.entries, progress)
    _raise_if_no_one(people, progress)
    return Diaries(
        tuple(progress.absences),
        frozenset(progress.has_entries),
        {person: str(error) for person, error in progress.failures.items()},
    )


def may_be_away(busy: Iterable[Span], requested_span: Span) -> bool:
    """Return whether busy times may hide an absence of more than one working day.

    That is a busy time of eight hours or more, a busy time that continues beyond the requested days, or a busy working
    day on two days with at most a long weekend between them. If days off are further apart, as for part-time staff,
    only the calendar shows the absence.
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
    """Yield the busy times. Times that overlap or touch are merged."""
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


def _read_glances(calendars: Calendars, people: Sequence[Person], progress: _Progress) -> Iterator[_Glance]:
    """Yield people's free/busy times, 50 people in a request. If a request fails, its people are unknown."""
    parts = [people[n : n + MOST] for n in range(0, len(people), MOST)]
    for part, glance in zip(parts, for_each(parts, lambda part: _read_glance(calendars, part, progress)), strict=True):
        if isinstance(glance, ServiceError):
            progress.failures.update({person.id: glance for person in part})
        else:
            yield glance


def _read_glance(calendars: Calendars, people: Sequence[Person], progress: _Progress) -> _Glance:
    busy = calendars.busy([person.address for person in people], progress.read_span)
    spans_by_address = {
        address: _find_adjoining_spans(progress.requested_span, spans) for address, spans in busy.items()
    }
    visible_people = [person for person in people if person.address in spans_by_address]
    away = [person for person in visible_people if may_be_away(spans_by_address[person.address], progress.read_span)]
    return _Glance(
        busy=[person for person in visible_people if spans_by_address[person.address]],
        away=away,
        not_away=[person for person in visible_people if person not in away],
        hidden=[person for person in people if person.address not in spans_by_address],
    )


def _find_adjoining_spans(requested_span: Span, spans: Iterable[Span]) -> Sequence[Span]:
    periods = adjoining_periods(
        (requested_span.begins, requested_span.ends), ((span.begins, span.ends) for span in spans)
    )
    return [Span(begins, ends) for begins, ends in periods]


def _open_calendars(people: Sequence[Person], read: _Open, progress: _Progress) -> None:
    """Open people's calendars, 50 in a request, and add the results to `progress`."""
    for n in range(0, len(people), MOST):
        part = people[n : n + MOST]
        answers = read([person.address for person in part], progress.read_span, progress.requested_span)
        for person, opened in zip(part, answers, strict=True):
            if isinstance(opened, ServiceError):
                progress.failures[person.id] = opened
                continue
            adjoining = set(_find_adjoining_spans(progress.requested_span, opened.away))
            away = [span for span in opened.away if span in adjoining]
            progress.absences.extend(Absence(person.id, span.begins, span.ends, SOURCE) for span in away)
            progress.has_entries.update([person.id] if opened.anything or away else [])


def _raise_if_no_one(people: Sequence[Person], progress: _Progress) -> None:
    lasting = [error for error in progress.failures.values() if not isinstance(error, PersonUnreadable)]
    if people and len(progress.failures) == len(people) == len(lasting):
        raise lasting[0]
