"""A plan that was reviewed is applied exactly, or refused as stale."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases import newest, writes
from tests.contract.rules import STORED, apply, ask, changes, order, rule, stored
from tests.door import Door


@pytest.fixture
def reviewed(bare_door: Door, tmp_path: Path) -> tuple[Door, Path]:
    """Open a school with one rule as wanted, one that differs and one to be made, and save the plan."""
    ask(bare_door, rule("A"), rule("B"))
    apply(bare_door)
    ask(bare_door, rule("A"), rule("B", prepend_subject="[changed] "), rule("C"))
    saved = tmp_path / "monday.plan"
    assert bare_door.toolkit("plan", "-o", str(saved)).exit == 3
    return bare_door, saved


def test_a_reviewed_plan_is_applied_exactly(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed

    answer = door("apply", saved, "--yes", "--json")

    assert answer.exit == 0, answer.out + answer.err
    assert changes(answer) == [("update", "B"), ("create", "C")]
    assert door.toolkit("plan").exit == 0


def _edit_what_changes(door: Door) -> None:
    door.tenant.patch(STORED, stored(door, "B")["Guid"], PrependSubject="[by hand] ")


def _edit_what_was_as_wanted(door: Door) -> None:
    door.tenant.patch(STORED, stored(door, "A")["Guid"], PrependSubject="[by hand] ")


def _make_what_is_to_be_made(door: Door) -> None:
    body = {**stored(door, "A"), "Guid": "made-by-hand", "Name": "C"}
    door.tenant.put(STORED, "made-by-hand", body)


def _change_a_playbook(door: Door) -> None:
    ask(door, rule("A"), rule("B", prepend_subject="[other] "), rule("C"))


def _add_a_playbook(door: Door) -> None:
    door.write("20-more.yaml", "playbook: more\ntitle: More\nowner: Head Teacher\n")


@pytest.mark.parametrize(
    "change",
    [
        _edit_what_changes,
        _edit_what_was_as_wanted,
        _make_what_is_to_be_made,
        _change_a_playbook,
        _add_a_playbook,
    ],
)
def test_a_plan_whose_ground_changed_is_refused_and_nothing_is_written(
    change: Callable[[Door], None], reviewed: tuple[Door, Path]
) -> None:
    door, saved = reviewed
    change(door)
    before, standing = newest(door), order(door)

    answer = door("apply", saved, "--yes")

    assert answer.exit == 5
    assert "make and review a new" in answer.err
    assert writes(door, before) == []
    assert order(door) == standing


def test_a_plan_made_for_another_target_is_refused(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    saved.write_text(saved.read_text().replace('"target": "emulator"', '"target": "live"'))

    answer = door("apply", saved, "--yes")

    assert answer.exit == 5
    assert "made for the live target" in answer.err


def test_a_plan_made_by_another_toolkit_is_refused(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    saved.write_text(saved.read_text().replace('"version": "', '"version": "9.'))

    assert door("apply", saved, "--yes").exit == 5


def test_a_file_that_is_no_plan_is_a_mistake(bare_door: Door, tmp_path: Path) -> None:
    (tmp_path / "other.plan").write_text("{}")

    answer = bare_door("apply", tmp_path / "other.plan", "--yes")

    assert answer.exit == 2
    assert "is no plan of toolkit" in answer.err


def test_a_plan_for_a_part_is_applied_for_that_part(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    door.toolkit("plan", "-o", str(saved), "--only", "C")

    answer = door("apply", saved, "--yes", "--json")

    assert changes(answer) == [("create", "C")]
    assert stored(door, "B")["PrependSubject"] == "[B] "
