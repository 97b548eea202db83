"""The contract of every case of every kind: applied once it agrees, and whatever is changed by hand shows as itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cases import CASES, Case, Edit, ask_for, newest, protect_nobody, writes
from tests.door import Answered, Door, open_door
from tests.emulated import Emulator


@dataclass(frozen=True)
class Applied:
    """A case that was applied to a tenant of its own; tests leave the tenant as they found it."""

    case: Case
    door: Door
    first: Answered
    key: str
    stored: Mapping[str, Any]

    def edited(self, *edits: Edit) -> None:
        """Change the stored object by hand."""
        wire = {name: value for edit in edits for name, value in edit.wire.items()}
        self.door.tenant.put(self.case.stored, self.key, {**self.stored, **wire})

    def restored(self) -> None:
        self.door.tenant.put(self.case.stored, self.key, self.stored)

    def seen(self, command: str, edit: Edit) -> tuple[int, list[tuple[str, str, list[str]]]]:
        """Edit, ask a command what differs, and undo the edit."""
        self.edited(edit)
        answer = self.door.toolkit(command, "--json")
        self.restored()
        return answer.exit, _differing(answer)

    def repaired(self, edit: Edit) -> tuple[int, list[str], int, Mapping[str, Any]]:
        """Edit, apply, and plan: how it ended, what was done in how many writes, and what is stored of the edit."""
        self.edited(edit)
        before = newest(self.door)
        answer = self.door.toolkit("apply", "--yes", "--json")
        body = self.door.tenant.stored(self.case.stored, self.key)
        plan = self.door.toolkit("plan")
        done = len(writes(self.door, before))
        self.restored()
        wire = {name: body[name] for name in edit.wire}
        return answer.exit + plan.exit, _outcomes(answer), done, wire

    def right(self, edit: Edit) -> tuple[int, list[str], int, Mapping[str, Any]]:
        """Say what `repaired` is to give."""
        return 0, ["update done"], edit.calls, self.wanted(edit)

    def wanted(self, edit: Edit) -> Mapping[str, Any]:
        """Say what is to be stored once an edit is put right."""
        return {**{name: self.stored[name] for name in edit.wire}, **edit.repaired}


def _differing(answer: Answered) -> list[tuple[str, str, list[str]]]:
    return [(one["address"], one["action"], sorted(f["path"] for f in one["fields"])) for one in answer.json["changes"]]


def _outcomes(answer: Answered) -> list[str]:
    return [f"{one['action']} {one['result']}" for one in answer.json["outcomes"]]


@pytest.fixture(scope="module", params=CASES, ids=str)
def applied(
    request: pytest.FixtureRequest, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Applied]:
    """Apply one case for all tests of it."""
    case: Case = request.param
    tenant = emulator.open_tenant()
    door = open_door(tenant, tmp_path_factory.mktemp("school"), samples=False)
    protect_nobody(door)
    ask_for(door, case)
    first = door.toolkit("apply", "--yes")
    key = case.key(tenant)
    yield Applied(case, door, first, key, tenant.stored(case.stored, key))
    tenant.close()


def test_once_applied_it_agrees_and_a_second_apply_writes_nothing(applied: Applied) -> None:
    door, before = applied.door, newest(applied.door)

    assert applied.first.exit == 0, applied.first.out + applied.first.err
    assert [door.toolkit(*command).exit for command in (["plan"], ["drift"], ["apply", "--yes"])] == [0, 0, 0]
    assert writes(door, before) == []


def test_each_edit_shows_as_just_its_setting_in_drift_and_plan(applied: Applied) -> None:
    case = applied.case
    shows = {str(edit.wire): (3, [(case.address, "update", edit.shows)]) for edit in case.all_edits}

    assert {str(edit.wire): applied.seen("drift", edit) for edit in case.all_edits} == shows
    assert {str(edit.wire): applied.seen("plan", edit) for edit in case.all_edits} == shows


def test_everything_edited_at_once_is_put_right_in_one_update(applied: Applied) -> None:
    edits = applied.case.all_edits
    applied.edited(*edits)

    answer = applied.door.toolkit("apply", "--yes", "--json")
    stored = applied.door.tenant.stored(applied.case.stored, applied.key)
    plan = applied.door.toolkit("plan")
    applied.restored()

    assert (answer.exit, _outcomes(answer), plan.exit) == (0, ["update done"], 0), answer.out + answer.err
    assert [{name: stored[name] for name in edit.wire} for edit in edits] == [applied.wanted(edit) for edit in edits]


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
