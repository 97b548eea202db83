"""The questions of `toolkit init`: a way back, every answer once more before files are written, and from a pipe too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.door import CommandResult, ask
from tests.emulated import HANG
from tests.pseudo_terminal import open_pseudo_terminal
from toolkit.playbook.load import load_school
from toolkit.starter.answers import QUESTIONS

OWN = "oakfield.example"
TYPED = {
    "name": "Example Primary School",
    "phase": "",
    "nation": "",
    "tenants": "emulated",
    "domains": OWN,
    "groups": "",
    "never_touch": "",
    "run_by": "the school",
    "approved_by": "",
    "supported_by": "",
    "other_systems": "",
    "terms": "",
}
ANSWERS = list(TYPED.values())
PLACE = {name: place for place, name in enumerate(TYPED)}
GUID = "0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11"


def piped(folder: Path, *lines: str) -> CommandResult:
    """Answer the questions of `toolkit init` by the lines of a pipe."""
    return ask("init", folder, says="".join(f"{line}\n" for line in lines))


def put(name: str, *instead: str) -> list[str]:
    """Return all answers, and at one question other lines in place of the answer."""
    return [*ANSWERS[: PLACE[name]], *instead, *ANSWERS[PLACE[name] + 1 :]]


def test_the_answers_are_those_of_the_questions_in_order() -> None:
    assert [question.name for question in QUESTIONS] == list(TYPED)


@pytest.mark.parametrize("word", ["<", "back", "Back"])
@pytest.mark.parametrize("name", list(TYPED)[1:])
def test_every_question_has_a_way_back(name: str, word: str, tmp_path: Path) -> None:
    before = ANSWERS[PLACE[name] - 1]

    answered = piped(tmp_path, *put(name, word, before, ANSWERS[PLACE[name]]), "y")

    assert answered.exit == 0, answered.err
    assert answered.err.count("< or back returns to the question before") == 1
    assert load_school(tmp_path / "playbooks").school.domains == (OWN,)


def test_an_answer_is_changed_and_the_questions_between_keep_theirs(tmp_path: Path) -> None:
    lines = put("run_by", "<", "<", "<", "elm.example", "the trust")

    answered = piped(tmp_path, *lines, "y")

    school = load_school(tmp_path / "playbooks").school
    assert answered.exit == 0, answered.err
    assert (school.domains, "run_by: the trust" in (tmp_path / "playbooks/00-school.yaml").read_text()) == (
        ("elm.example",),
        True,
    )


def test_back_at_the_first_question_stays_there(tmp_path: Path) -> None:
    answered = piped(tmp_path, "<", *ANSWERS, "y")

    assert answered.exit == 0, answered.err
    assert "This is the first question." in answered.err


def test_a_later_answer_that_no_longer_fits_is_asked_again(tmp_path: Path) -> None:
    units = put("groups", "staff=/Staff")

    answered = piped(tmp_path, *units, "4", GUID, f"staff=all-staff@{OWN}", "y")

    school = load_school(tmp_path / "playbooks").school
    assert answered.exit == 0, answered.err
    assert {name: tenant.id for name, tenant in school.tenants.items()} == {"microsoft365": GUID}
    assert school.roles["staff"].groups == {"microsoft365": f"all-staff@{OWN}"}


def test_all_answers_are_shown_and_nothing_is_written_without_a_yes(tmp_path: Path) -> None:
    folder = tmp_path / "school"

    refused = piped(folder, *ANSWERS, "n")
    ended = piped(folder, *ANSWERS)
    early = piped(folder, *ANSWERS[:5])

    assert (refused.exit, ended.exit, early.exit, folder.exists()) == (5, 2, 2, False)
    assert "toolkit: no file was written" in refused.err
    assert "End the input with y" in ended.err
    assert "the input ended before the answer to: Groups or Google units" in early.err
    shown = refused.err.partition("Your answers:")[2]
    assert [name for name in TYPED if f"  {name.replace('_', ' ')}  " not in shown] == []
    assert f"staff=all-staff@{OWN}" in shown, "the groups of emulated tenants are proposed"


def test_a_summary_leads_back_to_the_last_question_and_to_each_by_its_number(tmp_path: Path) -> None:
    changed = ["back", "Autumn term 2026-09-03 to 2026-12-18", "8", "the LA", "9", "Chair of Governors"]

    answered = piped(tmp_path, *ANSWERS, *changed, "")

    text = (tmp_path / "playbooks/00-school.yaml").read_text()
    assert answered.exit == 0, answered.err
    assert ("Autumn term" in text, "run_by: the LA" in text, "approvers: [Chair of Governors]" in text) == (True,) * 3


@pytest.mark.parametrize("name", ["run_by", "approved_by", "supported_by", "other_systems", "groups", "never_touch"])
def test_a_hyphen_leaves_a_question_open(name: str, tmp_path: Path) -> None:
    answered = piped(tmp_path, *put(name, "-"), "y")

    assert answered.exit == 0, answered.err
    assert "'-'" not in (tmp_path / "playbooks/00-school.yaml").read_text()
    assert ("run_by" in load_school(tmp_path / "playbooks").school.unanswered_keys) is (name == "run_by")


def test_options_that_answer_everything_needed_leave_a_pipe_unread(tmp_path: Path) -> None:
    needed = ["--name", "Example Primary School", "--tenants", "emulated", "--domains", OWN]

    answered = ask("init", tmp_path, *needed, says="a line that belongs to another program\n")

    assert answered.exit == 0, answered.err
    assert "Your answers" not in answered.err


def test_an_option_that_is_wrong_is_refused_before_the_first_question(tmp_path: Path) -> None:
    answered = ask("init", tmp_path, "--approved-by", "01632 960001", says="".join(f"{line}\n" for line in ANSWERS))

    assert answered.exit == 2
    assert "The school's name" not in answered.err


@pytest.mark.parametrize("clouds", ["microsoft365", "google_workspace"])
def test_one_cloud_alone_can_be_practised(clouds: str, tmp_path: Path) -> None:
    answered = piped(tmp_path, *put("tenants", f"emulated {clouds}"), "y")

    assert answered.exit == 0, answered.err
    assert list(load_school(tmp_path / "playbooks").school.tenants) == [clouds]


def test_in_a_terminal_one_goes_back_and_confirms(tmp_path: Path) -> None:
    ours, theirs = open_pseudo_terminal()
    typed = [*put("approved_by", "01632 960001", "<", "the trust", ""), "back", "", "maybe", "n"]
    os.write(ours, "".join(f"{line}\n" for line in typed).encode())

    command = [sys.executable, "-m", "toolkit", "init", str(tmp_path / "school")]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False, timeout=HANG)
    os.close(theirs)
    os.close(ours)

    said = " ".join(done.stderr.split())
    assert (done.returncode, (tmp_path / "school").exists()) == (5, False), done.stderr
    assert "'01632 960001' is not a role, such as Head Teacher" in said
    assert "8 run by the trust" in said
    assert "'maybe' is not y, n, back or one of the numbers" in said


@pytest.mark.parametrize(
    ("name", "wrong", "expected"),
    [
        ("name", "-", "The school's name: an answer is needed"),
        ("phase", "infants", "Phase: 'infants' is not one of nursery"),
        ("nation", "France", "Nation: 'France' is not one of England"),
        ("tenants", "12", "Microsoft tenant id: '12' is neither"),
        ("domains", "oakfield", "E-mail domains, the main one first: 'oakfield' is not a domain"),
        ("groups", "staff", "Groups or Google units of staff, pupils, leaders, governors, supply: 'staff' is not"),
        ("never_touch", "head", "Addresses that toolkit must never change: 'head' is not an e-mail address"),
        ("never_touch", f"head@{OWN.replace('e', 'a', 1)}x", "Addresses that toolkit must never change: head@"),
        ("approved_by", "01632 960001", "Roles that may approve a change: "),
        ("terms", "autumn", "Term dates: 'autumn' is not a term"),
    ],
)
def test_a_refused_answer_begins_with_the_words_of_its_question(
    name: str, wrong: str, expected: str, tmp_path: Path
) -> None:
    answered = piped(tmp_path, *put(name, wrong), "y")

    assert answered.exit == 2
    assert f"toolkit: {expected}" in answered.err
