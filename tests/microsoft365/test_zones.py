"""Instants as Outlook writes them, in zones as Windows and the rest of the world call them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.microsoft365.schedules import find_zone, read_instant, write_instant


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-10-24T08:00:00.0000000", "GMT Standard Time", datetime(2026, 10, 24, 7, tzinfo=UTC)),
        ("2026-10-26T08:00:00.0000000", "GMT Standard Time", datetime(2026, 10, 26, 8, tzinfo=UTC)),
        ("2026-10-24T08:00:00", "Europe/London", datetime(2026, 10, 24, 7, tzinfo=UTC)),
        ("2026-07-01T08:00:00.0000000", "Greenwich Standard Time", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01T08:00:00.0000000", "Eastern Standard Time", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T08:00:00.1234567", "UTC", datetime(2026, 7, 1, 8, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_an_instant_is_the_same_in_whatever_zone_it_is_shown(wall: str, zone: str, instant: datetime) -> None:
    assert read_instant({"dateTime": wall, "timeZone": zone}) == instant


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"timeZone": "UTC"},
        {"dateTime": "Monday", "timeZone": "UTC"},
        {"dateTime": "2026-07-01T08:00:00+01:00", "timeZone": "UTC"},
        {"dateTime": "2026-07-01T08:00:00", "timeZone": "Customized Time Zone"},
    ],
)
def test_what_is_no_instant_is_refused(value: dict[str, str] | None) -> None:
    with pytest.raises(ValueError, match=r"not a date|Invalid isoformat|has an offset|is unknown"):
        read_instant(value)


def test_an_instant_is_written_in_utc_without_an_offset() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/London"))

    assert write_instant(noon) == {"dateTime": "2026-07-01T11:00:00", "timeZone": "UTC"}


def test_the_names_of_windows_are_known() -> None:
    names = ["GMT Standard Time", "W. Europe Standard Time", "Morocco Standard Time", "Tonga Standard Time"]

    assert [str(find_zone(name)) for name in names] == [
        "Europe/London", "Europe/Berlin", "Africa/Casablanca", "Pacific/Tongatapu",
    ]  # fmt: skip
