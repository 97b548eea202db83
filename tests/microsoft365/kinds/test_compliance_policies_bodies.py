"""Compliance policies as sent, against the vendor's model classes and the published schemas."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import pytest

from connectors.emulator.microsoft365.graph.models import BETA, Value, members, model
from connectors.emulator.microsoft365.graph.models import ODataKind as Sort
from connectors.microsoft365.intune.compliance import CompliancePolicies, CompliancePolicy
from connectors.microsoft365.intune.scheduled import rules
from tests.cases import CASES, Case
from tests.facts.graph import beta_additions, enumeration_members, graph_types, v1_properties
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds

EVERY = [case for case in CASES if case.kind.endswith("_compliance_policy") and case.stem == "every_setting"]
_COMMON = {"id", "createdDateTime", "lastModifiedDateTime", "version", "displayName", "description"}
_SCALARS = {"Edm.Boolean": bool, "Edm.Int32": int, "Edm.String": str, "boolean": bool, "number": int, "string": str}
_SORTS: Mapping[Sort, type] = {Sort.BOOL: bool, Sort.INT: int, Sort.NUMBER: int, Sort.TEXT: str, Sort.ENUM: str}
_UNREAD = {"deviceCompliancePolicyScript", "passwordSignInFailureCountBeforeFactoryReset"}
"""Properties that no playbook sets: a script of the tenant, and the number of wrong passwords that erases a phone."""


def kind_of(case: Case) -> Kind[Any]:
    return kinds("microsoft365")[case.kind.partition(".")[2]]


def type_of(case: Case) -> str:
    endpoint = kind_of(case).endpoint
    assert isinstance(endpoint, CompliancePolicies)
    return endpoint.type_name


def sent(case: Case) -> dict[str, Any]:
    """Return the properties that create a policy with every setting."""
    spec = kind_of(case).spec
    body = spec.body(spec.desired(case.settings))
    return {name: value for name, value in body.items() if name in {s.wire for s in spec.table().values()}}


def words(case: Case) -> Mapping[str, set[str]]:
    """Return the words that each setting accepts, by the name of its property."""
    spec = kind_of(case).spec
    fields = spec.model_fields.items()
    return {
        spec.table()[name].wire: set(get_args(field.annotation))
        for name, field in fields
        if get_origin(field.annotation) is Literal and name not in CompliancePolicy.extra_setting_names
    }


def fits(value: object, declared: Value) -> bool:
    return type(value) is (list if declared.many else _SORTS[declared.kind])


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
def test_every_property_is_as_the_published_schema_has_it(case: Case) -> None:
    published = {**v1_properties(type_of(case)), **beta_additions(type_of(case))}
    body = sent(case)

    assert set(body) == set(published) - _COMMON - _UNREAD
    python_types = {
        name: list if declared.is_collection else _SCALARS.get(declared.name, str)
        for name, declared in published.items()
        if name in body
    }
    assert {name: type(value) for name, value in body.items()} == python_types
    assert words(case) == {name: enumeration_members(published[name].name) for name in words(case)}


def test_actions_are_as_the_published_schema_has_them() -> None:
    (rule,) = rules([], {"block_after_hours": 24, "notify_after_hours": 0})
    configurations = rule["scheduledActionConfigurations"]

    assert isinstance(configurations, list)
    properties = {name for configuration in configurations for name in configuration}
    assert properties <= v1_properties("deviceComplianceActionItem").keys()
    navigation = graph_types()["navigation"]["deviceComplianceScheduledActionForRule"].split()
    assert set(rule) == {"ruleName", *navigation}
