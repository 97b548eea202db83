"""Reads the settings in a settings catalogue policy, and merges new values with the settings that others added."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from connectors.microsoft365.intune.policy import ASSIGNED
from toolkit.records import dataclass
from toolkit.sdk import UnknownProperty, leaves, mappings
from toolkit.values import Body, Json

PREFIX = "#microsoft.graph.deviceManagementConfiguration"
_INSTANCE = "settings[].settingInstance"
_CHILDREN = (f"{_INSTANCE}.choiceSettingValue.children[]", f"{_INSTANCE}.groupSettingCollectionValue[].children[]")
_VALUES = (
    f"{_INSTANCE}.choiceSettingValue",
    f"{_INSTANCE}.simpleSettingValue",
    f"{_INSTANCE}.simpleSettingCollectionValue[]",
    f"{_INSTANCE}.groupSettingCollectionValue[]",
    f"{_CHILDREN[0]}.simpleSettingCollectionValue[]",
    f"{_CHILDREN[1]}.choiceSettingValue",
)
_TEMPLATE = {
    "Instance": ("", ".settingInstanceTemplateId"),
    "Value": ("", ".settingValueTemplateId", ".useTemplateDefault"),
}
_TEMPLATED = (*((path, "Instance") for path in (_INSTANCE, *_CHILDREN)), *((path, "Value") for path in _VALUES))

PROPERTIES = ASSIGNED.extended(
    compared={"description"},
    ignored={
        "name": "is the name of the object",
        "isAssigned": "shows whether there are assignments, which are compared",
        "settingCount": "is the number of settings, which are compared",
        **{
            f"templateReference.{name}": "shows the template of the policy. Its settings are compared instead"
            for name in ("templateId", "templateFamily", "templateDisplayName", "templateDisplayVersion")
        },
        "settings[].id": "is the number of the setting in the policy",
        **{f"{path}.@odata.type": "depends on the setting" for path in ("settings[]", _INSTANCE, *_CHILDREN, *_VALUES)},
        **{
            f"{path}.auditRuleInformation": "has always been null, and Microsoft does not document its content"
            for path in (_INSTANCE, *_CHILDREN)
        },
        **{
            f"{path}.setting{sort}TemplateReference{part}": "shows the setting's template. Its value is compared"
            for path, sort in _TEMPLATED
            for part in _TEMPLATE[sort]
        },
    },
    whole={"settings"},
    defaults={"platforms": "windows10", "technologies": "mdm"},
)
"""Properties of a settings catalogue policy. Settings that the kind does not cover are unknown, by name."""


@dataclass(frozen=True, slots=True)
class CatalogueSetting(ABC):
    """A setting of a kind.

    In a policy it is an instance of a definition, either on its own or inside a group of settings.
    """

    definition: str
    title: str  # the name in a sentence
    group: str = field(default="", kw_only=True)  # the definition of its group of settings

    @abstractmethod
    def read_value(self, instance: Body) -> Json:
        """Return the value in an instance, or an empty value if the instance has an unknown form."""

    @abstractmethod
    def to_content(self, value: Json) -> Body:
        """Return an instance with a value from a playbook, without the definition's id."""

    @abstractmethod
    def unknown_parts(self, instance: Body) -> Iterator[UnknownProperty]:
        """Yield the parts of an instance that a playbook cannot show."""

    def to_instance(self, value: Json, existing: Body) -> Body:  # noqa: ARG002 - for settings that hold more than a value
        """Return an instance with a new value, to replace the existing instance."""
        return {"settingDefinitionId": self.definition, **self.to_content(value)}


Table = Mapping[str, CatalogueSetting]
"""The settings of a kind, by their names in a playbook."""


def definition_of(instance: Body) -> str:
    return str(instance.get("settingDefinitionId"))


def instances(row: Body) -> list[Body]:
    """Return the setting instances in a policy."""
    return [
        inner
        for setting in mappings(row.get("settings"))
        if isinstance(inner := setting.get("settingInstance"), Mapping)
    ]


def _find_nested_instances(instance: Body) -> list[Body]:
    """Return the instances that are nested in an instance, if that is a group of settings."""
    groups = mappings(instance.get("groupSettingCollectionValue"))
    return [child for group in groups for child in mappings(group.get("children"))]


def held_instances(row: Body) -> Mapping[str, Body]:
    """Return all instances in a policy, by definition id. Instances inside groups are included."""
    return {
        definition_of(instance): instance for top in instances(row) for instance in (top, *_find_nested_instances(top))
    }


def shown_settings(row: Body, table: Table) -> Body:
    """Return the value of each setting of a table. A setting that is not in the policy has an empty value."""
    instances_by_definition = held_instances(row)
    return {
        name: setting.read_value(instances_by_definition.get(setting.definition, {})) for name, setting in table.items()
    }


def to_unknown_property(instance: Body) -> UnknownProperty:
    """Return an instance as a property that no setting shows.

    An exclusion from protection is marked as narrowing the policy.
    """
    written = [value for path, value in leaves(instance) if path.rpartition(".")[2] == "value" and value is not None]
    definition = definition_of(instance)
    return UnknownProperty(definition, written, narrows=definition.endswith("exclusions"))


def unread_settings(row: Body, table: Table) -> Iterator[UnknownProperty]:
    """Yield the settings of a policy that a kind does not cover, as unknown properties."""
    settings_by_definition, groups = (
        {setting.definition: setting for setting in table.values()},
        {setting.group for setting in table.values()},
    )
    for top in instances(row):
        for instance in _find_nested_instances(top) if definition_of(top) in groups else (top,):
            setting_of_instance = settings_by_definition.get(definition_of(instance))
            yield from (
                setting_of_instance.unknown_parts(instance) if setting_of_instance else (to_unknown_property(instance),)
            )


def unmanaged_definitions(row: Body, table: Table) -> list[str]:
    """Return the definition ids of the settings in a policy that a kind does not cover."""
    covered = {name for setting in table.values() for name in (setting.definition, setting.group)}
    return [name for name in held_instances(row) if name not in covered]


def merge_settings(row: Body, table: Table, written: Body, groups: Mapping[str, Body]) -> list[Body]:
    """Return all settings to send for a policy.

    Settings that the playbook does not name keep their values and their order.
    """
    existing, instances_by_definition = instances(row), held_instances(row)
    changed: dict[str, Body | None] = {}  # by definition; None for a removed setting
    for group in sorted({table[name].group for name in written}):
        instances_of_group = {
            setting.definition: setting.to_instance(written[name], instances_by_definition.get(setting.definition, {}))
            if written[name]
            else None
            for name, setting in table.items()
            if name in written and setting.group == group
        }
        if group:
            group_instance = instances_by_definition.get(group, groups[group])
            children = _merge_instances(_find_nested_instances(group_instance), instances_of_group)
            instances_of_group = {
                group: {**group_instance, "groupSettingCollectionValue": [{"children": children}]} if children else None
            }
        changed |= instances_of_group
    return [
        {"@odata.type": f"{PREFIX}Setting", "settingInstance": setting}
        for setting in _merge_instances(existing, changed)
    ]


def _merge_instances(existing: Sequence[Body], changed: Mapping[str, Body | None]) -> list[Body]:
    """Replace instances with the same definition, append new instances, and drop instances whose new value is None."""
    merged = [changed.get(definition_of(instance_before), instance_before) for instance_before in existing]
    names = {definition_of(instance_before) for instance_before in existing}
    return [
        instance
        for instance in (*merged, *(instance for name, instance in changed.items() if name not in names))
        if instance
    ]
