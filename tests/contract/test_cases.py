"""The contract of every case of every kind: applied once it agrees, and whatever is changed by hand shows as itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cases import (
    CASES,
    Case,
    Edit,
    Stored,
    ask_for,
    laid_over,
    newest,
    part_of,
    protect_nobody,
    put,
    snapshot,
    writes,
)
from tests.door import Answered, Door, open_door
from tests.emulated import Emulator


@dataclass(frozen=True)
class Applied:
    """A case that was applied to a tenant of its own; tests leave the tenant as they found it."""

    case: Case
    door: Door
    first: Answered
    stored: Stored

    def edited(self, *edits: Edit) -> None:
        """Change what is stored by hand."""
        put(self.door.tenant, self.case.edited(self.door.tenant, self.stored, *edits))

    def restored(self) -> None:
        put(self.door.tenant, self.stored)

    def seen(self, command: str, edit: Edit) -> tuple[int, list[tuple[str, str, list[str]]]]:
        """Edit, ask a command what differs, and undo the edit."""
        self.edited(edit)
        answer = self.door.toolkit(command, "--json")
        self.restored()
        return answer.exit, _differing(answer)

    def shown(self, edit: Edit) -> tuple[int, list[tuple[str, str, list[str]]]]:
        """Say what `seen` is to give."""
        return 3, [(self.case.name, "update", edit.shows)]

    def repaired(self, edit: Edit) -> tuple[int, list[str], int, Any]:
        """Edit, apply, and plan: how it ended, what was done in how many writes, and what is stored of the edit."""
        self.edited(edit)
        before = newest(self.door)
        answer = self.door.toolkit("apply", "--yes", "--json")
        left = self.left(edit)
        plan = self.door.toolkit("plan")
        done = len(writes(self.door, before))
        self.restored()
        return answer.exit + plan.exit, _outcomes(answer), done, left

    def right(self, edit: Edit) -> tuple[int, list[str], int, Any]:
        """Say what `repaired` is to give."""
        return 0, ["update done"], edit.calls, self.wanted(edit)

    def left(self, edit: Edit) -> Any:
        """Give what is stored of an edit now."""
        collection, key = self.case.place(self.door.tenant, edit)
        return part_of(self.door.tenant.objects(collection).get(key), edit.wire)

    def wanted(self, edit: Edit) -> Any:
        """Say what is to be stored once an edit is put right."""
        collection, key = self.case.place(self.door.tenant, edit)
        before = part_of(self.stored[collection].get(key), edit.wire)
        return laid_over(before or {}, edit.repaired) if edit.repaired else before


def _differing(answer: Answered) -> list[tuple[str, str, list[str]]]:
    """List what differs: what is written, and what is only checked."""
    changes = [*answer.json["changes"], *answer.json["checked"]]
    return [(_name(one), one["action"], sorted(f["path"] for f in one["fields"])) for one in changes]


def _name(change: Mapping[str, Any]) -> str:
    """Give the name as the playbook writes it: whose it is, where it is somebody's."""
    return str(change.get("of") or change["address"].partition("[")[2].removesuffix("]"))


def _outcomes(answer: Answered) -> list[str]:
    return [f"{one['action']} {one['result']}" for one in answer.json["outcomes"]]


WRITTEN = [case for case in CASES if not case.read_only]
CHECKED = [case for case in CASES if case.read_only]


FEW = 6
"""Edits of a case that `make test` looks for one by one; `make soak` looks for all of them."""


def _spread(edits: Sequence[Edit], most: int | None) -> Sequence[Edit]:
    """Give as many edits, from the first to the last of them."""
    if most is None or len(edits) <= most:
        return edits
    return [edits[place * (len(edits) - 1) // (most - 1)] for place in range(most)]


@contextmanager
def _applied(case: Case, emulator: Emulator, directory: Path) -> Iterator[Applied]:
    tenant = emulator.open_tenant()
    door = open_door(tenant, directory, samples=False, clouds=[case.provider])
    protect_nobody(door)
    case.prepare(tenant)
    ask_for(door, case)
    first = door.toolkit("apply", "--yes")
    yield Applied(case, door, first, snapshot(tenant, case.collections))
    tenant.close()


@pytest.fixture(scope="module", params=WRITTEN, ids=str)
def applied(
    request: pytest.FixtureRequest, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Applied]:
    """Apply one case for all tests of it."""
    with _applied(request.param, emulator, tmp_path_factory.mktemp("school")) as applied:
        yield applied


@pytest.fixture(scope="module", params=CHECKED, ids=str)
def checked(
    request: pytest.FixtureRequest, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Applied]:
    """Check one case of a kind that nobody can write, for all tests of it."""
    with _applied(request.param, emulator, tmp_path_factory.mktemp("school")) as applied:
        yield applied


def test_once_applied_it_agrees_and_a_second_apply_writes_nothing(applied: Applied) -> None:
    door, before = applied.door, newest(applied.door)

    assert applied.first.exit == 0, applied.first.out + applied.first.err
    assert [door.toolkit(*command).exit for command in (["plan"], ["drift"], ["apply", "--yes"])] == [0, 0, 0]
    assert writes(door, before) == []


@pytest.mark.parametrize("most", [pytest.param(FEW, id="few"), pytest.param(None, id="all", marks=pytest.mark.soak)])
def test_each_edit_shows_as_just_its_setting_in_drift(applied: Applied, most: int | None) -> None:
    edits = _spread(applied.case.all_edits, most)

    assert {str(edit.wire): applied.seen("drift", edit) for edit in edits} == {
        str(edit.wire): applied.shown(edit) for edit in edits
    }


def test_an_edit_shows_as_just_its_setting_in_plan(applied: Applied) -> None:
    edit = applied.case.edits[0]

    assert applied.seen("plan", edit) == applied.shown(edit)


@pytest.mark.soak
def test_each_edit_shows_as_just_its_setting_in_plan(applied: Applied) -> None:
    edits = applied.case.all_edits

    assert {str(edit.wire): applied.seen("plan", edit) for edit in edits} == {
        str(edit.wire): applied.shown(edit) for edit in edits
    }


def test_everything_edited_at_once_is_put_right_in_one_update(applied: Applied) -> None:
    edits = applied.case.all_edits
    applied.edited(*edits)

    answer = applied.door.toolkit("apply", "--yes", "--json")
    left = [applied.left(edit) for edit in edits]
    plan = applied.door.toolkit("plan")
    applied.restored()

    assert (answer.exit, _outcomes(answer), plan.exit) == (0, ["update done"], 0), answer.out + answer.err
    assert left == [applied.wanted(edit) for edit in edits]


def test_one_edit_is_put_right_alone(applied: Applied) -> None:
    edit = applied.case.edits[0]

    assert applied.repaired(edit) == applied.right(edit)


@pytest.mark.soak
def test_each_edit_is_put_right_alone(applied: Applied) -> None:
    edits = applied.case.all_edits

    assert {str(edit.wire): applied.repaired(edit) for edit in edits} == {
        str(edit.wire): applied.right(edit) for edit in edits
    }


def test_it_agrees_without_a_ledger_too(applied: Applied) -> None:
    applied.door.forget()

    assert applied.door.toolkit("plan").exit == 0


def test_what_is_only_checked_agrees_as_long_as_nobody_changes_it(checked: Applied) -> None:
    door, before = checked.door, newest(checked.door)

    assert checked.first.exit == 0, checked.first.out + checked.first.err
    assert [door.toolkit(*command).exit for command in (["plan"], ["drift"], ["apply", "--yes"])] == [0, 0, 0]
    assert writes(door, before) == []


def test_each_edit_of_what_is_only_checked_shows_in_drift_and_is_never_put_right(checked: Applied) -> None:
    edits, before = checked.case.all_edits, newest(checked.door)
    shows = {str(edit.wire): checked.shown(edit) for edit in edits}

    assert {str(edit.wire): checked.seen("drift", edit) for edit in edits} == shows
    checked.edited(*edits)
    codes = [checked.door.toolkit(*command).exit for command in (["plan"], ["apply", "--yes"])]
    checked.restored()
    assert codes == [0, 0]
    assert writes(checked.door, before) == []
