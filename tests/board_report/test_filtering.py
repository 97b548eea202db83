"""Who leads on filtering and monitoring, its annual review, who reads the alerts: recorded, or named as missing."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.board_report.school import export_of
from toolkit.board_report.first_questions import duty_sentences, filtering_section
from toolkit.playbook.registers import FilteringDuties, Registers

TODAY = date(2026, 11, 10)
WHOLE = FilteringDuties(
    lead="Deputy Head Teacher",
    governor="Safeguarding Governor",
    reviewed=date(2026, 6, 22),
    alerts=["Designated Safeguarding Lead", "SENCO"],
    alerts_in_holidays=["Head Teacher"],
)
MISSING = {
    "lead": "the senior lead",
    "governor": "the link governor",
    "reviewed": "the annual review",
    "alerts": "who reads the alerts",
    "alerts_in_holidays": "who reads the alerts in the holidays",
}


def _filtering_text(directory: Path, duties: FilteringDuties) -> str:
    report = export_of(directory / "playbooks").report
    playbooks = replace(report.playbooks, registers=Registers(filtering=duties))
    return str(filtering_section(replace(report, playbooks=playbooks)).told)


def test_what_is_recorded_is_on_page_one_with_its_dates(tmp_path: Path) -> None:
    assert [*duty_sentences(WHOLE, TODAY)] == [
        "Senior lead: Deputy Head Teacher; link governor: Safeguarding Governor.",
        "Annual review: 22 June 2026, next due by 21 June 2027.",
        "Alerts are read by: Designated Safeguarding Lead and SENCO; in the holidays Head Teacher.",
    ]
    assert "Not recorded" not in _filtering_text(tmp_path, WHOLE)


@pytest.mark.parametrize("name", MISSING)
def test_each_thing_that_is_not_recorded_is_named_and_nothing_else(name: str, tmp_path: Path) -> None:
    known = {key: value for key, value in WHOLE.model_dump().items() if key != name}

    assert f"Not recorded: {MISSING[name]}." in _filtering_text(tmp_path, FilteringDuties(**known))


def test_a_school_that_recorded_nothing_is_told_all_of_it(tmp_path: Path) -> None:
    assert (
        f"Not recorded: {', '.join([*MISSING.values()][:-1])} and {MISSING['alerts_in_holidays']}."
        in _filtering_text(tmp_path, FilteringDuties())
    )


@pytest.mark.parametrize(
    ("reviewed", "sentences"),
    [
        (date(2025, 11, 11), ["Annual review: 11 November 2025, next due by 10 November 2026."]),
        (date(2025, 11, 10), ["Annual review: 10 November 2025, overdue since 9 November 2026."]),
        (date(2026, 11, 11), []),  # it has not come yet
    ],
)
def test_a_review_counts_for_a_year(reviewed: date, sentences: list[str]) -> None:
    assert [*duty_sentences(FilteringDuties(reviewed=reviewed), TODAY)] == sentences
