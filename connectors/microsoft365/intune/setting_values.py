"""Converts settings of the settings catalogue from Graph's form to a playbook's form and back, without loss.

Follows https://learn.microsoft.com/graph/api/resources/intune-shared-devicemanagementconfigurationsettinginstance
"""

from collections.abc import Mapping, Sequence

from connectors.microsoft365.intune.catalogue_settings import PREFIX, definition_of
from connectors.microsoft365.intune.setting_trees import (
    INSTANCE_TEMPLATE,
    NO_PART,
    SECRET,
    TYPE,
    VALUE_TEMPLATE,
    TemplateReferences,
    comparable_form,
    holds_secret,
    without_annotations,
)
from toolkit.sdk import mapping, mappings, text
from toolkit.values import Body, Json, canonical_text

CHOICE = "choice"
OPTION = "_"
"""The beginning of an option's id after the id of its setting, such as `_1` in `..._allowcamera_1`."""

FORMS: Mapping[str, str] = {
    "text": "a text that begins with _",
    "texts": "a list of texts that is empty, or in which a text begins with _",
    "choices": "a list of options, some of which contain settings or have their own ids",
    "groups": "a list of groups that is empty",
    "group": "the settings in the only group of the setting",
    "reference": "the id of a reusable setting",
    "instance": "the setting in Graph's form, if it has no short form",
    "secret": "a secret, which a playbook never contains",
}
"""Words before a value whose short form would be read as another value."""


def read_setting(instance: Body, references: TemplateReferences) -> Json:
    """Return a setting as a playbook writes it: in a short form, or in Graph's form if it has no short form.

    A secret is `{secret: true}`. A setting without a short form is `{secret: true}` too if it contains a secret.
    """
    short = _to_short_form(instance, references)
    if short is not None and _can_restore_from(instance, short, references):
        return short
    return SECRET if holds_secret(instance) else {"instance": without_annotations(instance)}


def _can_restore_from(instance: Body, short_form: Json, references: TemplateReferences) -> bool:
    """Return whether toolkit can restore a setting in Graph's form exactly from its short form."""
    try:
        return comparable_form(write_setting(definition_of(instance), short_form, references)) == comparable_form(
            instance
        )
    except ValueError:
        return False


def write_setting(definition: str, setting_value: Json, references: TemplateReferences) -> Body:
    """Return a setting from a playbook in Graph's form. Raise ValueError if the playbook's form is unknown."""
    match setting_value:
        case {"instance": Mapping() as whole}:
            return whole
        case Mapping() if setting_value == SECRET:
            value: Body = {TYPE: f"{PREFIX}SecretSettingValue"}
            return _make_instance(definition, "SimpleSettingInstance", "simpleSettingValue", value, references)
        case _:
            sort, holder, held = _write_value(definition, setting_value, references)
            return _make_instance(definition, sort, holder, held, references)


def _to_short_form(instance: Body, references: TemplateReferences) -> Json:
    """Return the short form of a setting, or None if its type has none."""
    definition = definition_of(instance)
    match instance:
        case {"choiceSettingValue": Mapping() as chosen}:
            return _to_option(definition, chosen, references)
        case {"simpleSettingValue": Mapping() as value}:
            return _to_simple_value(value)
        case {"groupSettingValue": Mapping() as group}:
            return {"group": _read_nested(group, references)}
        case _:
            return _to_short_list(definition, instance, references)


def _to_short_list(definition: str, instance: Body, references: TemplateReferences) -> Json:
    """Return the short form of a setting with several values. Options and groups are sorted."""
    match instance:
        case {"choiceSettingCollectionValue": [*options]}:
            chosen = sorted(
                (_to_option(definition, entry, references) for entry in mappings(options)), key=canonical_text
            )
            plain = bool(chosen) and all(isinstance(entry, str) for entry in chosen)
            return chosen if plain else {"choices": chosen}
        case {"simpleSettingCollectionValue": [*values]}:
            return _to_simple_list([_to_simple_value(entry) for entry in mappings(values)])
        case {"groupSettingCollectionValue": [*groups]}:
            grouped = sorted((_read_nested(entry, references) for entry in mappings(groups)), key=canonical_text)
            return grouped or {"groups": []}
        case _:
            return None


def _to_option(definition: str, chosen: Body, references: TemplateReferences) -> Json:
    value = text(chosen.get("value"))
    end = value.removeprefix(definition)
    is_end = value.startswith(definition) and end.startswith(OPTION)
    children = _read_nested(chosen, references)
    return end if is_end and not children else {CHOICE: end if is_end else value, **children}


def _read_nested(holder: Body, references: TemplateReferences) -> Mapping[str, Json]:
    children = mappings(holder.get("children"))
    return {definition_of(entry): read_setting(entry, references) for entry in sorted(children, key=definition_of)}


def _to_simple_value(value: Body) -> Json:
    held = value.get("value")
    match text(value.get(TYPE)).removeprefix(PREFIX):
        case "IntegerSettingValue":
            return held
        case "StringSettingValue" if isinstance(held, str):
            return {"text": held} if held.startswith(OPTION) else held
        case "ReferenceSettingValue":
            return {"reference": held}
        case "SecretSettingValue":
            return SECRET
        case _:
            return None


def _to_simple_list(values: Sequence[Json]) -> Json:
    if all(isinstance(entry, int) for entry in values) and values:
        return list(values)
    texts = [entry.get("text") if isinstance(entry, Mapping) else entry for entry in values]
    if not all(isinstance(entry, str) for entry in texts):
        return None
    return texts if texts == values and texts else {"texts": texts}


def _write_value(definition: str, value: Json, references: TemplateReferences) -> tuple[str, str, Json]:
    """Return the Graph type of an instance without its prefix, the name of its value property, and its value."""
    match value:
        case bool() | float() | None:
            raise ValueError(
                f"{value!r} is not a valid value of the setting. Write an option as the end of its id, such as _true"
            )
        case str() if value.startswith(OPTION):
            option = _write_option(definition, {CHOICE: value}, references)
            return "ChoiceSettingInstance", "choiceSettingValue", option
        case str() | int():
            return "SimpleSettingInstance", "simpleSettingValue", _make_plain_value(definition, value, references)
        case Mapping() if CHOICE in value:
            return "ChoiceSettingInstance", "choiceSettingValue", _write_option(definition, value, references)
        case Mapping():
            return _write_table(definition, value, references)
        case [*entries] if entries:
            return _write_list(definition, entries, references)
        case _:
            raise ValueError("an empty list has no type. Write `texts: []` or `groups: []`")


def _write_table(definition: str, written: Body, references: TemplateReferences) -> tuple[str, str, Json]:
    match written:
        case {"secret": _}:
            raise ValueError("a secret is never written in a playbook. Set it in Intune, and it stays there")
        case {"text": str(value), **more} if not more:
            return (
                "SimpleSettingInstance",
                "simpleSettingValue",
                _make_graph_value("String", definition, value, references),
            )
        case {"reference": str(value), **more} if not more:
            return (
                "SimpleSettingInstance",
                "simpleSettingValue",
                _make_graph_value("Reference", definition, value, references),
            )
        case {"texts": [*values], **more} if not more and all(isinstance(entry, str) for entry in values):
            made: Json = [_make_graph_value("String", definition, entry, references) for entry in values]
            return "SimpleSettingCollectionInstance", "simpleSettingCollectionValue", made
        case {"choices": [*options], **more} if not more:
            return (
                "ChoiceSettingCollectionInstance",
                "choiceSettingCollectionValue",
                [
                    _write_option(definition, entry if isinstance(entry, Mapping) else {CHOICE: entry}, references)
                    for entry in options
                ],
            )
        case {"groups": [*groups], **more} if not more:
            return _write_groups(definition, groups, references)
        case {"group": Mapping() as group, **more} if not more:
            return "GroupSettingInstance", "groupSettingValue", _write_group(definition, group, references)
        case _:
            words = ", ".join(word for word in FORMS if word not in ("instance", "secret"))
            raise ValueError(
                f"{', '.join(written) or 'an empty table'}: write `choice:` with the settings inside it, a list of "
                f"groups, or one of {words}"
            )


def _write_list(definition: str, entries: Sequence[Json], references: TemplateReferences) -> tuple[str, str, Json]:
    if all(isinstance(entry, Mapping) for entry in entries):
        return _write_groups(definition, entries, references)
    options = [isinstance(entry, str) and entry.startswith(OPTION) for entry in entries]
    if all(options):
        return _write_table(definition, {"choices": entries}, references)
    if any(options):
        raise ValueError("some entries begin with _ and some do not. Write texts as `texts: [...]`")
    made: Json = [_make_plain_value(definition, entry, references) for entry in entries]
    return "SimpleSettingCollectionInstance", "simpleSettingCollectionValue", made


def _write_groups(definition: str, groups: Sequence[Json], references: TemplateReferences) -> tuple[str, str, Json]:
    made: Json = [_write_group(definition, mapping(entry), references) for entry in groups]
    return "GroupSettingCollectionInstance", "groupSettingCollectionValue", made


def _write_option(definition: str, written: Body, references: TemplateReferences) -> Body:
    option = written.get(CHOICE)
    if not isinstance(option, str) or not option:
        raise ValueError(f"{option!r} is not an option. Write the end of its id, such as _1")
    made = _make_graph_value(
        "Choice", definition, definition + option if option.startswith(OPTION) else option, references
    )
    inside = {name: entry for name, entry in written.items() if name != CHOICE}
    return {**made, "children": [write_setting(name, entry, references) for name, entry in inside.items()]}


def _write_group(definition: str, written: Body, references: TemplateReferences) -> Body:
    children: Json = [write_setting(name, entry, references) for name, entry in written.items()]
    return {**_make_graph_value("Group", definition, None, references), "children": children}


def _make_plain_value(definition: str, value: Json, references: TemplateReferences) -> Body:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{value!r} is not a text or a whole number")  # noqa: TRY004 - wrong in a playbook
    return _make_graph_value("String" if isinstance(value, str) else "Integer", definition, value, references)


def _make_graph_value(instance_type: str, definition: str, value: Json, references: TemplateReferences) -> Body:
    _, part, *default = references.get(definition, f"{NO_PART} {NO_PART}").split()
    made: dict[str, Json] = {TYPE: f"{PREFIX}{instance_type}SettingValue"}
    if value is not None:
        made["value"] = value
    if part != NO_PART:
        made[VALUE_TEMPLATE] = {"settingValueTemplateId": part, "useTemplateDefault": bool(default)}
    return made


def _make_instance(
    definition: str, instance_type: str, holder: str, existing: Json, references: TemplateReferences
) -> Body:
    own = references.get(definition, NO_PART).split()[0]
    made: dict[str, Json] = {TYPE: f"{PREFIX}{instance_type}", "settingDefinitionId": definition, holder: existing}
    return made if own == NO_PART else {**made, INSTANCE_TEMPLATE: {"settingInstanceTemplateId": own}}
