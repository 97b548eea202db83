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
    return [inner for one in mappings(row.get("settings")) if isinstance(inner := one.get("settingInstance"), Mapping)]


def _children(instance: Body) -> list[Body]:
    """List what a group of settings holds."""
    groups = mappings(instance.get("groupSettingCollectionValue"))
    return [child for one in groups for child in mappings(one.get("children"))]


def held_instances(row: Body) -> Mapping[str, Body]:
    """Return each instance by its definition, those inside groups included."""
    return {definition_of(one): one for top in instances(row) for one in (top, *_children(top))}


def shown_settings(row: Body, table: Table) -> Body:
    """Give the value of each setting; an empty one of what is not set."""
    held = held_instances(row)
    return {name: one.shown(held.get(one.definition, {})) for name, one in table.items()}


def unread_of(instance: Body) -> UnknownProperty:
    """Return an instance that no setting shows, by its definition; what is left out of protection narrows it."""
    written = [value for path, value in leaves(instance) if path.rpartition(".")[2] == "value" and value is not None]
    definition = definition_of(instance)
    return UnknownProperty(definition, written, narrows=definition.endswith("exclusions"))


def unread_settings(row: Body, table: Table) -> Iterator[UnknownProperty]:
    """List the settings of a policy that are none of a kind's, each by its definition."""
    ours, groups = {one.definition: one for one in table.values()}, {one.group for one in table.values()}
    for top in instances(row):
        for instance in _children(top) if definition_of(top) in groups else (top,):
            known = ours.get(definition_of(instance))
            yield from known.unread(instance) if known else (unread_of(instance),)


def others(row: Body, table: Table) -> list[str]:
    """List the definitions of what a policy sets beside a kind's settings."""
    ours = {name for one in table.values() for name in (one.definition, one.group)}
    return [name for name in held_instances(row) if name not in ours]


def with_settings(row: Body, table: Table, written: Body, groups: Mapping[str, Body]) -> list[Body]:
    """Give all settings that a policy is to have: those named as written, everything else as it is and where it is."""
    there, held = instances(row), held_instances(row)
    made: dict[str, Body | None] = {}  # by definition; None where a setting is taken out
    for group in sorted({table[name].group for name in written}):
        wanted = {
            one.definition: one.instance(written[name], held.get(one.definition, {})) if written[name] else None
            for name, one in table.items()
            if name in written and one.group == group
        }
        if group:
            around = held.get(group, groups[group])
            children = _replaced(_children(around), wanted)
            wanted = {group: {**around, "groupSettingCollectionValue": [{"children": children}]} if children else None}
        made |= wanted
    return [{"@odata.type": f"{PREFIX}Setting", "settingInstance": one} for one in _replaced(there, made)]


def _replaced(there: Sequence[Body], made: Mapping[str, Body | None]) -> list[Body]:
    """Put instances where those of their definitions are, or at the end; leave out what is taken out."""
    kept = [made.get(definition_of(held), held) for held in there]
    names = {definition_of(held) for held in there}
    return [one for one in (*kept, *(one for name, one in made.items() if name not in names)) if one]
