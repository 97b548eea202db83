"""The words of a schema: what Google's constants are called in a playbook, and which values want an acknowledgement.

A constant begins with what no rule tells, up to ENUM_, so both are read from the schema's own definition
(https://developers.google.com/chrome/policy/guides/policy-schemas).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.google_workspace.kinds.chrome_policy.state import Words
from connectors.google_workspace.kinds.chrome_policy.table import ChromeFieldType, Schema
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.shapes import flag, mapping, mappings, text
from toolkit.values import Body, Json

_BEGINNING = "ENUM_"
_ACKNOWLEDGES = "ackNoticeFor"


def has_words(schema: Schema) -> bool:
    """Say whether a policy has fields that take a word."""
    return any(field.takes is ChromeFieldType.WORD for field in schema.fields)


def words_of(schema: Schema, described: Body) -> Mapping[str, Words]:
    """Give a playbook's words by Google's constants, for each field that takes one, from a schema as Google has it."""
    definition = mapping(described.get("definition"))
    constants = {text(one.get("name")): _names(one.get("value")) for one in mappings(definition.get("enumType"))}
    types = {text(one.get("name")): _local(text(one.get("typeName"))) for one in _own_fields(definition)}
    return {
        field.wire_name: _shortened(constants.get(types.get(field.wire_name, ""), ()))
        for field in schema.fields
        if field.takes is ChromeFieldType.WORD
    }


def with_constants(value: Body, words: Mapping[str, Words], schema: Schema) -> Body:
    """Put Google's constants for a playbook's words; Rejected for a word that the schema does not have."""
    return {name: _constant(schema, name, one, words[name]) if name in words else one for name, one in value.items()}


def acknowledgements(value: Body, described: Body) -> Body:
    """Give the fields by which a value says that its notices were read, where the schema wants that said."""
    definition = mapping(described.get("definition"))
    names = [name for name in _names(_own_fields(definition)) if name.startswith(_ACKNOWLEDGES)]
    wanted = [one for one in mappings(described.get("notices")) if flag(one.get("acknowledgementRequired"))]
    return {
        name: True
        for notice in wanted
        if _is(value.get(text(notice.get("field"))), text(notice.get("noticeValue")))
        for name in names
        if _acknowledges(name, notice)
    }


def lacking(schema: Schema, name: str, word: Json, words: Words) -> str | None:
    """Say that a schema does not have a word, and which it has; BadAnswer where it shows none at all."""
    if word in words.values():
        return None
    if not any(words.values()):
        raise BadAnswer(f"Google's answer does not show which words {schema.full_name} has for {name}")
    has = ", ".join(words.values())
    return f"Google's {schema.full_name} has no {word} for {name}; it has: {has}"


def _constant(schema: Schema, name: str, word: Json, words: Words) -> Json:
    if wrong := lacking(schema, name, word, words):
        raise Rejected(wrong)
    return next(constant for constant, known in words.items() if known == word)


def _shortened(constants: Sequence[str]) -> Words:
    beginnings = {one.partition(_BEGINNING)[0] for one in constants if _BEGINNING in one}
    common = len(beginnings) == 1 and all(_BEGINNING in one for one in constants)
    return {one: one.partition(_BEGINNING)[2] if common else one for one in constants}


def _acknowledges(name: str, notice: Body) -> bool:
    """Match ackNoticeForArcEnabledSetToTrue to the field arcEnabled and its value true."""
    field, _, value = name.removeprefix(_ACKNOWLEDGES).partition("SetTo")
    meant = text(notice.get("noticeValue"))
    return field.lower() == text(notice.get("field")).lower() and _letters(meant).endswith(_letters(value))


def _is(value: Json, meant: str) -> bool:
    return value is not None and str(value).lower() == meant.lower()


def _letters(text_: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text_.lower())


def _own_fields(definition: Body) -> Sequence[Body]:
    """List the fields of the policy itself, which is the first message of a definition."""
    return next((mappings(one.get("field")) for one in mappings(definition.get("messageType"))), ())


def _names(described: Json | Sequence[Body]) -> Sequence[str]:
    return [text(one.get("name")) for one in mappings(described)]


def _local(name: str) -> str:
    """Give the last part of a type's name, which may stand with its package."""
    return name.rpartition(".")[2]
