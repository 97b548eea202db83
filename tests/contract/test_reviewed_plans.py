"""A plan that was reviewed is applied exactly, or refused as stale."""

import hashlib
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.contract.rules import KIND, STORED, apply, planned_changes, rule, rule_order, stored_rule, write_rules
from tests.door import MICROSOFT, Checkpoint, CommandResult, Door
from tests.schools import TWENTY_PEOPLE, Schools, few_people

pytestmark = few_people


@pytest.fixture(autouse=True)
def _in_no_school(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder: a plan looks for its playbooks in the school of the working directory first."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def saved_plan(module_schools: Schools) -> Checkpoint:
    """Save, once, the plan of a school with one rule as wanted, one that differs and one to be made."""
    door = module_schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT], own_snapshot=True)
    write_rules(door, rule("A"), rule("B"))
    apply(door)
    write_rules(door, rule("A"), rule("B", prepend_subject="[changed] "), rule("C"))
    assert door.toolkit("plan", "-o", str(_monday(door))).exit == 3
    return module_schools.checkpoint(door)


def _monday(door: Door) -> Path:
    return door.playbooks.parent / "monday.plan"


@pytest.fixture
def reviewed(saved_plan: Checkpoint) -> tuple[Door, Path]:
    """Return the school with its plan as it was saved."""
    door = saved_plan.restore()
    return door, _monday(door)


def test_a_reviewed_plan_is_applied_exactly(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed

    answer = door("apply", saved, "--yes", "--json")

    assert answer.exit == 0, answer.out + answer.err
    assert planned_changes(answer) == [("update", "B"), ("create", "C")]
    assert door.toolkit("plan").exit == 0


_SURROGATE = r'{"toolkit": "plan", "format": 1, "school": "\ud800", "content_digest": "x"}'


def _edit_and_seal(saved: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edit a saved plan as a careful forger would, who writes the digest of the new content, too."""
    plan = json.loads(saved.read_text())
    edit(plan)
    del plan["content_digest"]
    text = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    saved.write_text(json.dumps({**plan, "content_digest": hashlib.sha256(text.encode()).hexdigest()}))


def _edit_what_changes(door: Door) -> None:
    door.tenant.patch(STORED, stored_rule(door, "B")["Guid"], PrependSubject="[by hand] ")


def _edit_what_was_as_wanted(door: Door) -> None:
    door.tenant.patch(STORED, stored_rule(door, "A")["Guid"], PrependSubject="[by hand] ")


def _make_what_is_to_be_made(door: Door) -> None:
    body = {**stored_rule(door, "A"), "Guid": "made-by-hand", "Name": "C"}
    door.tenant.put(STORED, "made-by-hand", body)


def _change_a_playbook(door: Door) -> None:
    write_rules(door, rule("A"), rule("B", prepend_subject="[other] "), rule("C"))


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
    before, standing = newest(door), rule_order(door)

    answer = door("apply", saved, "--yes")

    assert answer.exit == 5
    assert "Make and review a new" in answer.err
    assert writes(door, before) == []
    assert rule_order(door) == standing


def test_a_plan_made_for_another_target_is_refused(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    _edit_and_seal(saved, lambda plan: plan.update(target="live"))

    answer = door("apply", saved, "--yes")

    assert answer.exit == 5
    assert "made for the live target" in answer.err


def test_a_plan_made_by_another_toolkit_is_refused(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    _edit_and_seal(saved, lambda plan: plan.update(version="9.9"))

    answer = door("apply", saved, "--yes")

    assert answer.exit == 5
    assert "was made by toolkit 9.9" in answer.err


def test_a_file_that_is_no_plan_is_a_mistake(bare_door: Door, tmp_path: Path) -> None:
    (tmp_path / "other.plan").write_text("{}")

    answer = bare_door("apply", tmp_path / "other.plan", "--yes")

    assert answer.exit == 2
    assert "is not a plan of toolkit" in answer.err


def test_a_plan_for_a_part_is_applied_for_that_part(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    door.toolkit("plan", "-o", str(saved), "--only", "C")

    answer = door("apply", saved, "--yes", "--json")

    assert planned_changes(answer) == [("create", "C")]
    assert stored_rule(door, "B")["PrependSubject"] == "[B] "


def test_a_refusal_names_the_object_the_setting_and_both_values(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    _edit_what_changes(door)

    answer = door("apply", saved, "--yes")

    assert "microsoft365.transport_rule[B], prepend_subject: " in answer.err
    assert 'shown "[B] " -> "[changed] ", now "[by hand] " -> "[changed] "' in answer.err


def test_a_refusal_names_what_was_not_shown(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    _edit_what_was_as_wanted(door)

    assert "microsoft365.transport_rule[A]: shown nothing, now update" in door("apply", saved, "--yes").err


def _hide_every_change(plan: dict[str, Any]) -> None:
    plan["changes"] = []


def _show_a_smaller_change(plan: dict[str, Any]) -> None:
    plan["changes"][0]["fields"][0]["after"] = "[harmless] "


def _show_a_setting_twice(plan: dict[str, Any]) -> None:
    plan["changes"][0]["fields"] *= 2


def _show_another_order(plan: dict[str, Any]) -> None:
    plan["changes"].reverse()


def _leave_a_part_out(plan: dict[str, Any]) -> None:
    plan["only"] = ["C"]


def _show_another_school(plan: dict[str, Any]) -> None:
    plan["school"] = "Another School"


@pytest.mark.parametrize(
    ("forge", "named"),
    [
        (_hide_every_change, "transport_rule[B]: shown nothing, now update"),
        (_show_a_smaller_change, '"[harmless] ", now "[B] " -> "[changed] "'),
        (_show_a_setting_twice, "is not the plan that would be applied now"),
        (_show_another_order, "changes: shown in another order"),
        (_leave_a_part_out, "transport_rule[B]: shown update, now nothing"),
        (_show_another_school, 'school: shown "Another School", now "Example Primary School"'),
    ],
)
def test_a_forged_plan_with_a_fitting_digest_is_refused_and_the_forgery_is_named(
    forge: Callable[[dict[str, Any]], None], named: str, reviewed: tuple[Door, Path]
) -> None:
    door, saved = reviewed
    before = newest(door)
    _edit_and_seal(saved, forge)

    answer = door("apply", saved, "--yes")

    assert answer.exit == 5
    assert named in answer.err
    assert writes(door, before) == []


def test_a_plan_of_before_there_was_a_digest_is_too_old(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    plan = json.loads(saved.read_text())
    del plan["content_digest"]
    saved.write_text(json.dumps(plan))

    answer = door("apply", saved, "--yes")

    assert answer.exit == 5
    assert "was saved by an earlier toolkit" in answer.err
    assert "Make and review a new plan" in answer.err


@pytest.mark.parametrize("text", ["{", '{"toolkit": "plan"}', "{" * 100_000, '{"format": 1, "toolkit": 5}', _SURROGATE])
def test_a_file_that_only_begins_like_a_plan_is_a_mistake(text: str, bare_door: Door, tmp_path: Path) -> None:
    (tmp_path / "other.plan").write_text(text)

    answer = bare_door("apply", tmp_path / "other.plan", "--yes")

    assert answer.exit == 2
    assert answer.err.count("\n") == 1


def test_a_key_that_is_written_twice_is_a_mistake(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    saved.write_text(saved.read_text().replace('"changes": [', '"changes": [],\n  "changes": [', 1))

    assert door("apply", saved, "--yes").exit == 2


def test_a_plan_is_its_owners_alone_and_holds_no_absolute_path(reviewed: tuple[Door, Path]) -> None:
    door, saved = reviewed
    saved.chmod(0o644)

    assert door.toolkit("plan", "-o", str(saved)).exit == 3

    plan = json.loads(saved.read_text())
    assert saved.stat().st_mode & 0o777 == 0o600
    assert str(saved.parent) not in saved.read_text()
    assert plan["playbooks"] == "playbooks"
    assert {origin["path"] for change in plan["changes"] for origin in change["origins"]} == {"10-rules.yaml"}
    assert [file.name for file in saved.parent.iterdir() if "monday" in file.name] == ["monday.plan"]


def test_a_file_that_is_no_plan_is_never_overwritten(reviewed: tuple[Door, Path]) -> None:
    door, _ = reviewed
    file = door.playbooks / "10-rules.yaml"
    before = file.read_text()

    answer = door.toolkit("plan", "-o", str(file))

    assert answer.exit == 2
    assert "is not a saved plan, so it is not overwritten" in answer.err
    assert file.read_text() == before


def test_a_plan_that_was_moved_finds_its_playbooks_in_the_school_or_by_the_option(
    reviewed: tuple[Door, Path], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, saved = reviewed
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    moved = saved.rename(elsewhere / "moved.plan")

    monkeypatch.chdir(elsewhere)
    lost = door("apply", moved, "--yes")
    told = door("apply", moved, "--yes", "--playbooks", door.playbooks)
    monkeypatch.chdir(door.playbooks)
    again = door("apply", moved, "--yes")

    assert lost.exit == 2
    assert "Run it in the school's folder, or name their folder with --playbooks" in lost.err
    assert told.exit == 0
    assert again.exit == 5  # it was applied already
    assert "shown update, now nothing" in again.err


def test_what_lifts_a_limit_names_the_playbooks_of_a_plan_where_they_are_now_and_the_one_file(bare_door: Door) -> None:
    door = bare_door
    names = [f"Rule {number}" for number in range(11)]
    write_rules(door, *map(rule, names))
    apply(door)
    write_rules(door, *(rule(name, prepend_subject="[changed] ") for name in names))
    file, plan, moved = (
        door.playbooks / "10-rules.yaml",
        door.playbooks.parent / "a.plan",
        door.playbooks.parent / "now",
    )
    lifting = ["--allow-changes", KIND]

    alone = _way_on(door("apply", file, "--yes", "--override", "the head asked"))
    assert door.toolkit("plan", "-o", str(plan)).exit == 5
    door.playbooks.rename(moved)
    there = _way_on(door("apply", plan, "--yes", "--playbooks", moved))

    assert alone == ["apply", str(file), "--override", "the head asked", *lifting]
    assert there == ["apply", str(plan), "--playbooks", str(moved), *lifting]
    assert door(*there, "--yes").exit == 0


def _way_on(refused: CommandResult) -> list[str]:
    _, _, command = refused.err.strip().partition("If you want this: toolkit ")
    return shlex.split(command)


def test_the_option_is_for_a_saved_plan_alone(bare_door: Door) -> None:
    answer = bare_door.toolkit("apply", "--yes", "--playbooks", str(bare_door.playbooks))

    assert answer.exit == 2
    assert "is not a saved plan" in answer.err
