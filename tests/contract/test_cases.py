"""The contract of every case of every kind: applied once it agrees, and whatever is changed by hand shows as itself."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cases import (
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
from tests.contract.grouped import CaseGroup, Round, groups
from tests.door import CommandResult, Door, open_door
from tests.emulated import FEW_PEOPLE, Emulator, Tenant
from tests.google_workspace.connected import connect as google_workspace
from tests.leaves import unnoticed_paths
from tests.microsoft365.connected import connect as microsoft365
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.form import leaves
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Remote

Found = Mapping[str, tuple[str, Sequence[str]]]
"""What differs of each case by its address: the action, and the settings."""

CONNECTED: Mapping[str, Callable[[Tenant], Connection]] = {
    "google_workspace": google_workspace,
    "microsoft365": microsoft365,
}
_FILTER = "assignments[].target.deviceAndAppManagementAssignmentFilter"
PLANTED = {"Trust baseline": [f"{_FILTER}Id", f"{_FILTER}Type"]}
"""Unknown properties of objects of others in the seed, by the names of the objects."""

OTHERWISE = {
    f"google_workspace.policy_setting[{setting} @ /]"
    for setting in ("drive_and_docs.external_sharing", "security.two_step_verification_enforcement")
}
"""Settings that the seed has otherwise for a unit below."""


WRITTEN = groups(read_only=False)
ALONE = [pytest.param(one, marks=pytest.mark.soak) if str(one) == "microsoft365/1" else one for one in WRITTEN]
"""The groups of which single edits are put right: those of the largest in the soak, and there each case too."""


@dataclass(frozen=True)
class Snapshot:
    """What a tenant stores at one moment."""

    stored: Stored

    def objects(self, collection: str, /) -> Mapping[str, Mapping[str, Any]]:
        """Return a stored collection by its keys."""
        return self.stored[collection]

    def part(self, case: Case, edit: Edit) -> Any:
        """Return what is stored of an edit."""
        collection, key = case.place(self, edit)
        return part_of(self.stored[collection].get(key), edit.wire)


@dataclass(frozen=True)
class AppliedGroup:
    """Cases that were applied to a tenant of their own; tests leave the tenant as they found it."""

    group: CaseGroup
    door: Door
    first: CommandResult
    snapshot: Snapshot
    collections: Sequence[str]

    @contextmanager
    def edited(self, edits: Round) -> Iterator[None]:
        """Change what is stored by hand while the block lasts."""
        before = {name: self.snapshot.stored[name] for name in self.collections}
        changed: Stored = before
        for case, edit in edits:
            changed = case.apply_edits(self.snapshot, changed, edit)
        touched = [name for name in before if changed[name] != before[name]]
        put(self.door.tenant, {name: changed[name] for name in touched})
        yield
        put(self.door.tenant, {name: before[name] for name in touched})

    def edit_and_ask(self, edits: Round, command: str, *options: str) -> tuple[int, Found]:
        """Edit, ask a command what differs, and undo the edits."""
        with self.edited(edits):
            answer = self.door.toolkit(command, "--json", *options)
        sys.stdout.write(answer.out + answer.err)  # shown where the test fails
        return answer.exit, _differing(answer)

    def repaired(self, edits: Round) -> tuple[int, list[str], int, Mapping[str, Any]]:
        """Edit, apply and plan: how that ended, what was done in how many writes, and what is stored of the edits."""
        with self.edited(edits):
            before = newest(self.door)
            answer = self.door.toolkit("apply", "--yes", "--json", *self.group.allowing)
            done = len(writes(self.door, before))
            plan = self.door.toolkit("plan")
            left = self.stored_parts(edits)
        assert answer.exit == 0, answer.out + answer.err
        return plan.exit, _outcomes(answer), done, left

    def stored_parts(self, edits: Round) -> Mapping[str, Any]:
        """Return what is stored of some edits now."""
        now = Snapshot(snapshot(self.door.tenant, list(self.snapshot.stored)))
        return {_edit_key(*edited): now.part(*edited) for edited in edits}

    def right(self, edits: Round) -> tuple[int, list[str], int, Mapping[str, Any]]:
        """Return what `repaired` has to return of one edit of each case."""
        return 0, ["update done"] * len(edits), sum(edit.calls for _, edit in edits), self.wanted(edits)

    def wanted(self, edits: Round) -> Mapping[str, Any]:
        """Return what is to be stored once some edits are put right."""
        return {_edit_key(*edited): self._wanted(*edited) for edited in edits}

    def _wanted(self, case: Case, edit: Edit) -> Any:
        before = self.snapshot.part(case, edit)
        return laid_over(before or {}, edit.repaired) if edit.repaired else before


def shown(edits: Round) -> tuple[int, Found]:
    """Return what `edit_and_ask` has to return of one edit of each case."""
    return 3, {case.address: ("update", edit.shows) for case, edit in edits}


def _differing(answer: CommandResult) -> Found:
    """Return what differs: what is written, and what is only checked."""
    found: dict[str, tuple[str, list[str]]] = {}
    for change in (*answer.json["changes"], *answer.json["checked"]):
        action, paths = found.setdefault(_address(change), (change["action"], []))
        assert action == change["action"]
        paths += [field["path"] for field in change["fields"]]
    return {address: (action, sorted(paths)) for address, (action, paths) in found.items()}


def _address(change: Mapping[str, Any]) -> str:
    """Return the address with the name as the playbook writes it: the person's, where it is something of a person."""
    kind = change["address"].partition("[")[0]
    return f"{kind}[{change['of']}]" if change.get("of") else str(change["address"])


def _outcomes(answer: CommandResult) -> list[str]:
    return [f"{outcome['action']} {outcome['result']}" for outcome in answer.json["outcomes"]]


def _edit_key(case: Case, edit: Edit) -> str:
    return f"{case}: {edit.wire}"


@contextmanager
def _applied(group: CaseGroup, emulator: Emulator, directory: Path) -> Iterator[AppliedGroup]:
    tenant = emulator.borrow_tenant(**FEW_PEOPLE)
    door = open_door(tenant, directory, samples=False, clouds=[group.cases[0].provider])
    protect_nobody(door)
    for case in group.cases:
        case.prepare(tenant)
    ask_for(door, *group.cases)
    first = door.toolkit("apply", "--yes")
    collections = list(dict.fromkeys(name for case in group.cases for name in case.collections))
    owners = [case.owner["in"] for case in group.cases if case.owner]
    stored = snapshot(tenant, list(dict.fromkeys([*collections, *owners])))
    yield AppliedGroup(group, door, first, Snapshot(stored), collections)
    tenant.close()


def _people(tenant: Tenant, provider: str) -> Mapping[str, str]:
    """Return the id of each person of a cloud by the address."""
    place, name = {"microsoft365": ("users", "mail"), "google_workspace": ("google.users", "primaryEmail")}[provider]
    return {str(body.get(name)): key for key, body in tenant.objects(place).items()}


def read_whole(applied: AppliedGroup) -> None:
    """Assert that each kind notices a change of any property of its objects, and that none is unknown at rest."""
    provider = applied.group.cases[0].provider
    people = _people(applied.door.tenant, provider)
    with closing(CONNECTED[provider](applied.door.tenant)) as connection:
        _read_kinds(applied, provider, connection, people)


def _read_kinds(applied: AppliedGroup, provider: str, connection: Connection, people: Mapping[str, str]) -> None:
    for name in dict.fromkeys(case.kind.partition(".")[2] for case in applied.group.cases):
        kind, cases = kinds(provider)[name], [case for case in applied.group.cases if case.kind.endswith(f".{name}")]
        wanted = (
            Everything() if kind.whole else NamedOnly(frozenset(people.get(case.name, case.name) for case in cases))
        )
        found = [remote for remote in kind.endpoint.read(connection, wanted) if isinstance(remote, Remote)]

        assert len(found) >= len(cases)
        changed = found if applied.group.most is None else _of_each_shape(found)
        assert {one.name: unnoticed_paths(kind.spec, one.body) for one in changed} == {one.name: [] for one in changed}
        unknown = {remote.name: [item.path for item in kind.spec.unknown(remote.body)] for remote in found}
        assert unknown == {remote.name: PLANTED.get(remote.name, []) for remote in found}


def _of_each_shape(found: Sequence[Remote]) -> Sequence[Remote]:
    """Return one object of all that have the same type and the same properties."""
    shapes = {(str(one.body.get("@odata.type")), *(path for path, _ in leaves(one.body))): one for one in found}
    return list(shapes.values())


@pytest.fixture(scope="module", params=WRITTEN, ids=str)
def applied(
    request: pytest.FixtureRequest, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppliedGroup]:
    """Apply a group of cases for all tests of it."""
    with _applied(request.param, emulator, tmp_path_factory.mktemp("school")) as applied:
        yield applied


@pytest.fixture(scope="module", params=groups(read_only=True), ids=str)
def checked(
    request: pytest.FixtureRequest, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppliedGroup]:
    """Check a group of cases of kinds that cannot be written, for all tests of it."""
    with _applied(request.param, emulator, tmp_path_factory.mktemp("school")) as applied:
        yield applied


def test_once_applied_it_agrees_without_a_ledger_too_and_a_second_apply_writes_nothing(applied: AppliedGroup) -> None:
    door, before = applied.door, newest(applied.door)

    assert applied.first.exit == 0, applied.first.out + applied.first.err
    with door.without_ledger():
        assert door.toolkit("plan").exit == 0
    if applied.group.most is None:  # else drift that shows just the edits has all others agree
        assert door.toolkit("drift").exit == 0
    assert door.toolkit("apply", "--yes").exit == 0
    assert writes(door, before) == []


def test_every_property_is_noticed_or_ignored_by_name(applied: AppliedGroup) -> None:
    read_whole(applied)


def test_each_edit_shows_as_just_its_setting(applied: AppliedGroup) -> None:
    """Ask plan and drift in turn; the soak asks both of them of each edit."""
    for number, edits in enumerate(applied.group.few_edits()):
        if applied.group.most is None or number % 2 == 0:
            assert applied.edit_and_ask(edits, "plan", *applied.group.allowing) == shown(edits)
        if applied.group.most is None or number % 2 == 1:
            assert applied.edit_and_ask(edits, "drift") == shown(edits)


def test_everything_edited_at_once_is_put_right_in_one_update(applied: AppliedGroup) -> None:
    edits = applied.group.all_edits()

    code, outcomes, _, left = applied.repaired(edits)

    assert (code, outcomes) == (0, ["update done"] * len(applied.group.cases))
    assert left == applied.wanted(edits)


@pytest.mark.parametrize("applied", ALONE, ids=str, indirect=True)
def test_each_edit_is_put_right_alone(applied: AppliedGroup) -> None:
    for edits in applied.group.first_edits():
        code, outcomes, done, left = applied.repaired(edits)
        right = applied.right(edits)
        if applied.group.shares_calls:
            assert 1 <= done <= right[2]
            done = right[2]
        assert (code, outcomes, done, left) == right


def test_what_is_only_checked_agrees_as_long_as_it_is_not_changed(checked: AppliedGroup) -> None:
    door, before = checked.door, newest(checked.door)

    assert checked.first.exit == 0, checked.first.out + checked.first.err
    drift = door.toolkit("drift", "--json")
    otherwise = {one["address"] for one in drift.json["remarks"]}
    assert otherwise == OTHERWISE & {case.address for case in checked.group.cases}
    assert drift.exit == (3 if otherwise else 0)
    assert [door.toolkit(*command).exit for command in (["plan"], ["apply", "--yes"])] == [0, 0]
    assert writes(door, before) == []


def test_every_property_of_what_is_only_checked_is_noticed_or_ignored_by_name(checked: AppliedGroup) -> None:
    read_whole(checked)


def test_each_edit_of_what_is_only_checked_shows_in_drift_and_is_never_put_right(checked: AppliedGroup) -> None:
    before = newest(checked.door)

    for edits in checked.group.few_edits():
        assert checked.edit_and_ask(edits, "drift") == shown(edits)
    with checked.edited(checked.group.all_edits()):
        codes = [checked.door.toolkit(*command).exit for command in (["plan"], ["apply", "--yes"])]
    assert codes == [0, 0]
    assert writes(checked.door, before) == []
