"""What a report says of the look that it is compared with."""

import pytest

from toolkit.board_report.page import comparison_period

LOOK = "2026-11-10T09:00:00+00:00"
DAYS = {
    "a look of the day": ("2026-11-10", LOOK, "on 10 November 2026, 09:00, which counts for that day."),
    "a look before the day": ("2026-11-12", LOOK, "on 10 November 2026, 09:00, which counts for that day."),
    "a look after the day alone": (
        "2026-11-01",
        LOOK,
        "Nothing is recorded about 1 November 2026: the clauses are compared with the first check after it, of 10",
    ),
    "no look": ("2026-11-01", None, "so there is nothing to compare them with."),
}


@pytest.mark.parametrize(("day", "at", "said"), DAYS.values(), ids=DAYS.keys())
def test_a_look_counts_for_a_day_only_where_it_is_not_later(day: str, at: str | None, said: str) -> None:
    told = comparison_period({"changes": {"since": at}, "compared": {"with": "a day", "day": day}})

    assert said in told.sentence
