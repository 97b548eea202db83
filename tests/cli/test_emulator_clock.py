"""`toolkit emulator clock`: the time of emulated tenants is shown, goes on, and never goes back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.door import Door
from tests.schools import with_people
from toolkit.engine.emulated_clock import parse_clock_time
from toolkit.errors import UsageError

pytestmark = with_people(users=24, staff=10)

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("+3d", "2026-11-13T09:00:00+00:00"),
        ("+2w", "2026-11-24T09:00:00+00:00"),
        ("+90m", "2026-11-10T10:30:00+00:00"),
        ("+180d", "2027-05-09T09:00:00+01:00"),
        ("2027-01-08", "2027-01-08T09:00:00+00:00"),
        ("2027-07-08", "2027-07-08T09:00:00+01:00"),
        ("2027-07-08T16:30", "2027-07-08T16:30:00+01:00"),
        ("2027-07-08T16:30+00:00", "2027-07-08T16:30:00+00:00"),
    ],
)
def test_a_word_names_a_time_in_the_time_zone_of_the_school(word: str, expected: str) -> None:
    assert parse_clock_time(word, NOW, LONDON).isoformat() == expected


@pytest.mark.parametrize("word", ["3d", "+3", "+3y", "8/1/2027", "2027-02-30", "", "+99999w", "9999-01-01"])
def test_a_word_that_is_no_time_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match=r"is not a time|is after the year 2999"):
        parse_clock_time(word, NOW, LONDON)


def test_a_live_target_has_no_time_to_move(bare_door: Door) -> None:
    answered = bare_door("emulator", "clock", "+3d", TOOLKIT_TARGET="live")

    assert answered.exit == 2
    assert "TOOLKIT_TARGET is live: only the time of emulated tenants can be shown or moved" in answered.err
