"""Who is out of office, as calendars say it: everybody's schedule, and the calendar where that says too little."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern

from connectors.microsoft365.calendar_absences import read_calendars, reason
from connectors.microsoft365.graph import Graph
from connectors.microsoft365.mailboxes import raise_for_everybody
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.schedules import LONGEST, Schedule, read_schedules
from toolkit.errors import ServiceError
from toolkit.sdk.directory import Person
from toolkit.sdk.permission import Permissions
from toolkit.sdk.signals import Absence, Diaries
from toolkit.sdk.stretch import Stretch, around, overlaps

SOURCE = "Outlook calendar"
PERMISSIONS = Permissions((graph("Calendars.ReadBasic"),))
_BEFORE = timedelta(days=21)


def read_diaries(
    graph: Graph, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool
) -> Diaries:
    """Read who is out of office between two instants; what the app needs stands in PERMISSIONS.

    Schedules are asked about as many days as Outlook tells at once, so that most absences are seen whole. A calendar
    is opened where one goes on beyond even these, for a month; with `everybody` all are. Time that is merely busy is
    no absence in a calendar either. For 400 people it takes a request, and another one for 20 calendars. What was
    answered is dropped as soon as it is understood.
    """
    window, looked = (begins, ends), _around_it((begins, ends))
    reading = _Reading(window, looked, everybody=everybody)
    with_mailbox = [person for person in people if person.mailbox]
    reading.unknown |= {person.id: "there is no mailbox" for person in people if not person.mailbox}
    for schedule in read_schedules(graph, with_mailbox, looked, window):
        reading.take(schedule)
    unread = dict.fromkeys((person.id for person in with_mailbox if everybody), "")
    reading.open(read_calendars(graph, {**unread, **reading.zones}, looked))
    return reading.diaries()


def _around_it(window: Stretch) -> Stretch:
    """Widen a window to what Outlook tells at once; one that is longer stays as it is."""
    begins, ends = window
    more = max(LONGEST - (ends - begins), timedelta())
    before = min(_BEFORE, more / 2)
    return begins - before, ends + (more - before)


@dataclass(slots=True)
class _Reading:
    """What is known so far of everybody, by id."""

    window: Stretch  # that was asked about
    looked: Stretch  # that the schedules tell of
    everybody: bool  # has the calendar opened
    away: dict[str, list[Stretch]] = field(default_factory=dict)
    keep: set[str] = field(default_factory=set)
    zones: dict[str, str] = field(default_factory=dict)  # of those whose calendar is to be opened
    unknown: dict[str, str] = field(default_factory=dict)

    def take(self, schedule: Schedule) -> None:
        """Note a schedule, and whether the calendar has to be opened as well."""
        person = schedule.person.id
        if schedule.unknown:
            self.unknown[person] = schedule.unknown
            return
        if schedule.away:
            self.away.setdefault(person, []).extend(schedule.away)
        self.keep |= {person} if schedule.keeps else set()
        begins, ends = self.looked
        if self.everybody or any(first <= begins or last >= ends for first, last in schedule.away):
            self.zones[person] = intern(schedule.zone)  # that of nearly everybody is the same

    def open(self, calendars: Iterable[tuple[str, Sequence[Stretch] | ServiceError | str]]) -> None:
        """Note what calendars show; one that cannot be read leaves its owner unknown.

        Raises where none of everybody's could be read.
        """
        read, refusals = False, list[ServiceError]()
        for person, found in calendars:
            if isinstance(found, ServiceError | str):
                self.unknown[person] = reason(found)
                refusals += [found] if isinstance(found, ServiceError) else []
                continue
            read = True
            if self.everybody:
                self.unknown.pop(person, None)  # its schedule could not be read, and need not be
            if person not in self.unknown:
                only_in_schedule = [span for span in self.away.get(person, []) if not overlaps(span, found)]
                self.away[person] = [*found, *only_in_schedule]
        if self.everybody and not read:
            raise_for_everybody(refusals)

    def diaries(self) -> Diaries:
        """Put together what is known; what somebody has no time for is not told."""
        absences = [
            Absence(person, begins, ends, SOURCE)
            for person, spans in self.away.items()
            if person not in self.unknown
            for begins, ends in around(self.window, spans)
        ]
        self.keep |= {one.person for one in absences}
        self.keep -= self.unknown.keys()
        return Diaries(tuple(absences), self.keep, self.unknown)
