"""Splits the settings of a policy by their paths, so that a difference names a single setting and its two values.

A path is `settings.` with the id of a setting. The path of a nested setting is `settings.A > B`, also inside the only
group of a setting. Several groups together are one value.
"""

import json
from collections.abc import Mapping, Sequence

from connectors.microsoft365.intune.catalogue_settings import definition_of
from connectors.microsoft365.intune.setting_trees import children_of, holds_secret
from connectors.microsoft365.intune.setting_values import CHOICE, OPTION
from toolkit.errors import NotFound
from toolkit.sdk import SECRET_NOT_SHOWN, Form
from toolkit.values import Body, Json, Settings, Value, canonical_text

PREFIX = "settings."
INSIDE = " > "
_JSON = ("{", "[")
_ONE_GROUP: Json = [{}]


def is_place(name: str) -> bool:
    """Return whether a name is a path of a setting, such as `settings.A > B`."""
    return name.startswith(PREFIX) and len(name) > len(PREFIX)


def split_settings(written: Mapping[str, Json]) -> Mapping[str, Value]:
    """Return the value of each setting by its path. A secret becomes SECRET_NOT_SHOWN."""
    values: dict[str, Value] = {}
    for definition, entry in written.items():
        _split_setting(PREFIX + definition, entry, values)
    return values


def join_settings(values: Settings) -> Mapping[str, Json]:
    """Return settings nested as in a playbook.

    Raise ValueError if a setting's outer setting is missing, or cannot contain settings.
    """
    nested: dict[str, Json] = {}
    inside: dict[str, dict[str, Json]] = {}
    for place in sorted(values, key=lambda entry: entry.count(INSIDE)):
        if (value := values[place]) is None or value == SECRET_NOT_SHOWN:
            continue
        above, _, definition = place.removeprefix(PREFIX).rpartition(INSIDE)
        holder = inside.get(above) if above else nested
        if holder is None:
            raise ValueError(f"{definition} is inside {above}, which is missing or cannot contain settings")
        own = _shorten_text(_to_playbook_value(value))
        if (children := _make_room_for_nested(own)) is not None:
            own, inside[place.removeprefix(PREFIX)] = children
        holder[definition] = own
    return {definition: _shorten_options(entry) for definition, entry in nested.items()}


def find_instance(instances_at_place: Sequence[Body], place: str) -> Body:
    """Return the setting at a path, in Graph's form. Raise NotFound if the policy has no such setting."""
    instance: Body = {}
    for definition in place.removeprefix(PREFIX).split(INSIDE):
        instance = next((entry for entry in instances_at_place if definition_of(entry) == definition), {})
        instances_at_place = children_of(instance)
    if not instance:
        raise NotFound(f"the policy has no setting {place}")
    return instance


def _to_playbook_value(value: Value) -> Json:
    """Return the value of a setting as a playbook writes it."""
    if isinstance(value, str) and value.startswith(_JSON):
        decoded: Json = json.loads(value)
        return decoded
    return list(value) if isinstance(value, tuple) else value if isinstance(value, str | int) else None


def _read_value(value: Json) -> Value:
    match value:
        case None | bool() | int() | str():
            return value
        case list() | tuple() if all(isinstance(entry, str) for entry in value):
            return tuple(map(str, value))
        case _:
            return canonical_text(value)


VALUE = Form("the value, written as in `settings`", _read_value, to_playbook=_to_playbook_value, ids=True)


def _split_setting(place: str, value: Json, values: dict[str, Value]) -> None:
    own, children = _separate_nested(value)
    values[place] = SECRET_NOT_SHOWN if holds_secret(own) else _to_path_value(own)
    for definition, entry in children.items():
        _split_setting(f"{place}{INSIDE}{definition}", entry, values)


def _separate_nested(value: Json) -> tuple[Json, Mapping[str, Json]]:
    """Divide a setting's value. Return the value without the nested settings, and the nested settings."""
    if isinstance(value, Mapping) and isinstance(option := value.get(CHOICE), str):
        children = {name: entry for name, entry in value.items() if name != CHOICE}
        return (option if option.startswith(OPTION) else {CHOICE: option}), children
    if isinstance(value, Mapping) and isinstance(group := value.get("group"), Mapping):
        return {"group": {}}, group
    if isinstance(value, list) and len(value) == 1 and isinstance(only := value[0], Mapping):
        return _ONE_GROUP, only
    return value, {}


def _to_path_value(own: Json) -> Value:
    match own:
        case str():
            return canonical_text({"text": own}) if not own or own.startswith(_JSON) or own == SECRET_NOT_SHOWN else own
        case [*entries] if entries and all(isinstance(entry, str) for entry in entries):
            return tuple(map(str, entries))
        case int() if not isinstance(own, bool):
            return own
        case _:
            return canonical_text(own)


def _shorten_text(value: Json) -> Json:
    """Return the plain text for `{text: ...}`, unless the text begins with the mark of an option."""
    match value:
        case {"text": str() as held} if not held.startswith(OPTION):
            return held
        case _:
            return value


def _make_room_for_nested(own: Json) -> tuple[Json, dict[str, Json]] | None:
    """Return a value with an empty table for nested settings, and that table.

    Return None if the value cannot contain settings.
    """
    children: dict[str, Json] = {}
    match own:
        case str() if own.startswith(OPTION):
            children[CHOICE] = own
            return children, children
        case {"choice": str() as option}:
            children[CHOICE] = option
            return children, children
        case {"group": {}}:
            return {"group": children}, children
        case [{**held}] if not held:
            return [children], children
        case _:
            return None


def _shorten_options(value: Json) -> Json:
    """Return an option that contains no settings as the end of its id."""
    match value:
        case {"choice": str() as option, **children} if not children and option.startswith(OPTION):
            return option
        case Mapping():
            return {name: _shorten_options(entry) for name, entry in value.items()}
        case [*entries]:
            return [_shorten_options(entry) for entry in entries]
        case _:
            return value
