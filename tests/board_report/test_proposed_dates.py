"""The date that is proposed for an act of the board follows from the school file, or there is none."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.board_report.school import SCHOOL, export_of
from toolkit.board_report.board_acts import board_acts
from toolkit.board_report.page_one import LapseLine, LapseSection
from toolkit.board_report.proposed_dates import ProposedDate, next_school_date
from toolkit.playbook.load import load
from toolkit.school.school import School

CALENDAR = """\
calendar:
  terms:
    - name: Autumn term 2026
      from: 2026-09-03
      to: 2026-12-18
      half_terms:
        - {name: Autumn half-term, from: 2026-10-26, to: 2026-10-30}
      holiday: Christmas
    - {name: Spring term 2027, from: 2027-01-05, to: 2027-03-25}
  bank_holidays: {country: GB, subdivision: ENG}
  working_hours: {from: "08:30", to: "15:30"}
"""
HALF_TERM = ProposedDate(date(2026, 10, 23), "Autumn half-term begins after it")
END_OF_TERM = ProposedDate(date(2026, 12, 18), "Autumn term 2026 ends then")
SPRING = ProposedDate(date(2027, 3, 25), "Spring term 2027 ends then")


def _school(folder: Path, more: str) -> School:
    export_of(folder)
    (folder / "00-school.yaml").write_text(SCHOOL + more)
    return load(folder).school


@pytest.mark.parametrize(
    ("today", "proposed"),
    [
        (date(2026, 9, 10), HALF_TERM),
        (date(2026, 10, 16), HALF_TERM),  # exactly a week before
        (date(2026, 10, 17), END_OF_TERM),
        (date(2026, 12, 12), SPRING),
        (date(2027, 3, 20), None),  # the calendar has ended
    ],
)
def test_the_next_half_term_or_end_of_term_is_at_least_a_week_away(
    today: date, proposed: ProposedDate | None, tmp_path: Path
) -> None:
    assert next_school_date(_school(tmp_path / "playbooks", CALENDAR), today) == proposed


@pytest.mark.parametrize(
    ("more", "proposed"),
    [
        ("", None),
        ("schedule: {export: termly}\n", ProposedDate(date(2027, 1, 15), "the next report is made then")),
        ("schedule: {export: monthly}\n", ProposedDate(date(2026, 12, 1), "the next report is made then")),
        (CALENDAR + "schedule: {export: termly}\n", END_OF_TERM),
    ],
)
def test_a_report_comes_before_a_later_term_and_without_either_there_is_no_date(
    more: str, proposed: ProposedDate | None, tmp_path: Path
) -> None:
    assert next_school_date(_school(tmp_path / "playbooks", more), date(2026, 11, 10)) == proposed


def test_entries_that_end_soon_get_the_first_end_and_the_other_acts_are_left_to_the_board(tmp_path: Path) -> None:
    report = export_of(tmp_path / "playbooks").report
    soon = [LapseLine("licence", date(2026, 11, day), "Office") for day in (10, 13, 20)]
    lapses = LapseSection([], [], soon, "")
    *others, act = sorted(board_acts(report, lapses), key=lambda act: act.on is not None)

    assert act.what == "Ask for the 3 entries that end within 14 days to be renewed or closed."
    assert act.date_told == "Proposed: by 10 November 2026, because the first of them ends then."
    assert {other.date_told for other in others} == {"The board sets the date, because the school’s files give none."}


def test_an_entry_that_ends_today_keeps_its_date(tmp_path: Path) -> None:
    report = export_of(tmp_path / "playbooks").report
    lapses = LapseSection([], [], [LapseLine("licence", report.now.date(), "Office")], "")

    (act,) = [act for act in board_acts(replace(report), lapses) if act.on]

    assert act.date_told == "Proposed: by 10 November 2026, because the entry ends then."
