"""How many opened their mail: it passes only where everybody is known, and by the working days of the calendar."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from toolkit.controls.mail_usage import first_working_day, mail_use_finding
from toolkit.school.calendar import Calendar, Days, Term
from toolkit.sdk.check import Status

SUNDAY = date(2026, 11, 8)
TERM = Term("Autumn", Days(date(2026, 11, 2), date(2026, 12, 18)), ())
CALENDAR = Calendar(zone=ZoneInfo("Europe/London"), opens=time(8), shuts=time(17), terms=(TERM,))


@pytest.mark.parametrize(
    ("last", "without", "status"),
    [
        ([date(2026, 11, 6)], 0, Status.PASS),
        ([date(2026, 11, 6)], 1, Status.UNKNOWN),
        ([], 0, Status.UNKNOWN),
        ([date(2026, 11, 5)], 1, Status.FAIL),
        ([None], 0, Status.FAIL),
    ],
)
def test_it_passes_where_everybody_did_it_and_everybody_is_known(
    last: list[date | None], without: int, status: Status
) -> None:
    assert (
        mail_use_finding(
            last, missing_from_report=without, without_mailbox=0, working_days=1, as_of=SUNDAY, calendar=None
        ).status
        is status
    )


def test_a_calendar_counts_as_far_as_it_reaches_and_one_of_other_years_not_at_all() -> None:
    assert first_working_day(5, SUNDAY, CALENDAR) == date(2026, 11, 2)
    assert first_working_day(6, SUNDAY, CALENDAR) is None
    assert first_working_day(6, date(2027, 11, 7), CALENDAR) == date(2027, 10, 29)
