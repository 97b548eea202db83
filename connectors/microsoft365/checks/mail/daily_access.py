"""Who opened their mail of late, counted from the report on its use; it names nobody.

Follows https://learn.microsoft.com/graph/api/reportroot-getemailactivityuserdetail
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from io import StringIO
from typing import Protocol, cast

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.permissions import graph
from toolkit.errors import BadAnswer
from toolkit.tenant.calendar import Days, Pattern
from toolkit.tenant.check import Occasion, looked_at
from toolkit.tenant.finding import Finding, Status
from toolkit.tenant.permission import Permission
from toolkit.values import Json

SUBJECT = "mail opened each working day"
_REPORT = "/reports/getEmailActivityUserDetail(period='D30')"
_AS_OF, _WHO, _LAST = "Report Refresh Date", "User Principal Name", "Last Activity Date"
_CONCEALED = (
    "the report on mail use shows no names, so nobody can be found in it: in the Microsoft 365 admin centre, under "
    "Settings > Org settings > Services > Reports, turn off that concealed names are shown"
)
_SCHOOL_WEEK = 5
_FURTHEST = timedelta(days=100)  # longer than any holiday and what it is asked of


class Asked(Protocol):
    """What a playbook asks: within how many working days mail has to be opened."""

    @property
    def working_days(self) -> int: ...

    @property
    def dpia(self) -> str | None: ...


def needs(settings: object) -> tuple[Permission, ...]:
    """Name what an app needs for it, once an impact assessment covers it."""
    return (graph("Reports.Read.All"), graph("User.Read.All")) if cast(Asked, settings).dpia else ()


def check(settings: object, context: Occasion, via: Microsoft365) -> Iterable[Finding]:
    """Count who of those concerned used their mail within some working days before the day that the report is of."""
    if cast(Asked, settings).dpia:
        yield looked_at(SUBJECT, lambda: _counted(cast(Asked, settings).working_days, context, via))


def _counted(working_days: int, context: Occasion, via: Microsoft365) -> Finding:
    names = _names(context, via)
    rows = list(csv.DictReader(StringIO(via.graph.file(_REPORT))))
    if not rows or not {_AS_OF, _WHO, _LAST} <= rows[0].keys():
        raise BadAnswer("the report on mail use is empty, or has other columns than it had")
    used = {row[_WHO].casefold(): row[_LAST] for row in rows}
    if not any("@" in name for name in used):
        return Finding(SUBJECT, Status.UNKNOWN, _CONCEALED)
    as_of = date.fromisoformat(rows[0][_AS_OF])
    return _finding(names, used, as_of, _since(as_of, working_days, context), working_days)


def _names(context: Occasion, via: Microsoft365) -> Sequence[str]:
    """Give the sign-in names of those concerned who have a live account: the report knows people by these."""
    people = via.graph.pages("/users", select="id,userPrincipalName,accountEnabled", top="999")
    return [
        str(one["userPrincipalName"]).casefold()
        for one in people
        if one.get("accountEnabled") is not False and context.reaches(str(one["id"]))
    ]


def _finding(names: Sequence[str], used: Mapping[str, str], as_of: date, since: date, working_days: int) -> Finding:
    checked = [used[name] for name in names if name in used]
    fine = sum(bool(last) and date.fromisoformat(last) >= since for last in checked)
    unseen = len(names) - len(checked)
    days = "the last working day" if working_days == 1 else f"the last {working_days} working days"
    reason = (
        f"{fine} of {len(checked)} opened their mail in {days}, as of {as_of}"
        f"{f'; {unseen} not checked, since the report does not have them' if unseen else ''}"
    )
    status = Status.PASS if fine == len(checked) else Status.FAIL
    evidence: dict[str, Json] = {
        "opened": fine,
        "checked": len(checked),
        "not_checked": unseen,
        "as_of": as_of.isoformat(),
    }
    return Finding(SUBJECT, status if checked else Status.UNKNOWN, reason, evidence)


def _since(as_of: date, working_days: int, context: Occasion) -> date:
    """Give the first of the last working days up to a day: the school's own, or Monday to Friday without a calendar."""
    every = Days(as_of - _FURTHEST, as_of)
    calendar = context.school.calendar
    if calendar and as_of in calendar.span:
        days = calendar.working_days(Pattern(), every)
    else:
        days = tuple(day for day in every if day.weekday() < _SCHOOL_WEEK)
    return days[-min(working_days, len(days))] if days else every.first
