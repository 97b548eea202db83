"""Windows of the week and freezes say what is not written at a moment, and from when on it is."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from toolkit.school.calendar import Days
from toolkit.school.schedule import Freeze, Window, Windows

ZONE = ZoneInfo("Europe/London")
EVENINGS = Window("evenings", frozenset({0, 2, 4}), time(16, 30), time(22))
NIGHTS = Window("nights", frozenset({5}), time(20), time.min, frozenset({"web.block"}))
RULES = Window("rules", frozenset({1}), time(6), time(7), frozenset({"microsoft365.transport_rule"}))
TESTS = Freeze(Days(date(2026, 3, 25), date(2026, 4, 3)), "tests")
WEB_TESTS = Freeze(Days(date(2026, 3, 21), date(2026, 3, 21)), "web tests", frozenset({"web.block"}))
ALL = Windows(ZONE, (EVENINGS, NIGHTS, RULES), (TESTS, WEB_TESTS))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("hands", "kind", "now", "until"),
    [
        pytest.param({"mail.note"}, "a.b", "2026-03-16T16:30", None, id="a window is open from its first minute"),
        pytest.param({"mail.note"}, "a.b", "2026-03-16T22:00", "2026-03-18T16:30", id="and shut at its end"),
        pytest.param(set(), "a.b", "2026-03-17T17:00", "2026-03-18T16:30", id="a day of the week that is none of its"),
        pytest.param({"web.block"}, "a.b", "2026-03-14T23:59", None, id="midnight is the end of the day"),
        pytest.param({"web.block"}, "a.b", "2026-03-16T17:00", "2026-03-28T20:00", id="own window, own freeze"),
        pytest.param({"web.block", "mail.note"}, "a.b", "2026-03-16T17:00", "never", id="two that never meet"),
        pytest.param(set(), "microsoft365.transport_rule", "2026-03-17T06:30", None, id="a kind has a window too"),
        pytest.param(
            {"mail.note"}, "a.b", "2026-03-25T17:00", "2026-04-06T16:30", id="a freeze over a change of clocks"
        ),
    ],
)
def test_what_waits_and_until_when(hands: set[str], kind: str, now: str, until: str | None) -> None:
    windows = Windows(ZONE, ALL.windows, (TESTS, WEB_TESTS) if "web.block" not in hands else (WEB_TESTS,))

    wait = windows.wait(hands, kind, _at(now))

    assert (wait and (str(wait.until)[:16].replace(" ", "T") if wait.until else "never")) == until


def test_a_reason_names_the_window_or_the_freeze() -> None:
    outside, frozen = ALL.wait(set(), "a.b", _at("2026-03-16T12:00")), ALL.wait(set(), "a.b", _at("2026-03-25T17:00"))

    assert str(outside) == "outside the window evenings; it will be written from Monday 2026-03-16 16:30 on"
    assert str(frozen) == "the freeze until 2026-04-03 (tests); it will be written from Monday 2026-04-06 16:30 on"


def test_a_freeze_alone_ends_at_midnight_of_the_school() -> None:
    wait = Windows(ZONE, (), (TESTS,)).wait(set(), "a.b", _at("2026-04-03T23:59"))

    assert wait is not None
    assert wait.until == datetime(2026, 4, 3, 23, tzinfo=UTC)
