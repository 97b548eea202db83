"""How many people opened their mail in the last working days, by what Google's reports know some days later."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.mail import DailyAccess
from toolkit.controls.mail_usage import OPENED, count_opened
from toolkit.sdk import CheckOccasion, Finding, Permission, looked_at


def needs(wanted: DailyAccess) -> tuple[Permission, ...]:
    """Name what the service account and its administrator need, once an impact assessment covers it."""
    return leave("directory.users.list", "reports.userUsageReport.get") if wanted.dpia else ()


def check(wanted: DailyAccess, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count who opened their mail."""
    if wanted.dpia:
        yield looked_at(OPENED, lambda: _counted(wanted.working_days, context, via))


def _counted(within: int, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    everyone = {key: one for key, one in via.accounts.all().items() if one.enabled and context.reaches(key)}
    people = [key for key, one in everyone.items() if one.mailbox]
    last, zone = via.usage.last_mail(context.now), ZoneInfo(context.school.time_zone)

    def day(of: datetime | None) -> date | None:
        return of.astimezone(zone).date() if of else None

    known = [day(last.opened[person]) for person in people if person in last.opened]
    without = len(people) - len(known)
    return count_opened(
        known,
        without=without,
        unboxed=len(everyone) - len(people),
        within=within,
        as_of=last.as_of,
        calendar=context.school.calendar,
    )
