"""What the end of something means on a date: ended, ending soon, later, or unknown."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from toolkit.planning.checks.expiry import BoardState, sort_board, to_expiry_entry
from toolkit.sdk.expiry import ROWS, ExpiringItem

NOW = datetime(2026, 11, 10, 9, tzinfo=ZoneInfo("Europe/London"))


def _state(
    ends: datetime | date | None, *, wrong: bool = False, unknown: bool = False
) -> tuple[BoardState, int | None, int | None]:
    entry = to_expiry_entry(
        ExpiringItem(what="x", ends=ends, wrong=wrong, unknown=unknown),
        "licences",
        "p",
        (60, 30, 14),
        NOW,
        next_action="a",
        source="r",
    )
    return entry.state, entry.days_left, entry.within


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (datetime(2026, 11, 10, 8, 59, tzinfo=UTC), (BoardState.ENDED, 0, None)),
        (datetime(2026, 11, 10, 9, 1, tzinfo=UTC), (BoardState.SOON, 0, 14)),
        (date(2026, 11, 10), (BoardState.SOON, 0, 14)),
        (date(2026, 11, 9), (BoardState.ENDED, -1, None)),
        (date(2026, 11, 24), (BoardState.SOON, 14, 14)),
        (date(2026, 11, 25), (BoardState.SOON, 15, 30)),
        (date(2027, 1, 9), (BoardState.SOON, 60, 60)),
        (date(2027, 1, 10), (BoardState.LATER, 61, None)),
        (None, (BoardState.LATER, None, None)),
    ],
)
def test_an_end_is_judged_by_the_days_that_are_left(
    ends: datetime | date | None, expected: tuple[BoardState, int | None, int | None]
) -> None:
    assert _state(ends) == expected


def test_what_does_not_work_has_ended_and_what_is_not_read_is_unknown() -> None:
    assert _state(date(2030, 1, 1), wrong=True)[0] is BoardState.ENDED
    assert _state(None, unknown=True)[0] is BoardState.UNKNOWN
    assert _state(date(2020, 1, 1), unknown=True)[0] is BoardState.ENDED


def test_an_end_is_shown_by_the_schools_clock() -> None:
    summer = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    entry = to_expiry_entry(
        ExpiringItem(what="x", ends=summer), "licences", "p", (60,), NOW, next_action="a", source="r"
    )

    assert entry.ends == date(2026, 7, 1)


def test_the_board_begins_with_what_ended_and_sorts_by_the_end() -> None:
    ends = [date(2027, 6, 1), date(2026, 12, 1), None, date(2026, 11, 20), date(2026, 1, 1)]
    board = [
        to_expiry_entry(ExpiringItem(what=str(end), ends=end), "licences", "p", (60,), NOW, next_action="a", source="r")
        for end in ends
    ]

    assert [entry.what for entry in sort_board(board)] == [
        "2026-01-01", "2026-11-20", "2026-12-01", "2027-06-01", "None",
    ]  # fmt: skip


def test_every_row_says_who_acts_and_its_days_fall() -> None:
    for row in ROWS.values():
        assert row.acts
        assert list(row.days) == sorted(row.days, reverse=True)
