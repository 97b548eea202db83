"""The command that an apply prints takes the apply back when it is typed, but for what its plan had named."""

import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cases import playbook, resource
from tests.contract.rules import apply, rule, write_rules
from tests.door import CommandResult, Door
from tests.schools import TWENTY_PEOPLE, Schools

LEADERS = "leadership@example-primary.example"
POLICY = resource(
    "microsoft365.windows_configuration", "Ours", {"game_dvr_blocked": True, "assigned_to": ["all devices"]}
)
KEPT = resource("microsoft365.retention_policy", "Ours", {"mail": "all", "keep_days": 90, "beside": True})
MARKED = {
    "microsoft365.retention_policy[School retention: mail]": "microsoft365.retention_policy[Staff mail 7 years]",
}
"""An object whose service has no rename: only our mark in it says what the playbook calls it."""
FREEZE = """
freezes:
  - {from: 2026-11-09, to: 2026-11-11, why: exam week}
"""


@pytest.fixture
def school(schools: Schools) -> Door:
    return schools.build(TWENTY_PEOPLE)


def _typed(door: Door, applied: CommandResult, *options: str) -> CommandResult:
    """Type the command that an apply printed."""
    (back,) = [line for line in applied.out.splitlines() if line.startswith("To undo this run: toolkit ")]
    return door(*shlex.split(back.removeprefix("To undo this run: toolkit ")), "--yes", *options)


def _differences(plan: Any) -> dict[str, str]:
    return {one["address"]: str((one["action"], one["fields"])) for one in plan["changes"]}


def _before_it(change: Any) -> str:
    """Return the address of an object as it was called before a change, which is how a rollback names it."""
    names = [one["before"] for one in change["fields"] if one["path"] == "name"]
    address = f"{change['address'].partition('[')[0]}[{names[0]}]" if names else str(change["address"])
    return MARKED.get(address, address)


def _everything_accounted(plan: Any) -> Counter[str]:
    objects = [one["address"] for part in ("changes", "refused", "kept") for one in plan[part]]
    objects += {one["address"] for one in plan["conflicts"]}
    return Counter([*objects, *plan["as_before"]])


def test_all_samples_go_back_by_the_printed_command_but_for_what_the_plan_named(schools: Schools) -> None:
    door = schools.build(samples=True)
    before = door.toolkit("plan", "--json").json
    named = {one["address"] for one in before["not_reversible"]}

    applied = door.toolkit("apply", "--yes")
    back = _typed(door, applied, "--json")
    after = door.toolkit("plan", "--json").json
    again = _typed(door, applied, "--json")

    assert named == {f"microsoft365.retention_policy[School retention: {what}]" for what in ("files", "chat")}
    assert "not reversible by `toolkit rollback`" in applied.out
    assert "it does not undo 2 changes" in applied.out
    assert {one["address"] for one in back.json["refused"]} == named, back.err
    assert (back.json["conflicts"], back.json["kept"], back.json["unknown"]) == ([], [], [])
    assert _everything_accounted(back.json) == dict.fromkeys(map(_before_it, before["changes"]), 1)
    leaves = {one["address"] for one in before["rollback_leaves"]}
    expected = {address: what for address, what in _differences(before).items() if address not in named}
    assert _differences(after).keys() == expected.keys()
    assert {what for what in expected.items() if what[0] not in leaves} <= {*_differences(after).items()}
    assert (again.json["changes"], again.json["conflicts"]) == ([], [])
    assert _everything_accounted(again.json) == dict.fromkeys(map(_before_it, before["changes"]), 1)


def _prepare_many(door: Door) -> tuple[str, ...]:
    write_rules(door, *(rule(name) for name in "ABCDE"))
    return ()


def _prepare_change(door: Door) -> tuple[str, ...]:
    _prepare_many(door)
    apply(door)
    write_rules(door, *(rule(name, prepend_subject="[changed] ") for name in "EDCBA"))
    return ()


def _prepare_one_cloud(door: Door) -> tuple[str, ...]:
    _prepare_many(door)
    return ("--provider", "microsoft365")


def _prepare_one_object(door: Door) -> tuple[str, ...]:
    _prepare_many(door)
    return ("--only", "B")


def _prepare_prune(door: Door) -> tuple[str, ...]:
    _prepare_many(door)
    apply(door)
    write_rules(door, rule("A"))
    return ("--prune", "--allow-deletes", "4", "--lose", "23")


def _prepare_narrower(door: Door) -> tuple[str, ...]:
    door.write("20-policy.yaml", playbook(POLICY, slug="policy"))
    apply(door)
    door.write("20-policy.yaml", playbook(POLICY.replace("all devices", LEADERS), slug="policy"))
    return ()


def _prepare_out_of_window(door: Door) -> tuple[str, ...]:
    _prepare_many(door)
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text() + FREEZE)
    return ("--override", "the head's word")


def _prepare_saved_plan(door: Door) -> tuple[str, ...]:
    _prepare_many(door)
    return ()


PREPARED = [
    _prepare_many,
    _prepare_change,
    _prepare_one_cloud,
    _prepare_one_object,
    _prepare_prune,
    _prepare_narrower,
    _prepare_out_of_window,
]


@pytest.mark.parametrize("prepare", PREPARED, ids=lambda one: one.__name__.removeprefix("_prepare_"))
def test_the_printed_command_works_as_it_is_typed(school: Door, prepare: Any) -> None:
    options = prepare(school)
    pruning = ["--prune"] if "--prune" in options else []
    before = school.toolkit("plan", "--json", *pruning).json

    applied = school.toolkit("apply", "--yes", *options)
    assert applied.exit == 0, applied.out + applied.err
    back = _typed(school, applied)

    assert back.exit == 0, back.out + back.err
    after = school.toolkit("plan", "--json", *pruning).json
    assert _differences(after) == _differences(before)


def test_a_saved_plan_is_taken_back_by_the_printed_command(
    school: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a clone in which the samples were applied is a school's folder too
    _prepare_many(school)
    before = school.toolkit("plan", "--json", "-o", str(tmp_path / "monday.plan")).json

    applied = school("apply", tmp_path / "monday.plan", "--yes")
    back = _typed(school, applied)

    assert back.exit == 0, back.out + back.err
    assert _differences(school.toolkit("plan", "--json").json) == _differences(before)


def test_what_keeps_evidence_is_named_before_it_is_written(school: Door) -> None:
    school.write("20-kept.yaml", playbook(KEPT, slug="kept"))

    planned = school.toolkit("plan", "--json").json
    applied = school.toolkit("apply", "--yes", "--json").json

    for answer in (planned, applied):
        assert [one["address"] for one in answer["not_reversible"]] == ["microsoft365.retention_policy[Ours]"]
    assert planned["way_back"] is None
    assert applied["way_back"].startswith("toolkit rollback ")


def test_a_redo_says_so_and_a_rollback_says_that_the_playbooks_still_ask_for_its_changes(school: Door) -> None:
    write_rules(school, rule("A"))
    apply(school)

    back = school("rollback", "last", school.playbooks, "--yes")
    redo = school("rollback", "last", school.playbooks, "--yes")
    log = school("audit", "log", "--json").json["runs"]

    assert (back.exit, redo.exit) == (0, 0), redo.out
    assert f"the playbooks are as run {log[2]['run']} read them, so the next apply makes its changes again" in back.out
    assert "was a rollback of" not in back.out
    assert f"that run was a rollback of run {log[2]['run']}, so this makes the changes of that run again" in redo.out
    assert "Made again: 1 change done" in redo.out


def test_a_rollback_after_the_playbooks_changed_does_not_claim_that_they_ask_for_it(school: Door) -> None:
    write_rules(school, rule("A"))
    apply(school)
    write_rules(school, rule("B"))

    back = school("rollback", "last", school.playbooks, "--yes")

    assert "so the next apply" not in back.out
    assert f"`toolkit plan {school.playbooks}` shows the changes that the playbooks ask for" in back.out
