"""Edits drawn by a fixed seed from the values that the leaf test changes: drift names each, and nothing else.

An edit that makes the object unreadable is named too, as unknown.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from random import Random
from typing import Any

import pytest

from tests.door import MICROSOFT, Door
from tests.emulated import Tenant
from tests.leaves import changes
from tests.microsoft365.connected import connect
from tests.schools import Schools
from toolkit.engine.read_tenants import read_kind, remotes_to_observed
from toolkit.errors import ServiceError
from toolkit.sdk.form import is_unset, leaves
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Remote

FAMILIES = {
    "conditional_access_policy": "entra.conditionalAccessPolicies",
    "transport_rule": "exchange.transportRules",
    "windows_compliance_policy": "intune.compliancePolicies",
}
EACH = 4
"""Edits of each family."""

Named = tuple[set[tuple[str, str]], set[str | None]]
"""What drift names: by object and setting what differs, and what could not be read."""


@pytest.fixture(scope="module", params=[[*FAMILIES], pytest.param([], marks=pytest.mark.soak)], ids=["some", "all"])
def imported(request: pytest.FixtureRequest, module_schools: Schools) -> Door:
    """Import the policies and rules of a tenant, so that playbooks ask for all that they show; the soak, all kinds."""
    door = module_schools.build(clouds=[MICROSOFT])
    assert door("import", MICROSOFT, *request.param, "-o", door.playbooks).exit == 0
    return door


@pytest.fixture(scope="module")
def at_rest(imported: Door) -> Iterator[Named]:
    """Return what drift names where nothing is edited, and try that all tests together left it so."""
    named = findings(imported)
    yield named
    assert findings(imported) == named


@pytest.mark.parametrize("draw", [0, *(pytest.param(draw, marks=pytest.mark.soak) for draw in range(1, EACH))])
@pytest.mark.parametrize("kind", FAMILIES)
def test_drift_names_a_drawn_edit_and_nothing_else(kind: str, draw: int, imported: Door, at_rest: Named) -> None:
    before = shown(imported, kind)
    edited, path = edit(imported, kind, Random(f"{kind} {draw}"))

    with edited as name:
        after, (found, unread) = shown(imported, kind), findings(imported)

    differing = {
        (address(kind, one), setting)
        for one in after
        for setting in after[one].keys() | before[one].keys()
        if after[one].get(setting) != before[one].get(setting)
    }
    if name in after:
        assert differing, f"{path} of {name} is not noticed"
        assert differing <= found, f"{path} of {name}"
        assert found <= differing | at_rest[0], f"{path} of {name}"
    else:
        assert unread & {address(kind, name), None}, f"{path} of {name} makes it unreadable, and drift does not say so"


def edit(door: Door, kind: str, random: Random) -> tuple[AbstractContextManager[str], str]:
    """Draw one value of an object that a playbook asks for, and return how to change it and give it back.

    What the kind ignores by name is not drawn, nor what the service would not show, as a text in a list of objects.
    """
    tenant, collection = door.tenant, FAMILIES[kind]
    ignored, readable = kinds(MICROSOFT)[kind].spec.properties.ignored, shown(door, kind)
    candidates = [
        (name, key, body, place)
        for key, body in sorted(tenant.objects(collection).items())
        if (name := str(body.get("displayName") or body.get("Name"))) in readable
        for place, (path, _) in enumerate(leaves(body))
        if path not in ignored
    ]
    at_rest = answers(door, kind)
    while True:
        name, key, body, place = candidates.pop(random.randrange(len(candidates)))
        path, changed = next(islice(changes(body), place, None))
        edited = _edited(tenant, collection, key, changed, name)
        with edited:
            if answers(door, kind) != at_rest:
                return _edited(tenant, collection, key, changed, name), path


@contextmanager
def _edited(tenant: Tenant, collection: str, key: str, changed: Mapping[str, Any], name: str) -> Iterator[str]:
    stored = tenant.read_object(collection, key)
    tenant.put(collection, key, changed)
    try:
        yield name
    finally:
        tenant.put(collection, key, stored)


def address(kind: str, name: str) -> str:
    return f"{MICROSOFT}.{kind}[{name}]"


def answers(door: Door, kind: str) -> object:
    """Return what the service shows of each object that is set, or why it could not be read."""
    via = connect(door.tenant)
    try:
        found = read_kind(via, kinds(MICROSOFT)[kind], frozenset())
        return [
            [leaf for leaf in leaves(one.body) if not is_unset(leaf[1])] if isinstance(one, Remote) else one
            for one in found
        ]
    except ServiceError as error:
        return str(error)
    finally:
        via.close()


def shown(door: Door, kind: str) -> Mapping[str, Mapping[str, object]]:
    """Return what a kind reads of each object: its settings, and the properties that it does not know.

    What cannot be read is not among them.
    """
    known, via = kinds(MICROSOFT)[kind], connect(door.tenant)
    try:
        readable, _ = remotes_to_observed(f"{MICROSOFT}.{kind}", known, read_kind(via, known, frozenset()))
    except ServiceError:
        return {}
    finally:
        via.close()
    return {
        one.remote.name: {**one.settings, **{item.path: str(item.value) for item in one.unknown}} for one in readable
    }


def findings(door: Door) -> Named:
    """Return what drift names; a remark about a property that it does not know is something that differs too."""
    drift = door.toolkit("drift", "--json").json
    remarked = {(one, item["property"]) for item in drift["unread_properties"] for one in item["objects"]}
    named = {(found["address"], found["path"]) for found in drift["findings"]}
    return named | remarked, {one.get("address") for one in drift["unknown"]}
