"""Counts the people who opened their mail recently, without names, from the tenant's usage report."""

from collections.abc import Sequence
from datetime import date, timedelta

from toolkit.controls.mail import DailyAccess
from toolkit.school.calendar import Calendar, Days, Pattern
from toolkit.sdk import Count, Finding, Level, Measurement, NothingToCount, Part, ReasonCode, Share, Status, day

OPENED = "mail opened each working day"
_TOO_FEW_DAYS = ReasonCode(
    "too_few_working_days",
    admin="the school's calendar has too few working days before {as_of}, the date of the latest usage report",
    governor="the school's calendar has too few working days before {as_of}, the date of the latest figures",
)
_OPENED = ReasonCode(
    "mail_opened",
    admin="{opened} opened their mail in the last {days} up to {as_of}, the date of the latest usage report",
    governor="{opened} opened their mail in the last {days} up to {as_of}, the date of the latest figures",
    lacking="{opened} staff did not open their mail in the last {days} up to {as_of}",
)
_OPENED_BY_FEW = ReasonCode(
    "mail_opened_by_few",
    admin="{opened} opened their mail in the last {days} up to {as_of}, the date of the latest usage report",
    governor="counted, but the number is not shown because it is about fewer than ten people",
)
_NOT_CHECKED = ReasonCode(
    "mail_not_checked",
    admin="; not in the usage report: {without}",
    governor="; not in the latest figures: {without}",
)
_WITHOUT_MAILBOX = ReasonCode(
    "mail_people_without_mailbox",
    admin="; {count} without a mailbox here, not counted",
    governor="; without a mailbox here, and not counted: {count}",
)
NO_MAILBOX = ReasonCode(
    "mail_not_used",
    admin="none of the {count} people in the audience has a mailbox here",
    governor="none of the people it is for has a mailbox here",
)
_YEAR = timedelta(days=366)
_FRIDAY = 4


def mail_use_part(settings: DailyAccess) -> Part:
    """Return the part that counts people who opened their mail.

    Without an impact assessment, the part is UNAVAILABLE.
    """
    return Part(
        name=OPENED,
        level=Level.CHECKED if settings.dpia else Level.UNAVAILABLE,
        covers="the number of people who opened their mail recently, from the tenant's usage report",
        reason="`toolkit check` only counts, without names"
        if settings.dpia
        else "off until `dpia:` names the impact assessment that covers this check",
        for_governors="not checked until an impact assessment covers it",
        limits=("the usage report is some days old, and does not count every mail program",),
    )


class MailOpened(Measurement):
    """Counts of people who opened their mail between a date and the date of the usage report."""

    as_of: date
    since: date
    checked: int
    opened: int
    never: int
    not_checked: int
    without_mailbox: int

    @property
    def count(self) -> Count:
        """Return the number of people who opened their mail."""
        return Count(self.opened, self.checked, self.not_checked)

    @property
    def whole(self) -> int:
        """Return the number of people in the usage report."""
        return self.checked


class NoMailboxes(NothingToCount):
    """The number of people in a control's audience, none of whom has a mailbox."""

    without_mailbox: int


def mail_use_finding(
    last_opened: Sequence[date | None],
    *,
    missing_from_report: int,
    without_mailbox: int,
    working_days: int,
    as_of: date,
    calendar: Calendar | None,
) -> Finding:
    """Return the finding about people who opened their mail in the last `working_days` days before the report's date.

    `last_opened` has the date on which each person last opened their mail, or None for never. `missing_from_report` is
    the number of people who are not in the report. If there are any, the finding cannot pass. `without_mailbox` is the
    number of people without a mailbox, such as a supply teacher without a licence, who do not affect the result. If no
    one has a mailbox, the finding says that mail is not used.
    """
    if without_mailbox and not (last_opened or missing_from_report):
        return no_mailbox_finding(without_mailbox)
    date_text = day(as_of)
    since = first_working_day(working_days, as_of, calendar)
    if since is None:
        return Finding(OPENED, Status.UNKNOWN, _TOO_FEW_DAYS(as_of=date_text))
    fine = sum(day is not None and day >= since for day in last_opened)
    days = "working day" if working_days == 1 else f"{working_days} working days"
    people = len(last_opened) + missing_from_report
    # A number below ten could identify people, so governors never read it.
    few = Share(0, people).is_small or (fine < len(last_opened) and Share(0, len(last_opened) - fine).is_small)
    code = _OPENED_BY_FEW if few else _OPENED
    reason = code(opened=Share(fine, len(last_opened)), days=days, as_of=date_text).then(
        _NOT_CHECKED(without=Share(missing_from_report, people, alone=True)) if missing_from_report else None,
        _WITHOUT_MAILBOX(count=Share(without_mailbox, people + without_mailbox, alone=True))
        if without_mailbox
        else None,
    )
    measurement = MailOpened(
        as_of=as_of,
        since=since,
        checked=len(last_opened),
        opened=fine,
        never=list(last_opened).count(None),
        not_checked=missing_from_report,
        without_mailbox=without_mailbox,
    )
    return Finding(
        OPENED, _finding_status(fine, len(last_opened), missing_from_report), reason, measurement=measurement
    )


def no_mailbox_finding(people: int) -> Finding:
    """Return the finding that no one in the audience has a mailbox on this cloud, which is not a failure."""
    measurement = NoMailboxes(in_scope=0, without_mailbox=people)
    return Finding(OPENED, Status.PASS, NO_MAILBOX(count=Share(people, people, alone=True)), measurement=measurement)


def first_working_day(within: int, as_of: date, calendar: Calendar | None) -> date | None:
    """Return the date of the first of the last `within` working days up to `as_of`, or None if the calendar is too
    short.

    Without a calendar for these years, Monday to Friday count as working days.
    """
    span = Days(as_of - _YEAR, as_of)
    if calendar and as_of in calendar.span:
        working_days = calendar.working_days(Pattern(), span)
    else:
        working_days = tuple(day for day in span if day.weekday() <= _FRIDAY)
    return working_days[-within] if len(working_days) >= within else None


def _finding_status(fine: int, checked: int, without: int) -> Status:
    if fine < checked:
        return Status.FAIL
    return Status.UNKNOWN if without or not checked else Status.PASS
