"""Reads and writes policies with lists of addresses; PUT replaces all settings, so others' are sent again."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from connectors.microsoft365.intune import Via, assignments, conflicts
from connectors.microsoft365.intune.client import CATALOGUE, WITH_SETTINGS
from connectors.microsoft365.intune.configuration import settings_of_kinds
from connectors.microsoft365.intune.conflicts import settings_hidden
from connectors.microsoft365.intune.policies import IntunePolicies
from connectors.microsoft365.intune.policy import ASSIGNED, beside, is_marked
from connectors.microsoft365.intune.setting_keys import keys_of, of_definition, values_of_instances
from toolkit.errors import Rejected
from toolkit.sdk.kind import Doubt, OtherObject
from toolkit.sdk.properties import UnknownProperty, leaves
from toolkit.sdk.resource import Desired, Remote
from toolkit.sdk.shapes import mapping, mappings, texts
from toolkit.values import Body, Json, Settings, effective, entries, unique

_PREFIX = "#microsoft.graph.deviceManagementConfiguration"
_EDGE = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge"
_CHROME = "device_vendor_msft_policy_config_chromeintunev1~policy~googlechrome"
DEFINITIONS: Mapping[str, str] = {
    "edge_url_blocklist": f"{_EDGE}_urlblocklist",
    "edge_url_allowlist": f"{_EDGE}_urlallowlist",
    "chrome_url_blocklist": f"{_CHROME}_urlblocklist",
    "chrome_url_allowlist": f"{_CHROME}_urlallowlist",
}
TITLES: Mapping[str, str] = {
    "edge_url_blocklist": "Edge's URL blocklist",
    "edge_url_allowlist": "Edge's URL allowlist",
    "chrome_url_blocklist": "Chrome's URL blocklist",
    "chrome_url_allowlist": "Chrome's URL allowlist",
}
_INSTANCE = "settings[].settingInstance"
_CHOICE = f"{_INSTANCE}.choiceSettingValue"
_CHILD = f"{_CHOICE}.children[]"
_VALUE = f"{_CHILD}.simpleSettingCollectionValue[]"
_TEMPLATE = {
    "Instance": ("", ".settingInstanceTemplateId"),
    "Value": ("", ".settingValueTemplateId", ".useTemplateDefault"),
}

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
            for path in ("settings[]", _INSTANCE, _CHOICE, _CHILD, _VALUE)
        },
        **{
            f"{path}.setting{sort}TemplateReference{part}": "says which template it is from; the value is compared"
            for path, sort in ((_INSTANCE, "Instance"), (_CHILD, "Instance"), (_CHOICE, "Value"), (_VALUE, "Value"))
            for part in _TEMPLATE[sort]
        },
    },
    whole={"settings"},
    defaults={"platforms": "windows10", "technologies": "mdm"},
)
"""What a policy of the settings catalogue shows; a setting that is none of the four lists is unknown by its name."""

MOST = 1000
"""Entries that a browser takes in one list. https://learn.microsoft.com/deployedge/microsoft-edge-policies"""


def instances(row: Body) -> list[Body]:
    """List what a policy sets, each as Graph shows it."""
    return [inner for one in mappings(row.get("settings")) if isinstance(inner := one.get("settingInstance"), Mapping)]


def shown_lists(row: Body) -> Body:
    """Give the entries of each list; none for one that is not set, or is turned off."""
    by_definition = {str(one.get("settingDefinitionId")): one for one in instances(row)}
    found = {name: by_definition.get(definition) for name, definition in DEFINITIONS.items()}
    return {name: list(_entries(one)) if one else [] for name, one in found.items()}


def with_lists(row: Body, lists: Mapping[str, Sequence[str]]) -> list[Body]:
    """Give all settings that a policy is to have: lists as named, everything else as it is and where it is."""
    changed = {DEFINITIONS[name]: _instance(DEFINITIONS[name], listed) for name, listed in lists.items() if listed}
    named = {DEFINITIONS[name] for name in lists}
    there = instances(row)
    kept = [changed.get(one, held) for held in there if (one := _definition(held)) not in named or one in changed]
    added = [one for definition, one in changed.items() if definition not in {_definition(held) for held in there}]
    return [{"@odata.type": f"{_PREFIX}Setting", "settingInstance": one} for one in (*kept, *added)]


def unread_settings(row: Body) -> Iterator[UnknownProperty]:
    """List the settings of a policy that are none of the four lists, each by its definition."""
    for instance in instances(row):
        definition, chosen = _definition(instance), mapping(instance.get("choiceSettingValue"))
        if definition not in DEFINITIONS.values() or chosen.get("value") not in (f"{definition}_0", f"{definition}_1"):
            yield UnknownProperty(definition, list(_leaves(instance)), narrows=False)
            continue
        for child in mappings(chosen.get("children")):
            if _definition(child) != _inside(definition):
                yield UnknownProperty(_definition(child), list(_leaves(child)), narrows=False)


def _leaves(instance: Body) -> Iterator[Json]:
    """List what an instance of a setting holds, without its types, names and templates."""
    for path, value in leaves(instance):
        if path.rpartition(".")[2] == "value" and value is not None:
            yield value


def others(row: Body) -> list[str]:
    """List the definitions of what a policy sets beside the four lists."""
    return [one for one in map(_definition, instances(row)) if one not in DEFINITIONS.values()]


def _definition(instance: Body) -> str:
    return str(instance.get("settingDefinitionId"))


def _instance(definition: str, listed: Sequence[str]) -> Body:
    values: list[Json] = [{"@odata.type": f"{_PREFIX}StringSettingValue", "value": entry} for entry in listed]
    inside: Body = {
        "@odata.type": f"{_PREFIX}SimpleSettingCollectionInstance",
        "settingDefinitionId": _inside(definition),
        "simpleSettingCollectionValue": values,
    }
    chosen: Body = {"@odata.type": f"{_PREFIX}ChoiceSettingValue", "value": f"{definition}_1", "children": [inside]}
    return {
        "@odata.type": f"{_PREFIX}ChoiceSettingInstance",
        "settingDefinitionId": definition,
        "choiceSettingValue": chosen,
    }


def _inside(definition: str) -> str:
    """Name the list inside a choice: `..._urlblocklist_urlblocklistdesc`."""
    return f"{definition}_{definition.rpartition('_')[2]}desc"


def _entries(instance: Body) -> Iterator[str]:
    definition, chosen = _definition(instance), instance.get("choiceSettingValue")
    if not isinstance(chosen, Mapping) or chosen.get("value") != f"{definition}_1":
        return
    for child in mappings(chosen.get("children")):
        if child.get("settingDefinitionId") == _inside(definition):
            yield from (str(one["value"]) for one in mappings(child.get("simpleSettingCollectionValue")))


_FOR_WINDOWS: Body = {"platforms": "windows10", "technologies": "mdm"}
_KEPT = ("name", "description", "platforms", "technologies", "roleScopeTagIds", "templateReference")


@dataclass(frozen=True, slots=True)
class BrowserUrlPolicies(IntunePolicies):
    """The policies that have such a list, and those with our mark; others of the catalogue are left alone."""

    collection: str = CATALOGUE
    called: ClassVar[str] = "name"
    expand: ClassVar[str] = WITH_SETTINGS
    replaced: ClassVar[frozenset[str]] = frozenset(DEFINITIONS)

    def holds(self, row: Body) -> bool:
        return bool(settings_hidden(row)) or has_lists(row)

    def hidden(self, row: Body) -> str:
        return settings_hidden(row)

    def made(self, name: str, body: Body) -> Body:
        return {**_FOR_WINDOWS, "settings": _settings({}, beside(body), name)}

    def change(self, via: Via, now: Remote, called: Body, body: Body) -> None:
        """Send what a policy is called, or the whole with its lists."""
        settings = beside(body)
        if self.replaced.isdisjoint(settings):
            self.patch(via, now, called)
            return
        kept = {key: now.body[key] for key in _KEPT if key in now.body}
        whole = {**kept, **called, "settings": _settings(now.body, settings, now.name)}
        via.intune.replace(self.collection, now.id, whole)

    def delete(self, via: Via, remote: Remote) -> None:
        """Remove a policy; Rejected where others put settings into it, which would be gone too."""
        if foreign := others(self.again(via, remote)):
            raise Rejected(
                f"{remote.name} stays: others put {len(foreign)} settings into it that would be gone with it "
                f"({foreign[0]}); take out what is theirs, or delete it by hand"
            )
        via.intune.delete(self.collection, remote.id)


def has_lists(row: Body) -> bool:
    """Say whether a policy of the catalogue has one of the lists, or is ours."""
    return is_marked(row) or any(shown_lists(row).values())


def other_policies(via: Via) -> Iterator[OtherObject]:
    """List the policies of others that no kind compares, each with the settings of our kinds that it sets too."""
    settings = settings_of_kinds()
    for row in via.intune.all(CATALOGUE, expand=WITH_SETTINGS):
        if not settings_hidden(row) and not has_lists(row):
            there = keys_of(row).keys()
            too = tuple(name for name, keys in settings.items() if keys & there)
            yield OtherObject(str(row.get("name") or row.get("id")), too)


def doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Doubt groups that are not there, and lists that grew too long."""
    yield from assignments.doubts(via, desired)
    yield from _too_long(via, desired)


def conflicts_of(via: Via, desired: Sequence[Desired], going: Collection[str]) -> Iterator[Doubt]:
    """Find the policies that are in the way."""
    yield from conflicts.conflicts(via, desired, going, _OWN)


def _claims(desired: Desired) -> Mapping[str, frozenset[str]]:
    claimed = [name for name in DEFINITIONS if effective(desired.settings.get(name), None)]
    return {name: frozenset({of_definition(DEFINITIONS[name])}) for name in claimed}


def _shows(row: Body) -> Settings:
    return {name: unique(texts(listed)) or None for name, listed in shown_lists(row).items()}


def _values(settings: Settings) -> Mapping[str, Hashable]:
    listed = {name: entries(settings.get(name)) for name in DEFINITIONS}
    return values_of_instances(_instance(DEFINITIONS[name], found) for name, found in listed.items() if found)


_OWN = conflicts.Own(CATALOGUE, None, _claims, TITLES, has_lists, _shows, _values, on_computers=True)


def _too_long(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Count what others' entries and ours come to."""
    there = {
        str(row.get("name")).casefold(): shown_lists(row) for row in via.intune.all(CATALOGUE, expand=WITH_SETTINGS)
    }
    for one in desired:
        now = there.get((one.handling.adopt or one.address.name).casefold(), {})
        for name in DEFINITIONS:
            held = now.get(name)
            before = tuple(str(entry) for entry in held) if isinstance(held, list) else ()
            count = len(entries(effective(one.settings.get(name), before)))
            if count > MOST:
                yield Doubt(one.address.name, name, f"{count:,} entries are too many: browsers take {MOST:,} in a list")


def _settings(before: Body, settings: Body, name: str) -> list[Body]:
    """Give all settings that a policy is to have; Rejected where a list is too long, or nothing would be left."""
    lists = {one: texts(settings[one]) for one in DEFINITIONS if one in settings}
    for one, listed in lists.items():
        if len(listed) > MOST:
            raise Rejected(f"{name}: {TITLES[one]} would have {len(listed):,} entries; browsers take {MOST:,}")
    made = with_lists(before, lists)
    if not made:
        raise Rejected(f"{name}: nothing would be left in it, and Intune keeps no policy without a setting; delete it")
    return made
