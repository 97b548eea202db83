"""What was decided is said in words of every day."""

from collections.abc import Sequence
from pathlib import Path

from tests.board_report.reading import OF_THE_TRADE
from tests.door import SAMPLES
from toolkit.board_report.choice_text import choice_text
from toolkit.board_report.registers import MadeChoice, decision_section
from toolkit.playbook.load import load


def _read_choices(path: Path) -> Sequence[MadeChoice]:
    return decision_section(load(path)).made


def test_every_decision_of_the_samples_says_what_was_chosen_and_in_plain_words() -> None:
    told = {one.question: one.chosen for one in _read_choices(SAMPLES)}

    assert told["Whether staff may use school e-mail privately"] == "now and then, with a label"
    assert told["The facts on the policy's document control page"] == (
        "version: 3; ratified on: 18 May 2023; review due: 18 May 2024"
    )
    assert all(told.values())
    assert not [said for said in told.values() if OF_THE_TRADE.search(said)]


def test_what_was_left_out_of_a_decision_is_left_out() -> None:
    assert choice_text({"scope": "all", "text_file": None, "version": 2}) == "scope: all; version: 2"
    assert choice_text(["teams", "google_chat"]) == "Teams, Google Chat"
    assert choice_text({"mfa_required": False}) == "second factor: no"
