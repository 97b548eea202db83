"""Counts the people who opened their mail recently, from Microsoft's usage report. The result has no names.

Follows https://learn.microsoft.com/graph/api/reportroot-getemailactivityuserdetail
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO

from connectors.microsoft365.directory import has_mailbox
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.mail import DailyAccess
from toolkit.controls.mail_usage import OPENED, mail_use_finding, no_mailbox_finding
from toolkit.errors import BadAnswer
from toolkit.sdk import CheckOccasion, Finding, Permission, ReasonCode, Status, check_subject, flag

_REPORT = "/reports/getEmailActivityUserDetail(period='D30')"
_AS_OF, _PERSON, _LAST = "Report Refresh Date", "User Principal Name", "Last Activity Date"
_CONCEALED = ReasonCode(
    "mail_report_concealed",
    admin="the report on mail use does not show names, so people cannot be found in it. In the Microsoft 365 admin "
    "centre, under Settings > Org settings > Services > Reports, turn off concealed names",
    governor="the report on mail use does not show names, so people cannot be found in it",
)


def needs(control: DailyAccess) -> tuple[Permission, ...]:
    """Return the permissions of the check. It needs none until the school has an impact assessment for it."""
    return (graph("Reports.Read.All"), graph("User.Read.All")) if control.dpia else ()


def check(control: DailyAccess, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Count the people in scope who used their mail in the last working days that the report covers."""
    if control.dpia:
        yield check_subject(OPENED, lambda: _count_mail_users(control.working_days, context, via))


def _count_mail_users(working_days: int, context: CheckOccasion, via: Microsoft365) -> Finding:
    people = _read_people(context, via)
    names = [name for name, has_mailbox in people.items() if has_mailbox]
    if people and not names:
        return no_mailbox_finding(len(people))
    rows = list(csv.DictReader(StringIO(via.graph.read_file(_REPORT))))
    if not rows or not {_AS_OF, _PERSON, _LAST} <= rows[0].keys():
        raise BadAnswer("the report on mail use is empty, or its columns have changed")
    last_use = {row[_PERSON].casefold(): row[_LAST] for row in rows}
    if not any("@" in name for name in last_use):
        return Finding(OPENED, Status.UNKNOWN, _CONCEALED())
    last = [date.fromisoformat(last_use[name]) if last_use[name] else None for name in names if name in last_use]
    as_of, without = date.fromisoformat(rows[0][_AS_OF]), len(names) - len(last)
    unboxed = len(people) - len(names)
    return mail_use_finding(
        last,
        missing_from_report=without,
        without_mailbox=unboxed,
        working_days=working_days,
        as_of=as_of,
        calendar=context.school.calendar,
    )


def _read_people(context: CheckOccasion, via: Microsoft365) -> Mapping[str, bool]:
    """Return whether each person in scope has a mailbox, by sign-in name.

    People whose account is closed are left out. The report uses sign-in names, and lists only people whose licence
    includes Exchange.
    """
    people = via.graph.pages("/users", select="id,userPrincipalName,accountEnabled,assignedPlans", top="999")
    return {
        str(person["userPrincipalName"]).casefold(): has_mailbox(person)
        for person in people
        if flag(person.get("accountEnabled"), missing=True) and context.reaches(str(person["id"]))
    }
