"""Edits drawn by a fixed seed from what playbooks compare after an import: drift names each, and nothing else.

A setting that was unset at the import, and that somebody sets later, is left to the tenant: it is not drawn.
"""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import pytest

from tests.door import MICROSOFT, Door, open_door
from tests.emulated import Emulator
from tests.leaves import changes
from tests.microsoft365.connected import connected
from toolkit.errors import ToolkitError
from toolkit.sdk.endpoint import Everything
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Remote
from toolkit.sdk.spec import Spec

FAMILIES = {
    "conditional_access_policy": "entra.conditionalAccessPolicies",
    "transport_rule": "exchange.transportRules",
    "windows_compliance_policy": "intune.compliancePolicies",
}
MAKES_UNREADABLE = {"IsValid", "IsRuleConfigurationSupported", "assignments[].target.@odata.type"}
"""Values that make an object unknown as a whole when they change; a drift then ends with 4."""

EACH = 4
"""Edits of each family."""


@pytest.fixture(scope="module")
def imported(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Import the policies and rules of a tenant, so that playbooks ask for all that they show."""
    tenant = emulator.open_tenant(users=24, staff=12)
    door = open_door(tenant, tmp_path_factory.mktemp("drawn"), samples=False, clouds=[MICROSOFT])
    assert door("import", MICROSOFT, "-o", door.playbooks).exit == 0
    yield door
    tenant.close()


@pytest.mark.parametrize("draw", range(EACH))
@pytest.mark.parametrize("kind", FAMILIES)
def test_drift_names_a_drawn_edit_and_nothing_else(kind: str, draw: int, imported: Door) -> None:
    collection, before = FAMILIES[kind], shown(imported, kind)
    at_rest = findings(imported)
    key, changed, path = drawn(imported, kind, collection, Random(f"{kind} {draw}"))
    stored = imported.tenant.stored(collection, key)

    imported.tenant.put(collection, key, changed)
    after, found = shown(imported, kind), findings(imported)
    imported.tenant.put(collection, key, stored)

    differing = {
        (name, setting)
        for name in after
        for setting in after[name]
        if after[name][setting] != before[name].get(setting)
    }
    assert differing, f"{path} of {stored} is not noticed"
    assert found - at_rest
    assert found - at_rest <= {(f"{MICROSOFT}.{kind}[{name}]", setting) for name, setting in differing}
    assert findings(imported) == at_rest


def drawn(door: Door, kind: str, collection: str, random: Random) -> tuple[str, Mapping[str, Any], str]:
    """Draw an object that a playbook asks for and one of its values that the kind does not ignore by name."""
    spec = kinds(MICROSOFT)[kind].spec
    readable = shown(door, kind)
    objects = sorted(door.tenant.objects(collection).items())
    named = [(key, body, str(body.get("displayName") or body.get("Name"))) for key, body in objects]
    candidates = [
        (key, changed, path)
        for key, body, name in named
        if name in readable
        for path, changed in changes(body)
        if path not in spec.properties.ignored
        and not path.endswith("@odata.type")
        and _compared(spec, readable[name], changed)
    ]
    return random.choice(candidates)


def _compared(spec: type[Spec], before: Mapping[str, object], body: Mapping[str, Any]) -> bool:
    """Return whether a change shows in what a playbook asks for, or may narrow the object without being known.

    A setting that the import left out is left to the tenant; an answer that cannot be read ends a drift with 4.
    """
    try:
        after = {**spec.observed(body), **{item.path: item.value for item in spec.unknown(body) if item.narrows}}
    except (ToolkitError, ValueError):
        return False
    asked = {name for name, value in before.items() if value is not None} | spec.closed().keys()
    differing = {name for name, value in after.items() if value != before.get(name)}
    return bool(differing & asked or differing - spec.table().keys())


def shown(door: Door, kind: str) -> Mapping[str, Mapping[str, object]]:
    """Return what a kind reads of each object: its settings, and what it does not know and may narrow it."""
    known, via = kinds(MICROSOFT)[kind], connected(door.tenant)
    remotes = [remote for remote in known.endpoint.read(via, Everything()) if isinstance(remote, Remote)]
    via.close()
    return {
        remote.name: {
            **known.spec.observed(remote.body),
            **{item.path: str(item.value) for item in known.spec.unknown(remote.body) if item.narrows},
        }
        for remote in remotes
    }


def findings(door: Door) -> set[tuple[str, str]]:
    """Return what drift names, by object and setting."""
    return {(found["address"], found["path"]) for found in door.toolkit("drift", "--json").json["findings"]}
