"""A schedule knows when a job should have begun again."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from toolkit.school.schedule import Reports, Schedule

ZONE = ZoneInfo("Europe/London")
SCHEDULE = Schedule(ZONE, time(2, 30), 15, Reports(15, (1, 4, 9)))


@pytest.mark.parametrize(
    ("job", "last", "now", "missed"),
    [
        pytest.param("drift", "2026-11-23T02:30:04", "2026-11-24T02:30:01", False, id="night after night"),
        pytest.param("drift", "2026-11-23T02:30:04", "2026-11-24T04:29", False, id="a little late"),
        pytest.param("drift", "2026-11-23T02:30:04", "2026-11-24T09:00", True, id="a night without"),
        pytest.param(
            "drift", "2026-11-23T01:00", "2026-11-23T09:00", True, id="by hand, and not in the night after it"
        ),
        pytest.param("drift", "2026-03-28T02:30:04", "2026-03-29T03:00", False, id="a night without 02:30"),
        pytest.param("due", "2026-11-23T09:00", "2026-11-23T09:30", False, id="one that is about to begin"),
        pytest.param("due", "2026-11-23T09:00", "2026-11-23T09:31", True, id="two that did not"),
        pytest.param("export", "2026-09-15T06:07", "2027-01-15T08:00", False, id="a report that is about to be made"),
        pytest.param("export", "2026-09-15T06:07", "2027-01-15T08:08", True, id="a term without a report"),
    ],
)
def test_a_run_is_missed_once_it_is_late(job: str, last: str, now: str, missed: bool) -> None:  # noqa: FBT001
    moments = [datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC) for text in (last, now)]

    assert SCHEDULE.is_overdue(job, *moments) is missed
