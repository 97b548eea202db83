"""The JSON Schema with which editors complete and check playbooks and the school's other files."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from toolkit.controls.control import QUESTIONS, Control, ControlSettings
from toolkit.playbook.apps import AppsForm
from toolkit.playbook.attestations import Attestation, AttestationsForm
from toolkit.playbook.canaries import CanariesForm
from toolkit.playbook.checklists import ChecklistsForm
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.decisions import REFERENCE, DecisionsForm, forms
from toolkit.playbook.exceptions_schema import DeparturesForm
from toolkit.playbook.load import (
    APPS,
    ATTESTATIONS,
    CANARIES,
    CHECKLISTS,
    DECISIONS,
    EXCEPTIONS,
    FIRST_KEYS,
    OTHERS,
    PLAYBOOK,
    POLICY,
    REGISTERS,
    SCHOOL,
)
from toolkit.playbook.playbook_schema import PlaybookForm, ResourceWords
from toolkit.playbook.policy_schema import ClauseForm, FloorForm, PolicyForm
from toolkit.playbook.registers import RegistersForm
from toolkit.playbook.school import SchoolForm
from toolkit.playbook.trust_schema import TRUST, TrustForm
from toolkit.playbook.vocabulary import Vocabulary, installed_vocabulary
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.values import Body

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DECIDED = "decided"
_ANNOTATIONS = ("title", "description", "default", "examples")
_WORDS = frozenset(field.alias or name for name, field in ControlSettings.model_fields.items())
_Definition = Mapping[str, Any]  # a definition in pydantic's form


def schema(vocabulary: Vocabulary | None = None) -> Body:
    """Return one JSON Schema (2020-12) for every file of a directory of playbooks, and for trust.yaml."""
    vocabulary = vocabulary or installed_vocabulary()
    kinds = {name: kind for name, (_, kind) in vocabulary.kind_names().items()}
    shared, definitions = _create_definitions(
        [control.settings for control in vocabulary.controls.values()], kinds.values()
    )
    playbook = definitions[PlaybookForm]
    items = {"controls": _control_items_schema(vocabulary.controls), "resources": _select_by_key(kinds)}
    lists = {key: {**playbook["properties"][key], "anyOf": _list_or_nothing(entry)} for key, entry in items.items()}
    return {
        "$schema": _DIALECT,
        "title": "A file of playbooks",
        **_select_by_key((*FIRST_KEYS, TRUST), defined=[key for key in (*FIRST_KEYS, TRUST) if key not in OTHERS]),
        "$defs": {
            **shared,
            **_clauses_schema(shared, vocabulary),
            PLAYBOOK: {**playbook, "properties": {**playbook["properties"], **lists}},
            SCHOOL: definitions[SchoolForm],
            ATTESTATIONS: _attestations_schema(definitions[AttestationsForm], definitions[Attestation], vocabulary),
            APPS: definitions[AppsForm],
            EXCEPTIONS: definitions[DeparturesForm],
            DECISIONS: _decisions_schema(definitions),
            _DECIDED: _reference_schema(),
            POLICY: definitions[PolicyForm],
            REGISTERS: definitions[RegistersForm],
            CHECKLISTS: definitions[ChecklistsForm],
            TRUST: definitions[TrustForm],
            CANARIES: definitions[CanariesForm],
            **{
                name: _control_schema(control, definitions[control.settings])
                for name, control in vocabulary.controls.items()
            },
            **{
                name: _resource_schema(name, kind, definitions[ResourceWords], definitions[kind.spec])
                for name, kind in kinds.items()
            },
        },
    }


def _create_definitions(
    controls: Iterable[type[BaseModel]], kinds: Iterable[Kind[Connection]]
) -> tuple[_Definition, Mapping[type[BaseModel], _Definition]]:
    """Return the shared definitions, and a definition for each form, settings class and spec."""
    models: list[type[BaseModel]] = [
        PlaybookForm,
        SchoolForm,
        AttestationsForm,
        Attestation,
        AppsForm,
        DeparturesForm,
        DecisionsForm,
        *forms().values(),
        PolicyForm,
        RegistersForm,
        ChecklistsForm,
        TrustForm,
        CanariesForm,
        ResourceWords,
        *controls,
    ]
    models = list(dict.fromkeys([*models, *(kind.spec for kind in kinds)]))
    references, whole = models_json_schema([(model, "validation") for model in models])
    definitions = dict(whole["$defs"])
    names = {model: references[model, "validation"]["$ref"].removeprefix("#/$defs/") for model in models}
    return (
        {name: definition for name, definition in definitions.items() if name not in names.values()},
        {model: definitions[name] for model, name in names.items()},
    )


def _select_by_key(names: Iterable[str], defined: Iterable[str] | None = None) -> _Definition:
    """Return a schema that selects a definition by key, so that an editor reports only errors of this definition."""
    every = list(names)
    return {
        "type": "object",
        "anyOf": [{"required": [name]} for name in every],
        "allOf": [
            {"if": {"required": [name]}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in (every if defined is None else defined)
        ],
    }


def _list_or_nothing(entry: _Definition) -> list[_Definition]:
    return [{"type": "array", "items": entry}, {"type": "null"}]


def _decisions_schema(written: Mapping[type[BaseModel], _Definition]) -> _Definition:
    """Return the schema of decisions, with the permitted values of each choice."""
    file = written[DecisionsForm]
    entry = {
        "type": "object",
        "properties": {"decision": {"enum": list(forms())}},
        "required": ["decision"],
        "allOf": [
            {"if": {"properties": {"decision": {"const": name}}}, "then": written[form]}
            for name, form in forms().items()
        ],
    }
    decided = file["properties"]["decided"]
    return {
        **file,
        "properties": {**file["properties"], "decided": {**decided, "anyOf": _list_or_nothing(entry)}},
    }


def _reference_schema() -> _Definition:
    """Return the schema of a reference to a decision, such as C1 or C16.lock_minutes."""
    names = [
        f"{name}.{parameter}" if parameter else name
        for name, choice in CHOICES.items()
        for parameter in choice.parameters or ("",)
    ]
    return {
        "type": "object",
        "properties": {REFERENCE: {"enum": names}},
        "required": [REFERENCE],
        "additionalProperties": False,
    }


def _attestations_schema(file: _Definition, entry: _Definition, vocabulary: Vocabulary) -> _Definition:
    """Return the schema of a file of attestations, which accepts only known controls and clouds."""
    properties = entry["properties"]
    named = {
        "control": {**properties["control"], "enum": list(vocabulary.controls)},
        "provider": {**properties["provider"], "enum": list(vocabulary.kinds)},
    }
    confirmed = file["properties"]["confirmed"]
    items = {**entry, "properties": {**properties, **named}}
    return {
        **file,
        "properties": {**file["properties"], "confirmed": {**confirmed, "anyOf": _list_or_nothing(items)}},
    }


def _clauses_schema(shared: _Definition, vocabulary: Vocabulary) -> _Definition:
    """Return the schema of clauses, which accepts only known controls in clauses and minimums."""
    clause, floor = shared[ClauseForm.__name__], shared[FloorForm.__name__]
    names = {"enum": list(vocabulary.controls)}
    controls, control = clause["properties"]["controls"], floor["properties"]["control"]
    return {
        ClauseForm.__name__: {
            **clause,
            "properties": {**clause["properties"], "controls": {**controls, "items": {**controls["items"], **names}}},
        },
        FloorForm.__name__: {**floor, "properties": {**floor["properties"], "control": {**control, **names}}},
    }


def _control_items_schema(controls: Mapping[str, Control]) -> _Definition:
    table = {
        "type": "object",
        "properties": {name: {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]} for name in controls},
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }
    return {"anyOf": [table, {"enum": list(controls)}]}


def _control_schema(control: Control, settings: _Definition) -> _Definition:
    required = list(settings.get("required", []))
    own = {
        name: {**_annotations_of(setting), "anyOf": [_without_annotations(setting), {"$ref": f"#/$defs/{_DECIDED}"}]}
        if name not in _WORDS
        else setting
        for name, setting in settings["properties"].items()
    }
    return {
        **settings,
        "properties": {**own, "asked": _enforcement_answers_schema(control, settings["properties"]["asked"])},
        "title": control.title,
        "required": [*required, "for"] if control.reaches_people and "for" not in required else required,
    }


def _enforcement_answers_schema(control: Control, shared: _Definition) -> _Definition:
    """Return the schema of the answers to a control's questions. A control without questions accepts only null."""
    if not control.asks:
        return {"description": "The control has no questions.", "type": "null"}
    answers = {name: {"type": "string", "minLength": 1, "description": QUESTIONS[name]} for name in control.asks}
    answers_of_control = {"properties": {"answers": {"properties": answers, "additionalProperties": False}}}
    return {**_annotations_of(shared), "anyOf": [{"allOf": [shared["anyOf"][0], answers_of_control]}, {"type": "null"}]}


def _annotations_of(setting: _Definition) -> _Definition:
    return {key: value for key, value in setting.items() if key in _ANNOTATIONS}


def _without_annotations(setting: _Definition) -> _Definition:
    return {key: value for key, value in setting.items() if key not in _ANNOTATIONS}


def _resource_schema(name: str, kind: Kind[Connection], common_keys: _Definition, spec: _Definition) -> _Definition:
    name_form = {"type": "null"} if kind.names.only is not None else {"type": "string", "minLength": 1}
    return {
        "title": kind.title,
        "type": "object",
        "properties": {
            name: {"description": f"The name. See {kind.reference}", **name_form},
            **spec["properties"],
            **common_keys["properties"],
        },
        **{key: spec[key] for key in ("patternProperties",) if key in spec},
        "required": [name, *spec.get("required", [])],
        "additionalProperties": False,
    }
