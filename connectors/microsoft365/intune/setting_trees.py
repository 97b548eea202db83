"""Compares settings of the settings catalogue in Graph's form. Also finds their secrets and template references.

Follows https://learn.microsoft.com/graph/api/resources/intune-shared-devicemanagementconfigurationsettinginstance
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from connectors.microsoft365.intune.catalogue_settings import PREFIX, definition_of, instances
from toolkit.sdk import mapping, mappings, text
from toolkit.values import Body, Json, canonical_text

TYPE = "@odata.type"
INSTANCE_TEMPLATE, VALUE_TEMPLATE = "settingInstanceTemplateReference", "settingValueTemplateReference"
NO_PART = "-"
_USES_DEFAULT = "default"
SECRET: Body = {"secret": True}
"""Replaces the value of a secret."""

_ABSTRACT = frozenset({"ChoiceSettingValue", "GroupSettingValue", "Setting"})
_IN_WHOLE = frozenset({INSTANCE_TEMPLATE, VALUE_TEMPLATE})

TemplateReferences: TypeAlias = Mapping[str, str]
"""The ids of the template parts that an instance and its values refer to, by definition: `INSTANCE VALUE`.

A part without a reference is `-`. A value that takes the template's default is followed by `default`.
"""


def references_of(row: Body) -> TemplateReferences:
    """Return the parts of a policy's template that its settings refer to."""
    collected: dict[str, str] = {}
    for instance in _list_with_nested(instances(row)):
        values = [_make_template_reference(value) for value in _list_values(instance)]
        own = text(mapping(instance.get(INSTANCE_TEMPLATE)).get("settingInstanceTemplateId")) or NO_PART
        if (written := f"{own} {values[0] if values else NO_PART}") != f"{NO_PART} {NO_PART}":
            collected.setdefault(definition_of(instance), written)
    return collected


def children_of(instance: Body) -> list[Body]:
    """Return the settings that are nested directly in a setting."""
    return [child for value in _list_values(instance) for child in mappings(value.get("children"))]


def holds_secret(value: Json) -> bool:
    """Return whether a setting, or any setting nested in it, contains a secret."""
    match value:
        case Mapping():
            secret = value.get(TYPE) == f"{PREFIX}SecretSettingValue" or "valueState" in value or value == SECRET
            return secret or any(map(holds_secret, value.values()))
        case list() | tuple():
            return any(map(holds_secret, value))
        case _:
            return False


def comparable_form(value: Json) -> Json:
    """Return a setting in a form for comparison, without annotations, nulls and secret values.

    The order of settings, options and groups does not matter in it.
    """
    match value:
        case Mapping():
            return _to_comparable_table(value)
        case list() | tuple():
            entries = [comparable_form(entry) for entry in value]
            ordered = all(isinstance(entry, Mapping) and _is_simple_value(entry) for entry in entries)
            return entries if ordered else sorted(entries, key=canonical_text)
        case _:
            return value


def _to_comparable_table(value: Body) -> Body:
    of_type = text(value.get(TYPE))
    kept: dict[str, Json] = {}
    for name, held in value.items():
        if name == TYPE and of_type.removeprefix(PREFIX) not in _ABSTRACT:
            kept[name] = held
        elif name != TYPE and "@" not in name and held is not None:
            collected = comparable_form({**mapping(held), TYPE: f"{PREFIX}Setting"} if name in _IN_WHOLE else held)
            if (collected, name) != ([], "children") and (collected, name) != (False, "useTemplateDefault"):
                kept[name] = collected
    if of_type == f"{PREFIX}SecretSettingValue":
        kept = {name: entry for name, entry in kept.items() if name not in ("value", "valueState")}
    return {name: entry for name, entry in kept.items() if name not in _IN_WHOLE or entry}


def _is_simple_value(value: Body) -> bool:
    return text(value.get(TYPE)).endswith("SettingValue") and not text(value.get(TYPE)).endswith("GroupSettingValue")


def without_annotations(value: Json) -> Json:
    """Return a setting without null values and without OData annotations."""
    match value:
        case Mapping():
            entries = {name: entry for name, entry in value.items() if name == TYPE or "@" not in name}
            return {name: without_annotations(entry) for name, entry in entries.items() if entry is not None}
        case list() | tuple():
            return [without_annotations(entry) for entry in value]
        case _:
            return value


def _make_template_reference(value: Body) -> str:
    template = mapping(value.get(VALUE_TEMPLATE))
    part = text(template.get("settingValueTemplateId")) or NO_PART
    return f"{part} {_USES_DEFAULT}" if template.get("useTemplateDefault") else part


def _list_values(instance: Body) -> list[Body]:
    holders = [held for name, held in instance.items() if name.endswith("Value")]
    return [entry for held in holders for entry in (mappings(held) if isinstance(held, list) else [mapping(held)])]


def _list_with_nested(collected: Sequence[Body]) -> Iterator[Body]:
    """Yield each setting, followed by the settings that are nested in it."""
    for instance in collected:
        yield instance
        yield from _list_with_nested(children_of(instance))
