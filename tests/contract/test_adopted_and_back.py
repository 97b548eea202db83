"""What somebody else made, was adopted and is given back bears no mark of ours any more, whichever way it goes back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cases import CASES, Case, playbook, protect_nobody, resource
from tests.contract.rules import apply
from tests.door import Door, open_door
from tests.emulated import Tenant
from tests.schools import few_people
from toolkit.sdk.providers import kinds

pytestmark = few_people

MARK = "Managed by toolkit from the school's playbooks."


def _marked(case: Case) -> bool:
    kind = kinds(case.provider)[case.kind.partition(".")[2]]
    return kind.is_ours is not None


def _endpoint(case: Case) -> type:
    return type(kinds(case.provider)[case.kind.partition(".")[2]].endpoint)


OF_KIND = {case.kind: case for case in reversed(CASES) if _marked(case)}
OF_ENDPOINT = {_endpoint(case): case for case in OF_KIND.values()}
FIRST = [
    pytest.param(case, id=str(case), marks=() if case in OF_ENDPOINT.values() else pytest.mark.soak)
    for case in OF_KIND.values()
]
"""A case of each marked kind; `make test` takes one for each way of writing, which is how a mark comes and goes."""

OF_CLOUD = {case.provider: case for case in OF_ENDPOINT.values()}
PRUNED = [
    pytest.param(case, id=str(case), marks=() if case in OF_CLOUD.values() else pytest.mark.soak)
    for case in OF_KIND.values()
]
"""The same; `make test` takes one of each cloud, since pruning takes a mark off as a rollback does."""


@pytest.fixture
def adopted(request: pytest.FixtureRequest, tenant: Tenant, tmp_path: Path) -> tuple[Door, Mapping[str, Any]]:
    """Adopt an object of another hand; give what is stored of all of its kind before that, too."""
    case = request.param
    door = open_door(tenant, tmp_path, samples=False, clouds=[case.provider])
    protect_nobody(door)
    case.prepare(door.tenant)
    door.write("10-cases.yaml", playbook(resource(case.kind, case.name, case.settings)))
    apply(door)
    bodies = json.dumps(door.tenant.objects(case.stored))
    assert MARK in bodies
    bodies = bodies.replace(f"\\n\\n{MARK}", "").replace(MARK, "Theirs")
    door.tenant.control("PUT", f"/objects/{case.stored}", json.loads(bodies))
    door.forget()
    before = door.tenant.objects(case.stored)
    door.write("10-cases.yaml", playbook(resource(case.kind, case.name, {"adopt": case.name, **case.settings})))
    apply(door)
    assert MARK in json.dumps(door.tenant.objects(case.stored))
    return door, {"collection": case.stored, "before": before, "kind": case.kind, "settings": case.settings}


@pytest.mark.parametrize("adopted", FIRST, indirect=True)
def test_a_rollback_takes_the_mark_of_what_was_adopted_off(adopted: tuple[Door, Mapping[str, Any]]) -> None:
    door, was = adopted

    back = door("rollback", "last", door.playbooks, "--yes")

    assert back.exit == 0, back.out + back.err
    assert _plain(door.tenant.objects(was["collection"])) == _plain(was["before"])
    (door.playbooks / "10-cases.yaml").unlink()
    assert door.toolkit("apply", "--yes", "--prune").exit == 0
    assert _plain(door.tenant.objects(was["collection"])) == _plain(was["before"])


@pytest.mark.parametrize("adopted", PRUNED, indirect=True)
def test_pruning_what_was_adopted_leaves_it_to_whoever_made_it(adopted: tuple[Door, Mapping[str, Any]]) -> None:
    door, was = adopted
    (door.playbooks / "10-cases.yaml").unlink()

    pruned = door.toolkit("apply", "--yes", "--prune")

    assert pruned.exit == 0, pruned.out + pruned.err
    assert _plain(door.tenant.objects(was["collection"])) == _plain(was["before"])
    door.write("10-cases.yaml", playbook(resource(was["kind"], "another.example", was["settings"]), mode="check"))
    drift = door.toolkit("drift")
    assert "another.example" in drift.out  # so that the kind was read
    assert "new since the last apply" not in drift.out


def _plain(objects: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Leave out when each was changed, how often and by whom: services write that by themselves."""
    by_service = {"lastModifiedDateTime", "lastUpdateTime", "version", "WhenChanged", "lastUpdatedBy", "updateTime"}
    return {
        key: {name: value for name, value in one.items() if name not in by_service and value not in (None, "")}
        for key, one in objects.items()
    }
