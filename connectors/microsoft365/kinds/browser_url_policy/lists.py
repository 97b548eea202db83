"""The four lists of addresses as the settings catalogue holds them: a choice that is on, and a list inside it."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.intune.properties import ASSIGNED
from toolkit.sdk.properties import UnknownProperty, leaves
from toolkit.sdk.shapes import mapping, mappings
from toolkit.values import Body, Json

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
            yield UnknownProperty(definition, list(_values(instance)), narrows=False)
            continue
        for child in mappings(chosen.get("children")):
            if _definition(child) != _inside(definition):
                yield UnknownProperty(_definition(child), list(_values(child)), narrows=False)


def _values(instance: Body) -> Iterator[Json]:
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
