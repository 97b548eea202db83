"""Over every kind: after an apply and its rollback a tenant is as before, but for what the plan had named.

Each change of the run is in the rollback exactly once, whatever people edited in between.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from tests.cases import playbook, protect_nobody, put, resource, snapshot
from tests.contract.grouped import CaseGroup, groups
from tests.door import CommandResult, Door
from tests.schools import Schools

LIFTED = ("--allow-deletes", "999", "--reach", "99999")
BY_SERVICE = frozenset(
    {
        "lastModifiedDateTime", "lastUpdateTime", "version", "WhenChanged", "WhenChangedUTC", "lastUpdatedBy",
        "updateTime", "LastModifiedBy", "createdDateTime", "creationTimeDateTimeUtc", "targetKey", "policySchema",
    }
)  # fmt: skip
"""What services write by themselves: when an object was changed, how often, by whom, and for which unit it is.

A Chrome policy of the top unit is never removed: one that says what Google says without it is as none.
"""


@dataclass(frozen=True)
class Applied:
    """A school whose playbook asks for the cases of a group, and its tenant before that."""

    door: Door
    group: CaseGroup
    before: Mapping[tuple[str, str], Any]
    plan: Any
    run: str

    @property
    def irreversible_addresses(self) -> frozenset[str]:
        """Return the objects that the plan had named as not, or not completely, reversible."""
        return frozenset(one["address"] for key in ("not_reversible", "rollback_leaves") for one in self.plan[key])

    def back(self) -> CommandResult:
        """Roll the run back, with all limits lifted."""
        lifted = (*LIFTED, *self.group.allowing)
        return self.door("rollback", self.run, self.door.playbooks, "--yes", "--json", *lifted)

    def excused(self) -> frozenset[str]:
        """Return the collections that hold what was named."""
        kinds = {address.partition("[")[0] for address in self.irreversible_addresses}
        edits = (edit.stored for case in self.group.cases if case.kind in kinds for edit in case.all_edits)
        return frozenset([*(case.stored for case in self.group.cases if case.kind in kinds), *filter(None, edits)])


@pytest.fixture(params=groups(read_only=False), ids=str)
def applied(request: pytest.FixtureRequest, schools: Schools) -> Applied:
    group: CaseGroup = request.param
    door = schools.build({}, clouds=[group.cases[0].provider])
    protect_nobody(door)
    for case in group.cases:
        case.prepare(door.tenant)
    before = door.tenant.everything()
    door.write("10-cases.yaml", playbook(*(resource(one.kind, one.name, one.settings) for one in group.cases)))
    plan = door.toolkit("plan", "--json").json
    answer = door.toolkit("apply", "--yes", "--json", *LIFTED)
    assert answer.exit == 0, answer.out + answer.err
    return Applied(door, group, before, plan, str(door("audit", "log", "--json").json["runs"][0]["run"]))


def test_a_rollback_leaves_the_tenant_as_it_was(applied: Applied) -> None:
    back = applied.back()

    assert back.exit in (0, 5), back.out + back.err
    _once(applied, back.json)
    left = _different(applied, applied.door.tenant.everything())
    assert left == [], "\n".join(left)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_people_edited_each_change_is_in_the_rollback_once(applied: Applied, seed: int) -> None:
    draw, tenant = Random(seed), applied.door.tenant
    edits = [
        (case, draw.choice(case.all_edits)) for case in applied.group.cases if case.all_edits and draw.random() < 0.5
    ]
    for case, edit in edits:
        collections = [case.stored, *([edit.stored] if edit.stored else [])]
        put(tenant, case.apply_edits(tenant, snapshot(tenant, collections), edit))

    back = applied.back()

    assert back.exit in (0, 5), back.out + back.err
    _once(applied, back.json)


def _once(applied: Applied, back: Any) -> None:
    made = [one["address"] for one in applied.plan["changes"]]
    objects = [one["address"] for part in ("changes", "refused", "kept") for one in back[part]]
    objects += {one["address"] for one in back["conflicts"]} - set(objects)
    objects += [one["address"] for one in back["unknown"] if "address" in one]
    assert Counter([*objects, *back["as_before"]]) == Counter(dict.fromkeys(made, 1))


def _different(applied: Applied, after: Mapping[tuple[str, str], Any]) -> Sequence[str]:
    excused = applied.excused()
    keys = {
        key for key in applied.before.keys() | after.keys() if key[0] not in excused and not key[0].startswith("audit.")
    }
    return sorted(
        f"{collection}/{key}: {_changes(applied.before.get((collection, key)), after.get((collection, key)))}"
        for collection, key in keys
        if _plain(applied.before.get((collection, key))) != _plain(after.get((collection, key)))
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {name: _plain(one) for name, one in value.items() if name not in BY_SERVICE}
        return {name: one for name, one in kept.items() if one not in (None, "", [], {}, False)} or None
    if isinstance(value, list):
        plain = [_plain(one) for one in value]
        return sorted(plain) if all(isinstance(one, str) for one in plain) else plain
    return value


def _changes(before: Any, after: Any) -> Any:
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return before, after
    names = (name for name in sorted({*before, *after}) if name not in BY_SERVICE)
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
