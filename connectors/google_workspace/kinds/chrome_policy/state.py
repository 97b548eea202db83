"""The state of a policy at a target, and its conversion to a body and back."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

from connectors.google_workspace.kinds.chrome_policy.table import ChromeFieldType, Schema
from toolkit.errors import BadAnswer, Rejected
from toolkit.records import dataclass
from toolkit.sdk import flag, listed, mapping, mappings, text
from toolkit.values import Body, Json, canonical_text

Words = Mapping[str, str]
"""Google's constants with a playbook's words for them."""

VALUE, SET_HERE, SPELT, ABOVE = "value", "set here", "words", "above"


@dataclass(frozen=True, slots=True)
class State:
    """The state of a policy at a target: its effective and its inherited value, and whether it is set there."""

    value: Body  # in Google's names and constants; empty if it was never set
    inherited: Body | None  # empty for a group; None at the top unit, which cannot inherit
    set_here: bool


def to_body(state: State, words: Mapping[str, Words]) -> Body:
    """Return a state as a body. The words of the schema, and the inherited values, are JSON in one property each."""
    spelt = canonical_text({field: dict(constants) for field, constants in words.items()})
    inherited_values = canonical_text(dict(state.inherited or {}))
    return {VALUE: dict(state.value), SET_HERE: state.set_here, SPELT: spelt, ABOVE: inherited_values}


def value_of(body: Body) -> Body:
    """Return the effective values with Google's names and constants."""
    return mapping(body.get(VALUE))


def inherited_value(body: Body) -> Body:
    """Return the values that the target would inherit if it had no policy of its own, with Google's names."""
    return mapping(json.loads(text(body.get(ABOVE)) or "{}"))


def is_set_here(body: Body) -> bool:
    """Return whether the policy is set at the target itself."""
    return body.get(SET_HERE) is True


def value_in_words(body: Body) -> Body:
    """Return the effective values with the words that playbooks use in place of Google's constants."""
    words = mapping(json.loads(text(body.get(SPELT)) or "{}"))
    return {
        name: mapping(words.get(name)).get(text(value), value) if name in words else value
        for name, value in value_of(body).items()
    }


def equals_inherited(value: Body, inherited: Body, named: Collection[str]) -> bool:
    """Return whether a value equals the inherited value. The order of lists does not matter.

    A field that is empty or off may be missing. If the playbook turns a field off, the inherited value must contain the
    field, because a field that was never set is not off.
    """
    off = [name for name in named if value.get(name) is False and inherited.get(name) is not False]
    return not off and _to_comparable_fields(value) == _to_comparable_fields(inherited)


def are_equal(value: Json, other_value: Json) -> bool:
    """Return whether two values of a field are equal."""
    return _to_comparable(value) == _to_comparable(other_value)


def _to_comparable_fields(value: Body) -> Mapping[str, Json]:
    return {
        name: comparable
        for name, field_value in value.items()
        if (comparable := _to_comparable(field_value)) is not None
    }


def _to_comparable(value: Json) -> Json:
    match value:
        case Mapping():
            fields = {name: str(field_value) for name, field_value in value.items() if field_value is not None}
            return fields or None
        case list() | tuple():
            return sorted({str(entry) for entry in listed(value)}) or None
        case None | False | "" | "UNSET":
            return None
        case _:
            return value


_BEGINNING = "ENUM_"
_ACKNOWLEDGES = "ackNoticeFor"


def uses_words(schema: Schema) -> bool:
    """Return whether a policy has fields whose values are words in a playbook."""
    return any(field.takes is ChromeFieldType.WORD for field in schema.fields)


def words_of(schema: Schema, described: Body) -> Mapping[str, Words]:
    """Return the words in playbooks for the constants in Google's schema, by field."""
    definition = mapping(described.get("definition"))
    constants = {
        text(enum.get("name")): _list_field_names(enum.get("value")) for enum in mappings(definition.get("enumType"))
    }
    types = {
        text(own_field.get("name")): _remove_package(text(own_field.get("typeName")))
        for own_field in _list_own_fields(definition)
    }
    return {
        field.wire_name: _shorten_constants(constants.get(types.get(field.wire_name, ""), ()))
        for field in schema.fields
        if field.takes is ChromeFieldType.WORD
    }


def with_constants(value: Body, words: Mapping[str, Words], schema: Schema) -> Body:
    """Return a value with Google's constants in place of a playbook's words. Raise Rejected if a word is unknown."""
    return {
        name: _find_constant(schema, name, field_value, words[name]) if name in words else field_value
        for name, field_value in value.items()
    }


def acknowledgement_fields(value: Body, described: Body) -> Body:
    """Return the fields that acknowledge Google's notices about a value, if the schema requires such fields."""
    definition = mapping(described.get("definition"))
    names = [name for name in _list_field_names(_list_own_fields(definition)) if name.startswith(_ACKNOWLEDGES)]
    required = [notice for notice in mappings(described.get("notices")) if flag(notice.get("acknowledgementRequired"))]
    return {
        name: True
        for notice in required
        if _has_constant(value.get(text(notice.get("field"))), text(notice.get("noticeValue")))
        for name in names
        if _acknowledges(name, notice)
    }


def missing_word_problem(schema: Schema, name: str, word: Json, words: Words) -> str | None:
    """Return a message that lists a schema's words if the schema does not have this word, otherwise None.

    Raise BadAnswer if the response shows no words of the schema.
    """
    if word in words.values():
        return None
    if not any(words.values()):
        raise BadAnswer(f"Google's response does not show the words that {schema.full_name} has for {name}")
    has = ", ".join(words.values())
    return f"Google's {schema.full_name} has no {word} for {name}. It has: {has}"


def _find_constant(schema: Schema, name: str, word: Json, words: Words) -> Json:
    if problem := missing_word_problem(schema, name, word, words):
        raise Rejected(problem)
    return next(constant for constant, known_word in words.items() if known_word == word)


def _shorten_constants(constants: Sequence[str]) -> Words:
    beginnings = {name.partition(_BEGINNING)[0] for name in constants if _BEGINNING in name}
    common = len(beginnings) == 1 and all(_BEGINNING in name for name in constants)
    return {name: name.partition(_BEGINNING)[2] if common else name for name in constants}


def _acknowledges(name: str, notice: Body) -> bool:
    """Return whether a field acknowledges a notice.

    For example, ackNoticeForArcEnabledSetToTrue is about arcEnabled: true.
    """
    field, _, value = name.removeprefix(_ACKNOWLEDGES).partition("SetTo")
    meant = text(notice.get("noticeValue"))
    return field.lower() == text(notice.get("field")).lower() and _remove_other_characters(meant).endswith(
        _remove_other_characters(value)
    )


def _has_constant(value: Json, constant: str) -> bool:
    return value is not None and str(value).lower() == constant.lower()


def _remove_other_characters(text_: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text_.lower())


def _list_own_fields(definition: Body) -> Sequence[Body]:
    """Return the fields of a policy, which are in the first message of its schema's definition."""
    return next((mappings(message.get("field")) for message in mappings(definition.get("messageType"))), ())


def _list_field_names(described: Json | Sequence[Body]) -> Sequence[str]:
    return [text(row.get("name")) for row in mappings(described)]


def _remove_package(name: str) -> str:
    """Return the last part of the name of a type, without its package."""
    return name.rpartition(".")[2]
