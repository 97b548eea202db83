"""The types that bodies are checked by, against the published schemas where they are at hand."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.emulator.microsoft365.graph.bodies import ABSTRACT
from connectors.emulator.microsoft365.graph.models import BETA, ODataKind, Value, derived, members, model, wire_name
from connectors.emulator.microsoft365.graph.service import parts
from tests.emulated import Tenant

_SCALARS = {
    "Edm.Boolean": ODataKind.BOOL,
    "Edm.Int32": ODataKind.INT,
    "Edm.Int64": ODataKind.INT,
    "Edm.Double": ODataKind.NUMBER,
    "Edm.Single": ODataKind.NUMBER,
}
_TYPESCRIPT = {"string": ODataKind.TEXT, "boolean": ODataKind.BOOL}
_NO_BETA = frozenset(  # types of other workloads, and policies that nobody here writes
    {
        "Entity", "TiIndicator", "AutomaticRepliesSetting", "MailboxSettings", "TeamsAppSettings",
        "Windows10EndpointProtectionConfiguration", "MacOSGeneralDeviceConfiguration",
        "AndroidManagedStoreAppConfiguration", "ManagedDeviceMobileAppConfiguration", "IosMobileAppConfiguration",
        "IosStoreAppAssignmentSettings", "DeviceManagementComplianceScheduledActionForRule",
        "DeviceManagementCompliancePolicy", "AndroidForWorkCompliancePolicy", "AospDeviceOwnerCompliancePolicy",
    }
)  # fmt: skip
_POLICIES = ("deviceCompliancePolicy", "deviceConfiguration", "deviceAndAppManagementAssignmentTarget", "omaSetting")


@pytest.fixture(scope="module")
def contracts() -> Path:
    named = os.environ.get("TOOLKIT_CONTRACTS")
    if not named:
        pytest.skip("TOOLKIT_CONTRACTS does not say where the contracts are")
    return Path(named) / "microsoft"


def _schema(contracts: Path, name: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", json.loads((contracts / f"{name}.json").read_text()))


@pytest.mark.parametrize("declared", _POLICIES)
def test_every_type_of_policy_is_as_the_schema_of_v1_has_it(contracts: Path, declared: str) -> None:
    types = _schema(contracts, "graph_v1_subset")["types"]
    ours = {name: model(name, "v1.0") or {} for name in derived(declared, "v1.0")}
    theirs = {name: types[f"microsoft.graph.{name}"] for name in ours if f"microsoft.graph.{name}" in types}

    wrong = {
        (name, key): ours[name].get(key)
        for name, schema in theirs.items()
        for key, held in schema["properties"].items()
        if not _agrees(ours[name].get(key), held["type"], many=held["collection"])
    }

    assert theirs
    assert wrong == {}
    assert {name for name, schema in theirs.items() if schema["abstract"]} == ABSTRACT & set(theirs)


def test_every_type_of_beta_is_as_its_schema_has_it(contracts: Path) -> None:
    schema = _schema(contracts, "graph_beta_subset")
    wanted = {name: one for name, one in schema["types"].items() if "." not in name and name not in _NO_BETA}

    wrong = {
        (name, key): held["type"]
        for name, one in wanted.items()
        for key, held in one["properties"].items()
        if not _agrees_with_typescript((model(wire_name(name), BETA) or {}).get(key), held)
    }
    unlike = {
        name: listed
        for name, listed in schema["enums"].items()
        if "." not in name and members(wire_name(name)) and not set(members(wire_name(name))) <= set(listed)
    }

    assert len(wanted) > 40
    assert wrong == {}
    assert unlike == {}


def test_no_permission_is_enough_that_is_not_published(contracts: Path) -> None:
    published = _schema(contracts, "graph_permissions_subset")["paths"]
    rows = {
        (action.method, action.template.lower()): (action.permissions, published[action.template.lower()])
        for part in parts()
        for action in part.actions()
        if action.template.lower() in published
    }

    wrong = {
        asked: sorted(ours - set(row[asked[0]]["application"]))
        for asked, (ours, row) in rows.items()
        if asked[0] in row and not ours <= set(row[asked[0]]["application"])
    }

    assert len(rows) > 25
    assert wrong == {}


@pytest.mark.parametrize(
    "name",
    [
        "windows10CompliancePolicy", "iosCompliancePolicy", "macOSCompliancePolicy",
        "androidWorkProfileCompliancePolicy", "windows10GeneralConfiguration", "windows10CustomConfiguration_usb",
        "iosGeneralDeviceConfiguration_whatsapp", "androidWorkProfileGeneralDeviceConfiguration",
        "raw_configurationPolicy_edge_urlblocklist", "activityBasedTimeoutPolicy", "groupSetting_password",
    ],
)  # fmt: skip
def test_the_bodies_of_the_contracts_are_taken(contracts: Path, tenant: Tenant, name: str) -> None:
    example = json.loads((contracts / "examples" / f"{name}.json").read_text())
    path = example.get("url") or f"/{example['api']}{example['path']}"

    answer = tenant.graph(path, method=example["method"], application="writer", body=example["body"])

    assert answer.status_code == 201, answer.text


def test_the_refusal_without_a_block_is_worded_as_recorded(contracts: Path, tenant: Tenant) -> None:
    recorded = _schema(contracts / "fixtures", "graph_compliance_no_block_action_400")
    body = {"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": "x"}

    answer = tenant.graph(
        "/v1.0/deviceManagement/deviceCompliancePolicies", method="POST", application="writer", body=body
    )

    error = answer.json()["error"]
    theirs = recorded["body"]["error"]
    assert (answer.status_code, error["code"]) == (recorded["status"], theirs["code"])
    assert json.loads(error["message"]) == json.loads(theirs["message"])


def _agrees(ours: Value | None, theirs: str, *, many: bool) -> bool:
    if ours is None or ours.many != many:
        return False
    if theirs.startswith("Edm."):
        return ours.kind is _SCALARS.get(theirs, ODataKind.TEXT)
    return ours.name == theirs.removeprefix("microsoft.graph.")


def _agrees_with_typescript(ours: Value | None, theirs: Mapping[str, Any]) -> bool:
    if ours is None or ours.many != theirs["collection"]:
        return False
    match theirs["type"]:
        case "number":
            return ours.kind in (ODataKind.INT, ODataKind.NUMBER)
        case "string" | "boolean" as scalar:
            return ours.kind is _TYPESCRIPT[scalar]
        case name:
            return ours.name == wire_name(name)
