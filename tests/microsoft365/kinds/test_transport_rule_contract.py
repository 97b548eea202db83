"""The settings of a mail rule against the parameters that Exchange Online accepts."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from connectors.microsoft365.kinds.transport_rule.conditions import (
    AttachmentConditions,
    MessageConditions,
    RecipientConditions,
    SenderConditions,
)
from connectors.microsoft365.kinds.transport_rule.limits import ATTRIBUTES
from connectors.microsoft365.kinds.transport_rule.paired_settings import NEEDS
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from tests.facts.tables import read_rows
from toolkit.sdk.spec import wire_name

OF_THE_OBJECT = {"Identity", "Name", "Priority", "Confirm", "WhatIf"}
CONDITIONS = (SenderConditions, RecipientConditions, MessageConditions, AttachmentConditions)


@pytest.fixture(scope="module")
def parameters() -> Mapping[str, Mapping[str, str]]:
    """Return the parameters of a mail rule's settings by the property that shows each of them."""
    return {
        row["shown"] or row["parameter"]: row
        for row in read_rows("mail_rule_parameters")
        if row["online"] == "works" and row["parameter"] not in OF_THE_OBJECT
    }


@pytest.fixture(scope="module")
def settings() -> Mapping[str, str]:
    """Return the setting of each name on the wire."""
    return {wire_name(name, setting): name for name, setting in TransportRule.table().items()}


def test_every_parameter_that_works_in_exchange_online_is_a_setting(
    parameters: Mapping[str, Mapping[str, str]], settings: Mapping[str, str]
) -> None:
    assert set(settings) == set(parameters)


def test_enumerations_have_the_members_of_the_table(
    parameters: Mapping[str, Mapping[str, str]], settings: Mapping[str, str]
) -> None:
    schema = TransportRule.model_json_schema()["properties"]
    enumerated = {
        wire: set(_members(schema[settings[wire]]))
        for wire, parameter in parameters.items()
        if parameter["values"] and not wire.endswith(("ADComparisonAttribute", "IncidentReportContent"))
    }
    assert enumerated == {wire: set(parameters[wire]["values"].split()) for wire in enumerated}
    assert set(ATTRIBUTES) == set(parameters["ADComparisonAttribute"]["values"].split())


def test_a_parameter_that_needs_another_is_a_setting_that_needs_another(
    parameters: Mapping[str, Mapping[str, str]], settings: Mapping[str, str]
) -> None:
    required = {
        settings[wire]: [settings[needed] for needed in parameter["needs"].split()]
        for wire, parameter in parameters.items()
        if parameter["needs"]
    }
    assert {setting: [needed] for setting, needed in NEEDS.items()} == required


def test_each_exception_is_typed_as_its_condition() -> None:
    for conditions in CONDITIONS:
        for name, field in conditions.model_fields.items():
            exception = TransportRule.model_fields[f"except_if_{field.alias or name}"]
            assert exception.annotation == field.annotation, name


def test_every_setting_is_described_and_shows_an_example_that_is_valid() -> None:
    rule = {"stop_rule_processing": True}
    for name, field in TransportRule.model_fields.items():
        setting = field.alias or name
        assert field.description, setting
        for example in field.examples or [field.default]:
            written = {**rule, setting: example, **_companions(setting)}
            assert setting in TransportRule.desired(written)


def _members(schema: Mapping[str, Any]) -> list[str]:
    return next(cast("list[str]", part["enum"]) for part in (schema, *schema.get("anyOf", ())) if "enum" in part)


def _companions(setting: str) -> Mapping[str, Any]:
    needed = NEEDS.get(setting)
    if not needed:
        return {}
    field = TransportRule.model_fields[needed]
    return {needed: (field.examples or [None])[0]}
