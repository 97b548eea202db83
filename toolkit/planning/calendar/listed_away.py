"""Finds who is listed in a file of absences and does not work here any more; a person is told by the line alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from toolkit.planning.calendar.expiry import ExpiryState, Turn
from toolkit.planning.names import PEOPLE, Tenancy
from toolkit.playbook.absences import WrittenAbsence
from toolkit.sdk.resource import Origin

_DELETE = "delete the line, or export the file again"


def listed(
    path: str,
    absences: Sequence[WrittenAbsence],
    tenancies: Mapping[str, Tenancy],
    *,
    now: datetime,
    until: date | None,
) -> Iterator[Turn]:
    """Give each line about somebody who is gone, and the file itself where all of it is over.

    `until` is the last day of the last term: whoever is away for longer is away for good.
    """
    if absences and all(one.ends <= now for one in absences):
        found = "every absence in it is over"
        yield Turn(
            origin=Origin(path, 1), name="absences", state=ExpiryState.OVER, found=found, advice="export it again"
        )
        return
    unread = [tenancy for tenancy in tenancies.values() if PEOPLE in tenancy.directory.unknown]
    for one in absences:
        people = [person for tenancy in tenancies.values() for person in tenancy.people(one.address)]
        origin, name = Origin(path, one.line), f"person of line {one.line}"
        if not people and not unread:
            found = "no account of the school has this address"
            yield Turn(origin=origin, name=name, state=ExpiryState.GONE, found=found, advice=_DELETE)
        elif people and not any(person.enabled for person in people):
            found = "the account is disabled: whoever had it has left"
            yield Turn(origin=origin, name=name, state=ExpiryState.LEFT, found=found, advice=_DELETE)
        elif until and one.ends.date() > until:
            found = "away for longer than the calendar has terms"
            advice = "where it is for good, take the person out of groups and patterns, and delete the line"
            yield Turn(origin=origin, name=name, state=ExpiryState.LEFT, found=found, advice=advice)
