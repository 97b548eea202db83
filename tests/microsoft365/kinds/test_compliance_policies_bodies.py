"""What is sent of compliance policies, against the vendor's model classes and the published schemas."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from connectors.emulator.microsoft365.graph.models import BETA, Value, members, model
from connectors.emulator.microsoft365.graph.models import ODataKind as Sort
from connectors.microsoft365.intune.compliance import CompliancePolicies, CompliancePolicy
from connectors.microsoft365.intune.scheduled import rules
from tests.cases import CASES, Case
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds

EVERY = [case for case in CASES if case.kind.endswith("_compliance_policy") and case.stem == "every_setting"]
_COMMON = {"id", "createdDateTime", "lastModifiedDateTime", "version", "displayName", "description"}
_SCALARS = {"Edm.Boolean": bool, "Edm.Int32": int, "Edm.String": str, "boolean": bool, "number": int, "string": str}
_SORTS: Mapping[Sort, type] = {Sort.BOOL: bool, Sort.INT: int, Sort.NUMBER: int, Sort.TEXT: str, Sort.ENUM: str}
_UNREAD = {"deviceCompliancePolicyScript", "passwordSignInFailureCountBeforeFactoryReset"}
"""What no playbook can ask for: a script of the tenant, and a count of wrong passwords that erases a phone."""


def kind_of(case: Case) -> Kind[Any]:
    return kinds("microsoft365")[case.kind.partition(".")[2]]


def type_of(case: Case) -> str:
    endpoint = kind_of(case).endpoint
    assert isinstance(endpoint, CompliancePolicies)
    return endpoint.type_name


def sent(case: Case) -> dict[str, Any]:
    """Give the properties that a policy with every setting is made with."""
    spec = kind_of(case).spec
    body = spec.body(spec.desired(case.settings))
    return {name: value for name, value in body.items() if name in {s.wire for s in spec.table().values()}}


def words(case: Case) -> Mapping[str, set[str]]:
    """List the words that each setting takes, by the property that it is."""
    spec = kind_of(case).spec
    fields = spec.model_fields.items()
    return {
        spec.table()[name].wire: set(get_args(field.annotation))
        for name, field in fields
        if get_origin(field.annotation) is Literal and name not in CompliancePolicy.beside
    }


def fits(value: object, declared: Value) -> bool:
    return type(value) is (list if declared.many else _SORTS[declared.kind])


@pytest.fixture(scope="module")
def contracts() -> Path:
    named = os.environ.get("TOOLKIT_CONTRACTS")
    if not named:
        pytest.skip("TOOLKIT_CONTRACTS does not say where the contracts are")
    return Path(named) / "microsoft"


def schema(contracts: Path, case: Case) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Give the published type of a policy in beta, which has all of it, and the enumerations."""
    name = type_of(case)
    file = json.loads((contracts / "graph_beta_subset.json").read_text())
    return file["types"][name[0].upper() + name[1:]]["properties"], file["enums"]


def members_of(enums: Mapping[str, Any], declared: str) -> set[str]:
    found = enums[declared]
    return set(found["members"] if isinstance(found, dict) else found)


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_every_property_is_one_of_the_vendor_s_class_and_of_its_type(case: Case) -> None:
    known = model(type_of(case), BETA) or {}

    assert {name: value for name, value in sent(case).items() if not fits(value, known[name])} == {}


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_no_property_of_the_vendor_s_class_is_left_out(case: Case) -> None:
    name = type_of(case)
    own = set(model(name, BETA) or {})
    inherited = set(model("deviceCompliancePolicy", BETA) or {})

    assert own - inherited - _UNREAD == set(sent(case))


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_words_are_those_of_the_vendor_s_enumerations(case: Case) -> None:
    known = model(type_of(case), BETA) or {}

    assert words(case) == {name: set(members(known[name].name)) for name in words(case)}


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_every_property_is_as_the_published_schema_has_it(contracts: Path, case: Case) -> None:
    published, enums = schema(contracts, case)
    body = sent(case)

    assert set(body) == set(published) - _COMMON - _UNREAD
    kinds_of = {
        name: list if of["collection"] else _SCALARS.get(of["type"], str)
        for name, of in published.items()
        if name in body
    }
    assert {name: type(value) for name, value in body.items()} == kinds_of
    assert words(case) == {name: members_of(enums, published[name]["type"]) for name in words(case)}


def test_actions_are_as_the_published_schema_has_them(contracts: Path) -> None:
    types = json.loads((contracts / "graph_v1_subset.json").read_text())["types"]
    (rule,) = rules([], {"block_after_hours": 24, "notify_after_hours": 0})
    configurations = rule["scheduledActionConfigurations"]

    assert isinstance(configurations, list)
    assert {name for one in configurations for name in one} <= set(
        types["microsoft.graph.deviceComplianceActionItem"]["properties"]
    )
    assert set(rule) == {"ruleName", *types["microsoft.graph.deviceComplianceScheduledActionForRule"]["navigation"]}
