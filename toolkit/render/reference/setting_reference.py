"""Build the reference of a setting: its meaning, values, limits, default and an example."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from toolkit.messages import one_of
from toolkit.playbook.describe_type import choices, expected, shapes
from toolkit.records import dataclass
from toolkit.sdk.spec import Join, Setting, Spec, Within, wire_name
from toolkit.values import Json, plain

_JOINS = {
    Join.UNION: "lists of several controls are joined",
    Join.LOWEST: "if several controls set it, the smallest number counts",
    Join.LOWEST_BUT_ZERO: "if several controls set it, the smallest number counts, and 0 only if all set 0",
    Join.HIGHEST: "if several controls set it, the largest number counts",
}
_BARE_LIST = "[...] is the whole list. With {contains: [...]}, unmanaged entries stay"
_OPEN_LIST = "[...] adds entries, and unmanaged entries stay. {exactly: [...]} is the whole list"
MUST = "none (required)"
NULL_ALONE = "only null, which means unset"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@ -]*[A-Za-z0-9]|[A-Za-z]")
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


@dataclass(frozen=True, slots=True)
class SettingReference:
    """The reference of a setting: its meaning, values, limits and default."""

    name: str
    meaning: str
    takes: str
    limits: tuple[str, ...]
    silence: str
    notes: tuple[str, ...]
    example: str  # a line of YAML
    vendor: str = ""  # the service's own name for it


def reference_of_kind_setting(
    spec: type[Spec], name: str, field: FieldInfo, schema: Mapping[str, Any]
) -> SettingReference:
    setting = spec.table()[name]
    null_alone = field.annotation is type(None)
    notes = [_OPEN_LIST if setting.at_least else _BARE_LIST] if setting.form.is_list else []
    notes += [_JOINS[setting.join]] if setting.join in _JOINS else []
    return SettingReference(
        name=name,
        meaning=field.description or "",
        takes=NULL_ALONE if null_alone else _accepted_values(setting, field, schema),
        limits=() if null_alone else (*_limit_texts(schema), *_extra_limit_texts(field)),
        silence=_meaning_if_unset(setting),
        notes=() if null_alone else tuple(notes),
        example=f"{name}: {'null' if null_alone else format_as_yaml_line(_example_value(field))}",
        vendor=wire_name(name, setting),
    )


def _accepted_values(setting: Setting, field: FieldInfo, schema: Mapping[str, Any]) -> str:
    written = shapes(field.annotation)
    takes = one_of(expected(written)) if choices(written) else setting.form.name
    return (
        f"{takes}; null means unset"
        if any(alternative.get("type") == "null" for alternative in schema.get("anyOf", ()))
        else takes
    )


def reference_of_control_setting(name: str, field: FieldInfo, schema: Mapping[str, Any]) -> SettingReference:
    return SettingReference(
        name=name,
        meaning=field.description or "",
        takes=one_of(expected(shapes(field.annotation))),
        limits=(*_limit_texts(schema), *_extra_limit_texts(field)),
        silence=_control_default(field),
        notes=(),
        example=f"{name}: {format_as_yaml_line(_example_value(field))}",
    )


def _control_default(field: FieldInfo) -> str:
    if field.is_required():
        return MUST
    default = _default_value(field)
    return "none (optional)" if default is None else format_as_yaml_line(default)


def field_schemas(model: type[BaseModel]) -> Mapping[str, Mapping[str, Any]]:
    """Return the JSON Schema of each field of a model, by the field's name in a playbook."""
    properties: Mapping[str, Mapping[str, Any]] = model.model_json_schema()["properties"]
    return properties


def format_as_yaml_line(value: Json) -> str:
    """Format a value as a single line of YAML, with quotes only if they are needed."""
    match value:
        case str():
            text = " ".join(value.splitlines()) if "\n" in value else value
            return text if _is_plain(text) else f"'{text.replace(chr(39), chr(39) * 2)}'"
        case Mapping():
            return f"{{{', '.join(f'{key}: {format_as_yaml_line(entry)}' for key, entry in value.items())}}}"
        case Sequence():
            return f"[{', '.join(format_as_yaml_line(entry) for entry in value)}]"
        case _:
            return json.dumps(value)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and text.lower() not in _NOT_TEXT


def _example_value(field: FieldInfo) -> Json:
    """Return an example of a field's value: its example or, if it has none, its default or the first value that
    is permitted.
    """
    if field.examples:
        example: Json = field.examples[0]
        return example
    if _default_value(field) not in (None, [], ""):
        return _default_value(field)
    return next(iter(choices(shapes(field.annotation))), _default_value(field))


def _default_value(field: FieldInfo) -> Json:
    default: Json = None if field.is_required() else field.get_default(call_default_factory=True)
    return default


def _meaning_if_unset(setting: Setting) -> str:
    match setting.silence:
        case type():
            return "not managed"
        case None:
            return "unset (a value set outside the playbooks is drift)"
        case value:
            return f"{format_as_yaml_line(plain(value))} (any other value is drift)"


def _limit_texts(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the limits in a JSON Schema and in its alternatives as text, such as the smallest number."""
    for alternative in (schema, *schema.get("anyOf", ())):
        least, most = alternative.get("minimum"), alternative.get("maximum")
        if least is not None and most is not None:
            yield f"{least:,} to {most:,}"
        elif least is not None:
            yield f"{least:,} or more"
        shortest, longest = alternative.get("minLength", 0), alternative.get("maxLength")
        if longest:
            yield f"{shortest} to {longest:,} characters" if shortest > 1 else f"at most {longest:,} characters"
        if alternative.get("maxItems"):
            yield f"at most {alternative['maxItems']} entries"


def _extra_limit_texts(field: FieldInfo) -> Iterator[str]:
    return (note.words for note in field.metadata if isinstance(note, Within))
