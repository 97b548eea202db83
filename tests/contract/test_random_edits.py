"""Edits at random in a school that has objects of every kind on both clouds: each is found, and nothing else is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pprint import pformat
from random import Random
from typing import Any

import pytest

from tests.cases import CASES, Case, Edit, Place, laid_over, playbook, protect_nobody, put, resource, snapshot
from tests.contract.foreign import STOPS
from tests.contract.grouped import CaseGroup
from tests.contract.test_cases import AppliedGroup, Snapshot, shown
from tests.door import Door
from tests.schools import Schools
from toolkit.sdk.providers import kinds

PARTS, EACH = range(10), 50
AT_MOST = 3  # objects of a kind
BROWSER_LISTS = "intune.configurationPolicies"
"""Two of them that give one person different lists are a conflict, whoever made the second."""


@dataclass(frozen=True)
class School:
    """A school with what some cases ask for, all of it applied; tests leave it as they found it."""

    random: Random
    door: Door
    applied: Sequence[AppliedGroup]
    managed: frozenset[Place]
    places: Mapping[str, Place]  # where each case is stored

    @property
    def edits(self) -> Sequence[tuple[AppliedGroup, Edit]]:
        return [(one, edit) for one in self.applied for _, edit in one.group.all_edits()]


def _chosen(random: Random) -> Sequence[Case]:
    """Choose some cases of each kind that can be written, of different objects."""
    shuffled = random.sample(CASES, len(CASES))
    chosen: dict[tuple[str, str], Case] = {}
    for case in shuffled:
        of_kind = sum(one.kind == case.kind for one in chosen.values())
        if not case.read_only and of_kind < AT_MOST:
            chosen.setdefault((case.stored, case.name), case)
    return list(chosen.values())


@pytest.fixture(params=PARTS)
def school(request: pytest.FixtureRequest, schools: Schools) -> School:
    random = Random(request.param)
    door = schools.build({}, own_snapshot=True)
    protect_nobody(door)
    cases = _chosen(random)
    for case in cases:
        case.prepare(door.tenant)
    collections = sorted({name for case in cases for name in case.collections})
    before = snapshot(door.tenant, collections)
    door.write("10-cases.yaml", playbook(*(resource(case.kind, case.name, case.settings) for case in cases)))
    first = door.toolkit("apply", "--yes", "--json")
    assert first.exit == 0, first.out[-3000:] + first.err
    stored = snapshot(door.tenant, sorted({*collections, *(case.owner["in"] for case in cases if case.owner)}))
    applied = [
        AppliedGroup(CaseGroup(str(case), [case], None), door, first, Snapshot(stored), case.collections)
        for case in cases
    ]
    written = {(name, key) for name in collections for key, one in stored[name].items() if one != before[name].get(key)}
    asked = {one.place(door.tenant, edit) for one in cases for edit in one.all_edits}
    places = {str(case): (case.stored, case.key(Snapshot(stored))) for case in cases}
    return School(random, door, applied, frozenset(written | asked), places)


@pytest.mark.soak
def test_each_edit_of_what_is_managed_is_found_as_itself_and_put_right(school: School) -> None:
    edits = school.random.sample(school.edits, EACH)

    rounds = {_edit_name(one, edit): (one, [(one.group.cases[0], edit)]) for one, edit in edits}
    found = {told: (one.edit_and_ask(edits, "drift"), one.repaired(edits)) for told, (one, edits) in rounds.items()}

    assert found == {told: (shown(edits), one.right(edits)) for told, (one, edits) in rounds.items()}


def _edit_name(one: AppliedGroup, edit: Edit) -> str:
    return f"{one.group} {edit.setting}: {edit.wire}"


@pytest.mark.soak
def test_no_edit_of_what_is_not_managed_is_drift(school: School) -> None:
    edits = [_foreign(school) for _ in range(EACH)]

    seen = {str(edit): _edit_and_ask(school, *edit) for edit in edits if edit[0] != BROWSER_LISTS}

    wrong = {edit: found for edit, found in seen.items() if found != (0, [])}
    assert not wrong, pformat(wrong)


@pytest.mark.soak
def test_a_foreign_browser_list_beside_ours_is_named_wherever_it_differs(school: School) -> None:
    drawn = [edit for edit in (_foreign(school) for _ in range(EACH)) if edit[0] == BROWSER_LISTS]
    objects = school.door.tenant.objects(BROWSER_LISTS)

    for edit in drawn:
        code, rows = _edit_and_ask(school, *edit)
        names = [f'"{objects[edit[1]]["name"]}" sets' in str(reason) for _, reason, _ in rows]
        assert (code, names) in [(0, []), (3, [True] * max(1, len(names)))], (edit, rows)


def _edit_and_ask(
    school: School, collection: str, key: str, wire: Mapping[str, Any]
) -> tuple[int, Sequence[tuple[object, object, object]]]:
    """Edit, ask drift what differs, and undo the edit."""
    before = snapshot(school.door.tenant, [collection])
    edited = laid_over(before[collection][key], wire)
    put(school.door.tenant, {collection: {**before[collection], key: edited}})
    answer = school.door.toolkit("drift", "--json")
    put(school.door.tenant, before)
    differing = [*answer.json["changes"], *answer.json["checked"], *answer.json["unknown"], *answer.json["remarks"]]
    # The edit may give another's object the job of ours: it is named, and that is why drift does not end with 0.
    doubles = {one["other"].partition("[")[2].removesuffix("]") for one in answer.json["doubles"]}
    assert doubles <= {_name(edited)}
    rows = [(one.get("address"), one.get("reason"), one.get("fields")) for one in differing]
    return (0 if doubles and not rows else answer.exit), rows


def _name(body: Mapping[str, Any]) -> object:
    return next((body[key] for key in ("Name", "displayName", "name") if key in body), None)


def _foreign(school: School) -> tuple[str, str, Mapping[str, Any]]:
    """Choose an object or a setting that no playbook names, and what becomes of it."""
    edits: list[tuple[str, str, Mapping[str, Any]]] = []
    while not edits:
        case = school.random.choice(school.applied).group.cases[0]
        edits = [*_other_objects(school, case), *_other_settings(school, case)]
    return school.random.choice(edits)


def _other_objects(school: School, case: Case) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give the edits of a case to objects of its collection that nobody asked for."""
    for key, body in school.door.tenant.objects(case.stored).items():
        if (case.stored, key) not in school.managed:
            edits = [one for one in case.edits if not one.stored and not {*one.wire} & {*STOPS}]
            yield from ((case.stored, key, one.wire) for one in edits if _fits(body, one.wire))


def _other_settings(school: School, case: Case) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give what others edit of the same kind, where the playbook says nothing of it and silence means nothing."""
    place = _, key = school.places[str(case)]
    body = school.door.tenant.objects(case.stored).get(key, {})
    of_it = {told for told, other in school.places.items() if other == place}
    together = [case for case in (one.group.cases[0] for one in school.applied) if str(case) in of_it]
    named = {name for one in together for name in _compared_settings(one)}
    ours = {path for one in together for edit in one.all_edits for path in _paths(edit.wire)}
    for other in (one for one in CASES if one.kind == case.kind and one.stored == case.stored):
        for edit in other.edits:
            if not (named & set(edit.shows) or ours & {*_paths(edit.wire)} or edit.stored) and _fits(body, edit.wire):
                yield case.stored, key, edit.wire


def _compared_settings(case: Case) -> set[str]:
    return {*case.settings, *kinds(case.provider)[case.kind.partition(".")[2]].spec.always_set_settings()}


def _paths(wire: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Name all that an edit lays over an object, to the last table."""
    for name, value in wire.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def _fits(body: Mapping[str, Any], wire: Mapping[str, Any]) -> bool:
    """Say whether an object has all that an edit is about, so that it is of that form."""
    return all(
        name in body
        and (not isinstance(value, Mapping) or (isinstance(body[name], Mapping) and _fits(body[name], value)))
        for name, value in wire.items()
    )
