"""The types that bodies are checked by, against the published schemas."""

import json

import pytest

from connectors.emulator.microsoft365.graph.bodies import ABSTRACT
from connectors.emulator.microsoft365.graph.directory import routes
from connectors.emulator.microsoft365.graph.models import BETA, ODataKind, Value, derived_types, members, model
from connectors.emulator.microsoft365.graph.service import parts
from tests.emulated import Tenant
from tests.facts.graph import beta_additions, enumeration_members, graph_types, v1_properties
from tests.facts.tables import PropertyType, read_table

_SCALARS = {
    "Edm.Boolean": ODataKind.BOOL,
    "Edm.Int32": ODataKind.INT,
    "Edm.Int64": ODataKind.INT,
    "Edm.Double": ODataKind.NUMBER,
    "Edm.Single": ODataKind.NUMBER,
}
_TYPESCRIPT = {"string": ODataKind.TEXT, "boolean": ODataKind.BOOL}
_DISPUTED = {
    ("GET", "/deviceappmanagement/vpptokens"),
    ("GET", "/devicemanagement/applepushnotificationcertificate"),
    ("GET", "/groups"),  # by its description, GroupMember.ReadWrite.All lists groups too
}
"""Requests of which Microsoft's own pages disagree."""
BODIES = read_table("graph_bodies")
_POLICIES = ("deviceCompliancePolicy", "deviceConfiguration", "deviceAndAppManagementAssignmentTarget", "omaSetting")


@pytest.mark.parametrize("declared", _POLICIES)
def test_every_type_of_policy_is_as_the_schema_of_v1_has_it(declared: str) -> None:
    names = derived_types(declared, "v1.0")
    published = {name: v1_properties(name) for name in names & graph_types()["v1.0"].keys()}

    wrong = {
        (name, key): (model(name, "v1.0") or {}).get(key)
        for name, properties in published.items()
        for key, property_type in properties.items()
        if not _agrees((model(name, "v1.0") or {}).get(key), property_type)
    }

    assert published
    assert wrong == {}
    assert set(graph_types()["abstract"].split()) & published.keys() == ABSTRACT & published.keys()


def test_every_type_of_beta_is_as_its_schema_has_it() -> None:
    types, enumerations = graph_types()["beta"], graph_types()["enumerations"]

    wrong = {
        (name, key): property_type
        for name in types
        for key, property_type in {**v1_properties(name), **beta_additions(name)}.items()
        if not _agrees((model(name, BETA) or {}).get(key), property_type)
    }
    unpublished = {name: sorted(set(members(name)) - enumeration_members(name)) for name in enumerations}

    assert len(types) > 40
    assert wrong == {}
    assert {name: added for name, added in unpublished.items() if added} == {}
    assert all(members(name) for name in enumerations)


def test_no_permission_is_enough_that_is_not_published() -> None:
    published = {
        (method, path): set(permissions.split())
        for path, methods in read_table("graph_permissions").items()
        for method, permissions in methods.items()
    }
    served = (*routes(), *(action for part in parts() for action in part.actions()))
    emulated = {(request.method, request.template.lower()): request.permissions for request in served}

    wrong = {
        request: sorted(emulated[request] - permissions)
        for request, permissions in published.items()
        if request not in _DISPUTED and not emulated[request] <= permissions
    }

    assert len(published) > 25
    assert wrong == {}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_the_published_types_allow_is_accepted(tenant: Tenant, name: str) -> None:
    example = BODIES[name]

    answer = tenant.graph(example["path"], method="POST", application="writer", body=example["body"])

    assert answer.status_code == 201, answer.text


def test_a_compliance_policy_without_a_block_is_refused_as_recorded(tenant: Tenant) -> None:
    recorded = read_table("graph_refusals")["no_block_action"]
    body = {"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": "x"}

    answer = tenant.graph(
        "/v1.0/deviceManagement/deviceCompliancePolicies", method="POST", application="writer", body=body
    )

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (recorded["status"], recorded["code"])
    assert json.loads(error["message"]) == recorded["message"]


def _agrees(emulated: Value | None, published: PropertyType) -> bool:
    if emulated is None or emulated.many != published.is_collection:
        return False
    if published.name.startswith("Edm."):
        return emulated.kind is _SCALARS.get(published.name, ODataKind.TEXT)
    if published.name == "number":
        return emulated.kind in (ODataKind.INT, ODataKind.NUMBER)
    if published.name in _TYPESCRIPT:
        return emulated.kind is _TYPESCRIPT[published.name]
    return emulated.name == published.name
