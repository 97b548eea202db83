"""Edits at random in the school of the sample playbooks: every kind by turns, each setting in every way a hand has.

Beside other values these are an entry of a list more or less or in another place, nothing at all, somebody else as the
one that it is for, another name, the mark taken off, an object deleted, and the order of what stands in one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pprint import pformat
from random import Random
from typing import Any

import pytest

from tests.cases import KINDS, Stored, newest, put, snapshot, writes
from tests.contract.foreign import UnmanagedEdit, unmanaged_edits
from tests.contract.sampled import Managed, at, desired_names, managed
from tests.contract.trials import Trial, trials_of
from tests.door import Door
from tests.schools import Schools

PARTS, EACH = range(10), 50
NOT_DRAWN = {"google_workspace.domain_allowlist"}
"""What the samples ask for is there before, and the edits of its cases are of other domains."""

DRAWN_ONCE = {
    "google_workspace.group_members",
    "google_workspace.member_restriction",
    "microsoft365.dkim_signing",
    "microsoft365.files_protection",
    "microsoft365.group_members",
}
"""Kinds of which only one edit fits what the samples ask for."""

REMADE = {"microsoft365.protection_alert"}
"""Kinds of which nothing can be changed: what differs is removed and made again, with another id."""

PEOPLE = 12


@dataclass(frozen=True)
class School:
    """A school in which all that the samples ask for is done."""

    door: Door

    @property
    def stored(self) -> Stored:
        return snapshot(self.door.tenant, self.door.tenant.control("GET", "/objects"))

    @property
    def trials(self) -> dict[str, Trial]:
        """Give all that can be done to what is managed, by its description."""
        stored = self.stored
        return {str(trial): trial for one in managed(self.door, stored) for trial in trials_of(one, stored)}


@pytest.fixture
def school(schools: Schools) -> School:
    door = schools.build({"users": PEOPLE}, samples=True)
    first = door.toolkit("apply", "--yes")
    assert first.exit == 0, first.out[-3000:] + first.err
    return School(door)


@pytest.mark.soak
def test_every_kind_has_its_turns(school: School) -> None:
    drawn = Counter(trial.kind for trial in _by_turns(school.trials.values())[: EACH * len(PARTS)])

    assert set(KINDS) - drawn.keys() == NOT_DRAWN
    assert {kind for kind, number in drawn.items() if number == 1} == DRAWN_ONCE


@pytest.mark.soak
@pytest.mark.parametrize("part", PARTS)
def test_each_edit_of_what_the_samples_manage_is_found_as_itself_and_put_right(school: School, part: int) -> None:
    trials = school.trials
    names = [str(trial) for trial in _by_turns(trials.values())]
    wrong = {}
    for name in names[part * EACH : (part + 1) * EACH]:
        if name not in trials:
            trials = school.trials  # what was deleted is there under another id
        trial, before = trials[name], snapshot(school.door.tenant, [*trials[name].bodies])
        answer, wanted = _tried(school, trial, before), _right(trial)
        if answer != wanted:
            wrong[name] = (answer, wanted)
            put(school.door.tenant, before)  # so that it is told once
            school.door.toolkit("apply", "--yes", "--lose", "1000")
        if answer != wanted or trial.action == "create" or trial.kind in REMADE:
            trials = school.trials

    assert not wrong, pformat(wrong)
    assert school.door.toolkit("plan").exit == 0


@pytest.mark.soak
@pytest.mark.parametrize("part", PARTS)
def test_no_edit_of_what_the_samples_do_not_manage_is_drift(school: School, part: int) -> None:
    stored = school.stored
    all_deeds = _by_turns(unmanaged_edits(managed(school.door, stored), desired_names(school.door), stored))
    seen = {}
    for number in range(part * EACH, (part + 1) * EACH):
        deed: UnmanagedEdit = all_deeds[number]
        put(school.door.tenant, {deed.collection: deed.objects})
        answer = school.door.toolkit("drift", "--json")
        put(school.door.tenant, {deed.collection: stored[deed.collection]})
        parts = ("changes", "checked", "unknown", "remarks", "refused", "look_alikes")
        told = [(part, one.get("address"), one.get("reason")) for part in parts for one in answer.json[part]]
        if (answer.exit, told) != (0, []):
            seen[str(deed)] = (answer.exit, told)

    assert not seen, pformat(seen)


def _tried(school: School, trial: Trial, before: Stored) -> Any:
    """Edit, ask drift, and apply: what was found, how it ended, and whether the setting is as before.

    What is left undone all the same is found with the next edit, or at the end.
    """
    door = school.door
    put(door.tenant, {name: _edited(trial, name, of) for name, of in before.items()})
    drift = door.toolkit("drift", "--json")
    assert drift.out, drift.err
    found = [
        (
            _name(one, trial.managed),
            one["action"],
            None if trial.shows is None else sorted(field["path"] for field in one["fields"]),
        )
        for one in (*drift.json["changes"], *drift.json["checked"])
    ]
    found[1:] = sorted(found[1:], key=str)  # what differs with it, in whatever order the playbooks have that
    found += [(_name(one, trial.managed), "refused", None) for one in drift.json["refused"]]
    number = newest(door)
    # an edit may have widened an audience, and then whom it added loses cover
    applied = door.toolkit("apply", "--yes", "--json", "--lose", "1000")
    assert applied.out, applied.err
    done = [f"{one['action']} {one['result']}" for one in applied.json["outcomes"]]
    wrote = bool(writes(door, number))
    same = _same(trial, before, snapshot(door.tenant, [*trial.bodies]))
    if trial.read_only or trial.refused or not trial.expected_drift[0]:
        put(door.tenant, before)
    return (drift.exit, found), applied.exit, done, wrote, same


def _right(trial: Trial) -> Any:
    code, found = trial.expected_drift
    if trial.refused:
        return trial.expected_drift, 5, [], False, False
    repairs = [] if trial.read_only or not code else [f"{action} done" for _, action, _ in found]
    return trial.expected_drift, 0, repairs, bool(repairs), True


def _edited(trial: Trial, collection: str, objects: Mapping[str, Any]) -> Mapping[str, Any]:
    edited = trial.bodies[collection]
    changed = {**edited, **objects} if trial.action == "move" else {**objects, **edited}
    return {key: body for key, body in changed.items() if body}


def _same(trial: Trial, before: Stored, after: Stored) -> bool:
    """Say whether a setting that was put right is stored as it was before somebody changed it."""
    if trial.read_only or trial.way is None or trial.way.restores is None or not trial.way.shows:
        return True
    ((collection, edited),) = trial.bodies.items()
    (key,) = edited
    remade = next((name for name in after[collection] if name not in before[collection]), key)
    was, is_now = (
        at(of[name], trial.way.restores) for of, name in ((before[collection], key), (after[collection], remade))
    )
    return bool(_loose(was) == _loose(is_now))


def _loose(value: Any) -> Any:
    """Take a list for what is in it, and what is unset for unset."""
    return sorted(map(str, value)) if isinstance(value, list) and value else value or None


def _name(change: Mapping[str, Any], one: Managed) -> str:
    if str(change["address"]) == str(one):
        return one.name
    name = str(change.get("of") or change["address"].partition("[")[2].removesuffix("]"))
    return one.name if name.startswith("a person who is away") else name  # of whom runs say no more


def _by_turns(all_of_them: Iterable[Any]) -> Sequence[Any]:
    """Take one of each kind in turn, at random within a kind and always in the same way; what is whole comes first."""
    of_kinds: dict[str, list[Any]] = {}
    for one in all_of_them:
        of_kinds.setdefault(one.kind, []).append(one)
    mixed = [_mixed(of_kinds[kind], Random(kind)) for kind in sorted(of_kinds)]
    return [one for one in chain.from_iterable(zip_longest(*mixed)) if one is not None]


def _mixed(ones: Sequence[Any], random: Random) -> Sequence[Any]:
    """Put the edits of one kind at random; among hundreds of settings deletions and moves would hardly be drawn."""
    return sorted(random.sample(ones, len(ones)), key=lambda one: one.description.split(" ")[-1] not in WHOLE)


WHOLE = ("deleted", "copied", "top")
