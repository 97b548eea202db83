"""A test of the web filter that failed and was repeated is in every report that names it, with both dates."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from toolkit.board_report.pack import Pack

BOTH = "on 6 October 2026, passed when tested again on 13 October 2026"


@pytest.mark.parametrize("pack", [Pack.GOVERNORS, Pack.EVIDENCE])
def test_a_failed_test_that_was_repeated_is_reported_with_both_dates(packs: Mapping[Pack, Path], pack: Pack) -> None:
    page = packs[pack]
    told = json.loads(page.with_suffix(".json").read_text())

    (clause,) = [one for one in told["clauses"] if one["clause"] == "NET-01"]
    assert any(BOTH in reason for reason in clause["because"])
    assert BOTH in " ".join(page.read_text().split())


@pytest.mark.parametrize("pack", [Pack.GOVERNORS, Pack.EVIDENCE])
def test_both_tests_are_among_what_people_confirmed_and_tested(packs: Mapping[Pack, Path], pack: Pack) -> None:
    page = packs[pack]
    told = json.loads(page.with_suffix(".json").read_text())

    tests = [(one["on"], one["state"], one["until"]) for one in told["confirmations"] if ", tested on " in one["what"]]
    assert ("2026-10-06", "failed", None) in tests
    assert {state for day, state, _ in tests if day == "2026-10-13"} == {"counts"}
    assert "<strong>failed</strong>" in page.read_text()


def test_the_pack_of_standards_tells_both_beside_what_counts(packs: Mapping[Pack, Path]) -> None:
    page = packs[Pack.STANDARDS]
    told = json.loads(page.with_suffix(".json").read_text())

    rows = {row["id"]: row for standard in told["requirements"] for row in standard["rows"]}
    shown = rows["DfE-FM:2"]["shown"][0]
    assert shown["told"] == f"2 of 2 points are in order; failed on guest Wi-Fi {BOTH}"
    assert shown["state"] == "in order"
    assert BOTH in " ".join(page.read_text().split())
