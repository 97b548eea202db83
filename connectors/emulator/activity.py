"""When the people of the made-up school were last seen: signing in, and using their mail."""

from datetime import UTC, datetime

from connectors.emulator.school import School, Use

_YESTERDAY = datetime(2026, 11, 9, 8, 12, tzinfo=UTC)
_IN_SUMMER = datetime(2026, 7, 17, 14, 5, tzinfo=UTC)
_LAST_WEEK = datetime(2026, 11, 4, 7, 55, tzinfo=UTC)
_NEVER, _LONG_AGO, _DAYS_AGO = 11, 14, (4, 22)  # by the place in the list of staff


def last_seen(school: School) -> dict[str, datetime]:
    """Tell when each person was last seen, by the person's id; who never signed in is not in it."""
    staff = [person.id for person in school.people if person.use is Use.STAFF]
    seen = {person.id: _YESTERDAY for person in school.people}
    seen |= {staff[number]: _LAST_WEEK for number in _DAYS_AGO if number < len(staff)}
    seen |= {staff[_LONG_AGO]: _IN_SUMMER} if len(staff) > _LONG_AGO else {}
    if len(staff) > _NEVER:
        del seen[staff[_NEVER]]
    return seen
