"""Editors get one JSON Schema for every file of a directory of playbooks."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.playbook.json_schema import schema
from toolkit.playbook.vocabulary import Vocabulary


def _references(node: object) -> Iterator[str]:
    match node:
        case {"$ref": str() as reference}:
            yield reference
        case dict():
            for below in node.values():
                yield from _references(below)
        case list():
            for below in node:
                yield from _references(below)


def _definitions(vocabulary: Vocabulary | None) -> Mapping[str, Any]:
    definitions: Mapping[str, Any] = json.loads(json.dumps(schema(vocabulary)))["$defs"]
    return definitions


def test_the_schema_is_json_and_every_reference_leads_somewhere() -> None:
    written = json.loads(json.dumps(schema()))

    assert written["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {reference.removeprefix("#/$defs/") for reference in _references(written)} <= set(written["$defs"])


def test_the_first_key_chooses_the_form(vocabulary: Vocabulary) -> None:
    written = schema(vocabulary)

    assert written["allOf"] == [
        {"if": {"required": ["playbook"]}, "then": {"$ref": "#/$defs/playbook"}},
        {"if": {"required": ["school"]}, "then": {"$ref": "#/$defs/school"}},
        {"if": {"required": ["attestations"]}, "then": {"$ref": "#/$defs/attestations"}},
        {"if": {"required": ["apps"]}, "then": {"$ref": "#/$defs/apps"}},
        {"if": {"required": ["exceptions"]}, "then": {"$ref": "#/$defs/exceptions"}},
        {"if": {"required": ["decisions"]}, "then": {"$ref": "#/$defs/decisions"}},
        {"if": {"required": ["policy"]}, "then": {"$ref": "#/$defs/policy"}},
        {"if": {"required": ["registers"]}, "then": {"$ref": "#/$defs/registers"}},
        {"if": {"required": ["checklists"]}, "then": {"$ref": "#/$defs/checklists"}},
        {"if": {"required": ["canaries"]}, "then": {"$ref": "#/$defs/canaries"}},
        {"if": {"required": ["trust"]}, "then": {"$ref": "#/$defs/trust"}},
    ]
    assert {"required": ["exceptions"]} in list(written["anyOf"])  # type: ignore[arg-type]


def test_a_control_is_a_name_or_a_table_of_settings(vocabulary: Vocabulary) -> None:
    definitions = _definitions(vocabulary)

    table, names = definitions["playbook"]["properties"]["controls"]["anyOf"][0]["items"]["anyOf"]
    assert names == {"enum": ["mail.footer", "mail.label", "web.audit"]}
    assert list(table["properties"]) == names["enum"]
    assert definitions["mail.footer"]["required"] == ["text_file", "for"]
    assert definitions["web.audit"]["required"] == []
    assert definitions["mail.footer"]["properties"]["text_file"]["description"] == "The text."


def test_a_resource_has_a_name_the_settings_of_its_kind_and_the_words_of_all(vocabulary: Vocabulary) -> None:
    definitions = _definitions(vocabulary)

    rule, tag = definitions["microsoft365.transport_rule"], definitions["microsoft365.external_tag"]
    assert set(rule["properties"]) >= {"microsoft365.transport_rule", "sent_to", "mode", "renamed_from"}
    assert rule["required"] == ["microsoft365.transport_rule"]
    assert rule["additionalProperties"] is False
    assert tag["properties"]["microsoft365.external_tag"]["type"] == "null"
    assert tag["required"] == ["microsoft365.external_tag", "enabled"]


def test_an_attestation_offers_the_controls_and_the_clouds_by_name(vocabulary: Vocabulary) -> None:
    written = _definitions(vocabulary)["attestations"]

    entry = written["properties"]["confirmed"]["anyOf"][0]["items"]
    assert entry["properties"]["control"]["enum"] == ["mail.footer", "mail.label", "web.audit"]
    assert entry["properties"]["provider"]["enum"] == ["microsoft365", "google_workspace"]
    assert (entry["properties"]["on"]["type"], entry["properties"]["on"]["format"]) == ("string", "date")
    assert entry["required"] == ["control", "provider", "part", "by", "on"]
    assert [name for name, word in entry["properties"].items() if not word.get("description")] == []


def test_each_word_of_our_own_forms_is_described(vocabulary: Vocabulary) -> None:
    definitions = _definitions(vocabulary)

    words = {**definitions["playbook"]["properties"], **definitions["school"]["properties"]}
    assert [name for name, word in words.items() if not word.get("description")] == []


def test_clauses_and_floors_offer_the_controls_by_their_names(vocabulary: Vocabulary) -> None:
    definitions = _definitions(vocabulary)

    names = ["mail.footer", "mail.label", "web.audit"]
    assert definitions["ClauseForm"]["properties"]["controls"]["items"]["enum"] == names
    assert definitions["FloorForm"]["properties"]["control"]["enum"] == names
    assert definitions["ClauseForm"]["properties"]["class"]["$ref"] == "#/$defs/ClauseClass"
