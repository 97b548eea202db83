"""Counts the people who opened their mail on recent working days. Google's reports are some days late."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.mail import DailyAccess
from toolkit.controls.mail_usage import OPENED, mail_use_finding
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject


def needs(settings: DailyAccess) -> tuple[Permission, ...]:
    """Return the permissions of the check. It needs none until the school has an impact assessment for it."""
    return leave("directory.users.list", "reports.userUsageReport.get") if settings.dpia else ()


def check(settings: DailyAccess, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count the people who opened their mail in the last working days that Google's reports cover."""
    if settings.dpia:
        yield check_subject(OPENED, lambda: _count_opened(settings.working_days, context, via))


def _count_opened(within: int, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    everyone = {key: account for key, account in via.accounts.all().items() if account.enabled and context.reaches(key)}
    people = [key for key, account in everyone.items() if account.mailbox]
    last, zone = via.usage.last_mail(context.now), ZoneInfo(context.school.time_zone)

    def day(of: datetime | None) -> date | None:
        return of.astimezone(zone).date() if of else None

    last_days = [day(last.last_opened[person]) for person in people if person in last.last_opened]
    without = len(people) - len(last_days)
    return mail_use_finding(
        last_days,
        missing_from_report=without,
        without_mailbox=len(everyone) - len(people),
        working_days=within,
        as_of=last.as_of,
        calendar=context.school.calendar,
    )
