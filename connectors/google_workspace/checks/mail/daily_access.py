"""How many people opened their mail in the last working days, by what Google's reports know some days later."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.permissions import needs as leave
from toolkit.tenant.calendar import Calendar, Days, Pattern
from toolkit.tenant.check import Occasion, looked_at
from toolkit.tenant.finding import Finding, Status
from toolkit.tenant.permission import Permission
from toolkit.values import Json

SUBJECT = "mail opened each working day"
_YEAR = timedelta(days=366)
_FRIDAY = 4


class DailyAccess(Protocol):
    """What is asked of everybody."""

    @property
    def working_days(self) -> int: ...

    @property
    def dpia(self) -> str | None: ...


def needs(settings: object) -> tuple[Permission, ...]:
    """Name what the service account and its administrator need, once an impact assessment covers it."""
    return leave("directory.users.list", "reports.userUsageReport.get") if cast(DailyAccess, settings).dpia else ()


def check(settings: object, context: Occasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count who opened their mail; whoever Google has no figure of is counted apart and judged by nothing."""
    days = cast(DailyAccess, settings).working_days
    if cast(DailyAccess, settings).dpia:
        yield looked_at(SUBJECT, lambda: _counted(days, context, via))


def _counted(days: int, context: Occasion, via: GoogleWorkspace) -> Finding:
    people = [key for key, one in via.accounts.all().items() if not one.closed and context.reaches(key)]
    last = via.usage.last_mail(context.now)
    known_of = f"as Google knew of {last.as_of.day} {last.as_of:%B %Y}, its latest whole report"
    since = _first_of(days, last.as_of, context.school.calendar)
    if since is None:
        return Finding(SUBJECT, Status.UNKNOWN, f"the school's calendar knows too few working days, {known_of}")
    midnight = datetime.combine(since, time.min, ZoneInfo(context.school.time_zone))
    figures = [last.opened[person] for person in people if person in last.opened]
    opened = sum(figure is not None and figure >= midnight for figure in figures)
    unchecked = len(people) - len(figures)
    reason = f"{opened} of {len(figures)} opened their mail in the last {_working_days(days)}, {known_of}"
    reason += f"; not checked: {unchecked} of whom it has no figure" if unchecked else ""
    evidence: dict[str, Json] = {
        "as_of": last.as_of.isoformat(),
        "since": since.isoformat(),
        "people": len(figures),
        "opened": opened,
        "never": figures.count(None),
        "not_checked": unchecked,
    }
    return Finding(SUBJECT, _status(opened, len(figures), unchecked), reason, evidence)


def _status(opened: int, checked: int, unchecked: int) -> Status:
    if opened < checked:
        return Status.FAIL
    return Status.UNKNOWN if unchecked or not checked else Status.PASS


def _working_days(days: int) -> str:
    return "working day" if days == 1 else f"{days} working days"


def _first_of(days: int, last: date, calendar: Calendar | None) -> date | None:
    """Give the first of so many working days up to a day; None where the school's calendar knows fewer."""
    span = Days(last - _YEAR, last)
    if calendar is None:
        known = tuple(day for day in span if day.weekday() <= _FRIDAY)
    else:
        known = calendar.working_days(Pattern(), span)
    return known[-days] if len(known) >= days else None
