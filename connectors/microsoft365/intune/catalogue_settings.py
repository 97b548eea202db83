"""How settings are in a policy of the settings catalogue, and how they are put in beside those of others."""

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
        "isAssigned": "says whether there are assignments, which are compared",
        "settingCount": "counts the settings, which are compared",
        **{
            f"templateReference.{name}": "says from which template it was made; its content is compared"
            for name in ("templateId", "templateFamily", "templateDisplayName", "templateDisplayVersion")
        },
        "settings[].id": "numbers the settings of the policy",
        **{
            f"{path}.@odata.type": "follows from which setting it is"
            for path in ("settings[]", _INSTANCE, *_CHILDREN, *_VALUES)
        },
        **{
            f"{path}.auditRuleInformation": "is null wherever it was seen, and no page says what it holds"
            for path in (_INSTANCE, *_CHILDREN)
        },
        **{
            f"{path}.setting{sort}TemplateReference{part}": "says which template it is from; the value is compared"
            for path, sort in _TEMPLATED
            for part in _TEMPLATE[sort]
        },
    },
    whole={"settings"},
    defaults={"platforms": "windows10", "technologies": "mdm"},
)
"""What a policy of the settings catalogue shows; a setting that is none of its kind's is unknown by its name."""


@dataclass(frozen=True, slots=True)
class CatalogueSetting(ABC):
    """How one setting of a kind is in a policy: an instance of a definition, alone or in a group of settings."""

    definition: str
    title: str  # what it is called in a sentence
    group: str = field(default="", kw_only=True)  # the definition of the group of settings that it is in

    @abstractmethod
    def shown(self, instance: Body) -> Json:
        """Return the value that an instance has; an empty one where it is not understood."""

    @abstractmethod
    def value(self, written: Json) -> Body:
        """Return what an instance has beside its definition."""

    @abstractmethod
    def unread(self, instance: Body) -> Iterator[UnknownProperty]:
        """List what of an instance the value does not show."""

    def instance(self, written: Json, held: Body) -> Body:  # noqa: ARG002 - for settings that hold more than a value
        """Return an instance with a value, in the place of one that is there."""
        return {"settingDefinitionId": self.definition, **self.value(written)}


Table = Mapping[str, CatalogueSetting]
"""The settings of a kind, by their names in a playbook."""


def definition_of(instance: Body) -> str:
    return str(instance.get("settingDefinitionId"))


def instances(row: Body) -> list[Body]:
    """List what a policy sets, each as Graph shows it."""
    return [
        inner
        for setting in mappings(row.get("settings"))
        if isinstance(inner := setting.get("settingInstance"), Mapping)
    ]


def _children(instance: Body) -> list[Body]:
    """List what a group of settings holds."""
    groups = mappings(instance.get("groupSettingCollectionValue"))
    return [child for group in groups for child in mappings(group.get("children"))]


def held_instances(row: Body) -> Mapping[str, Body]:
    """Return each instance by its definition, those inside groups included."""
    return {definition_of(instance): instance for top in instances(row) for instance in (top, *_children(top))}


def shown_settings(row: Body, table: Table) -> Body:
    """Give the value of each setting; an empty one of what is not set."""
    held = held_instances(row)
    return {name: setting.shown(held.get(setting.definition, {})) for name, setting in table.items()}


def unread_of(instance: Body) -> UnknownProperty:
    """Return an instance that no setting shows, by its definition; what is left out of protection narrows it."""
    written = [value for path, value in leaves(instance) if path.rpartition(".")[2] == "value" and value is not None]
    definition = definition_of(instance)
    return UnknownProperty(definition, written, narrows=definition.endswith("exclusions"))


def unread_settings(row: Body, table: Table) -> Iterator[UnknownProperty]:
    """List the settings of a policy that are none of a kind's, each by its definition."""
    settings_by_definition, groups = (
        {setting.definition: setting for setting in table.values()},
        {setting.group for setting in table.values()},
    )
    for top in instances(row):
        for instance in _children(top) if definition_of(top) in groups else (top,):
            setting_of_instance = settings_by_definition.get(definition_of(instance))
            yield from setting_of_instance.unread(instance) if setting_of_instance else (unread_of(instance),)


def foreign_definitions(row: Body, table: Table) -> list[str]:
    """List the definitions of what a policy sets beside a kind's settings."""
    covered = {name for setting in table.values() for name in (setting.definition, setting.group)}
    return [name for name in held_instances(row) if name not in covered]


def with_settings(row: Body, table: Table, written: Body, groups: Mapping[str, Body]) -> list[Body]:
    """Give all settings that a policy is to have: those named as written, everything else as it is and where it is."""
    existing, held = instances(row), held_instances(row)
    changed: dict[str, Body | None] = {}  # by definition; None where a setting is taken out
    for group in sorted({table[name].group for name in written}):
        instances_of_group = {
            setting.definition: setting.instance(written[name], held.get(setting.definition, {}))
            if written[name]
            else None
            for name, setting in table.items()
            if name in written and setting.group == group
        }
        if group:
            group_instance = held.get(group, groups[group])
            children = _merge(_children(group_instance), instances_of_group)
            instances_of_group = {
                group: {**group_instance, "groupSettingCollectionValue": [{"children": children}]} if children else None
            }
        changed |= instances_of_group
    return [{"@odata.type": f"{PREFIX}Setting", "settingInstance": setting} for setting in _merge(existing, changed)]


def _merge(existing: Sequence[Body], changed: Mapping[str, Body | None]) -> list[Body]:
    """Put instances where those of their definitions are, or at the end; leave out what is taken out."""
    merged = [changed.get(definition_of(held), held) for held in existing]
    names = {definition_of(held) for held in existing}
    return [
        instance
        for instance in (*merged, *(instance for name, instance in changed.items() if name not in names))
        if instance
    ]
