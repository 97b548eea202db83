"""What was meant by a date that is written in another way."""

import pytest

from toolkit.sdk.dates import did_you_mean_date


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1/9/2026", "2026-09-01"),
        ("13.10.2026", "2026-10-13"),
        ("2026-9-1", "2026-09-01"),
        ("20260901", "2026-09-01"),
        ("1 September 2026", "2026-09-01"),
        ("30th Sep 2026", "2026-09-30"),
        ("2026-02-30", "2026-02-28"),
        ("2028-02-30", "2028-02-29"),
        ("2026-04-99", "2026-04-30"),
    ],
)
def test_a_date_that_is_written_in_another_way_is_suggested(written: str, meant: str) -> None:
    assert did_you_mean_date(written) == f": did you mean `{meant}`?"


@pytest.mark.parametrize("written", ["", "tomorrow", "2026-13-01", "0000-02-30", "31/2/2026", "9/2026"])
def test_what_is_no_date_gets_an_example(written: str) -> None:
    assert did_you_mean_date(written) == ". Write a date such as 2026-09-01"
