"""Quiet hours say until when they last, and a sign of life is due once a week."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from toolkit.school.notices import Channel, Notices, Quiet

ZONE = ZoneInfo("Europe/London")
WEEK = frozenset(range(7))
NIGHTS = Quiet(WEEK, time(18), time(7))
WEEKENDS = Quiet(frozenset({5, 6}), time.min, time.min)
LUNCH = Quiet(frozenset({0}), time(12), time(13, 30))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def _notices(*quiet: Quiet, heartbeat: int | None = None) -> Notices:
    return Notices(ZONE, [Channel("teams")], quiet, heartbeat)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param("2026-03-18T17:59", None, id="before them"),
        pytest.param("2026-03-18T18:00", "2026-03-19T07:00", id="from their first minute, over midnight"),
        pytest.param("2026-03-19T06:59", "2026-03-19T07:00", id="on the day after they began"),
        pytest.param("2026-03-19T07:00", None, id="and not at their end"),
        pytest.param("2026-03-20T23:00", "2026-03-23T07:00", id="one after the other: Friday night to Monday morning"),
        pytest.param("2026-03-23T12:00", "2026-03-23T13:30", id="within a day"),
        pytest.param("2026-03-24T12:00", None, id="on a day of the week that is none of theirs"),
        pytest.param("2026-03-28T23:30", "2026-03-30T07:00", id="over the night in which the clocks change"),
    ],
)
def test_quiet_hours_end_where_no_others_begin(now: str, until: str | None) -> None:
    found = _notices(NIGHTS, WEEKENDS, LUNCH).quiet_until(_at(now))

    assert found == (None if until is None else _at(until))


def test_hours_without_an_end_are_quiet_all_the_same() -> None:
    assert _notices(Quiet(WEEK, time(6), time(6))).quiet_until(_at("2026-03-18T12:00"))


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        pytest.param(None, "2026-03-18T02:30", True, id="nothing was ever told"),
        pytest.param("2026-03-15T23:59", "2026-03-16T02:30", True, id="on the day"),
        pytest.param("2026-03-16T00:00", "2026-03-16T02:30", False, id="something was told on the day"),
        pytest.param("2026-03-12T02:30", "2026-03-18T02:30", True, id="the computer was off on the day"),
        pytest.param("2026-03-17T02:30", "2026-03-22T23:59", False, id="something was told since the day"),
    ],
)
def test_a_sign_of_life_is_due_where_nothing_was_told_since_the_day(last: str | None, now: str, *, due: bool) -> None:
    told = None if last is None else _at(last)

    assert _notices(heartbeat=0).heartbeat_due(told, _at(now)) is due
    assert not _notices().heartbeat_due(told, _at(now))
