"""The policies of Intune for the devices of an account.

A group of people reaches the devices of these people. An excluded group of people excludes no device that a group of
devices includes, and the other way round: https://learn.microsoft.com/intune/intune-service/configuration/
device-profile-assign. Configurations with different values cancel each other, and of compliance settings the most
restrictive applies: https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.intune.assignments import ALL_DEVICES, ALL_USERS, FILTER_TYPE, targets_of
from connectors.microsoft365.intune.compliance_first import STRICTNESS
from connectors.microsoft365.intune.configuration import settings_of_kinds
from connectors.microsoft365.intune.devices import PATH
from connectors.microsoft365.intune.setting_keys import definition_key, is_merged, is_set
from connectors.microsoft365.intune.setting_paths import INSIDE, PREFIX, is_place
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import ServiceError
from toolkit.sdk import (
    AccountDevice,
    AccountFacts,
    CloudAccount,
    Combination,
    LayeredSettings,
    MailObject,
    Objects,
    SettingLayer,
    Truth,
    all_of,
    any_of,
    cannot_tell,
    kinds,
    negate,
    no,
    text,
    yes,
)
from toolkit.values import Body, Value, entries, plain

_CONFIGURATIONS = (
    "windows_configuration", "ios_configuration", "android_fully_managed_configuration",
    "android_work_profile_configuration", "settings_catalogue_policy", "browser_url_policy", "attack_surface_policy",
    "sign_in_notice",
)  # fmt: skip
_COMPLIANCE = (
    "windows_compliance_policy", "ios_compliance_policy", "macos_compliance_policy",
    "android_fully_managed_compliance_policy", "android_work_profile_compliance_policy",
)  # fmt: skip
KINDS = (*_CONFIGURATIONS, *_COMPLIANCE)
_PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "windows": ("windows", "browser", "attack", "sign_in"), "ios": ("ios",), "ipados": ("ios",), "macos": ("macos",),
    "android": ("android",),
}  # fmt: skip
_ABOUT = frozenset(
    {
        "assigned_to", "excluded", "managed_by", "description", "platforms", "technologies", "template", "settings",
        "block_after_hours",
    }
)  # fmt: skip
_FIELDS = (
    "id,deviceName,operatingSystem,userId,azureADDeviceId,managedDeviceOwnerType,enrollmentProfileName,model,"
    "manufacturer,osVersion,deviceCategoryDisplayName"
)
_INTUNE = "Intune admin centre > Devices"


def add_devices(via: Microsoft365, account: CloudAccount) -> CloudAccount:
    """Return an account with the devices whose main user it is."""
    try:
        rows = via.graph.pages(PATH, select=_FIELDS)
        own = [row for row in rows if text(row.get("userId")) == account.id]
        return replace(account, devices=tuple(map(_to_device, own)))
    except ServiceError as error:
        return replace(account, devices_unknown=str(error))


def _to_device(row: Body) -> AccountDevice:
    entra = text(row.get("azureADDeviceId"))
    facts = {name: text(row.get(column)) for name, column in _FACTS.items()}
    facts["deviceOwnership"] = _OWNERS.get(facts["deviceOwnership"], facts["deviceOwnership"])
    return AccountDevice(text(row.get("deviceName")), text(row.get("operatingSystem")), frozenset({entra}), facts)


_FACTS: Mapping[str, str] = {
    "deviceOwnership": "managedDeviceOwnerType", "enrollmentProfileName": "enrollmentProfileName",
    "deviceName": "deviceName", "manufacturer": "manufacturer", "model": "model", "osVersion": "osVersion",
    "deviceCategory": "deviceCategoryDisplayName",
}  # fmt: skip
_OWNERS = {"company": "Corporate", "personal": "Personal"}


def named_groups(objects: Objects) -> frozenset[str]:
    """Return the groups to which policies are assigned, or which they exclude."""
    policies = [policy for kind in KINDS for policy in objects.get(kind, ())]
    named = {group for policy in policies for name in ("assigned_to", "excluded") for group in _groups(policy, name)}
    return frozenset(named)


def _groups(policy: MailObject, setting: str) -> Sequence[str]:
    return [group for group in entries(policy.settings.get(setting)) if group not in (ALL_DEVICES, ALL_USERS)]


def list_layers(facts: AccountFacts, via: Microsoft365) -> Iterator[LayeredSettings]:
    """Yield the settings of each device, in one place for each setting."""
    if facts.account.devices_unknown:
        yield LayeredSettings(
            area="Devices", title="devices", layers=(), doubt=facts.account.devices_unknown, where=_INTUNE
        )
    filters = _AssignmentFilters(via)
    for device in facts.account.devices:
        yield from _configurations(facts, device, filters)
        yield from _compliance(facts, device, filters)


def _configurations(
    facts: AccountFacts, device: AccountDevice, filters: "_AssignmentFilters"
) -> Iterator[LayeredSettings]:
    keys = settings_of_kinds()
    by_key: dict[str, list[SettingLayer]] = {}
    for kind in _CONFIGURATIONS:
        for policy, reaches in _reaching(facts, kind, device, filters):
            for name, value in _own_settings(policy).items():
                layer = SettingLayer(kind, policy.name, {name: value}, reaches)
                by_key.setdefault(_key_of(kind, name, keys), []).append(layer)
    for key, layers in by_key.items():
        several = len({layer.kind for layer in layers}) > 1
        merged = is_merged(key)
        yield LayeredSettings(
            area=device.name,
            title=_title_of(layers[0].kind),
            layers=tuple(layers),
            combination=Combination.ALL if merged else Combination.EQUAL,
            device=device.name,
            doubt="policies of two types set it. If their values differ, Intune applies neither" if several else "",
            where=f"{_INTUNE} > {device.name} > Device configuration",
        )


def _key_of(kind: str, setting: str, keys: Mapping[str, frozenset[str]]) -> str:
    """Return a key that is the same for the same setting in policies of different types."""
    if is_place(setting):
        return definition_key(setting.removeprefix(PREFIX).rpartition(INSIDE)[2])
    return min(keys.get(f"{kind}.{setting}", ()), default=f"{kind}.{setting}", key=lambda key: ("." in key, key))


def _compliance(facts: AccountFacts, device: AccountDevice, filters: "_AssignmentFilters") -> Iterator[LayeredSettings]:
    for kind in _COMPLIANCE:
        layers = [
            SettingLayer(kind, policy.name, _own_settings(policy), reaches)
            for policy, reaches in _reaching(facts, kind, device, filters)
        ]
        yield LayeredSettings(
            area=device.name,
            title=_title_of(kind),
            layers=tuple(layers),
            combination=Combination.STRICTEST,
            device=device.name,
            where=f"{_INTUNE} > {device.name} > Device compliance",
            strictest=_find_strictest,
        )


_LOWER_IS_STRICTER, _HIGHER_IS_STRICTER = ("minutes", "days", "factory_reset", "maximum"), ("minimum", "block_count")


def _find_strictest(setting: str, values: Sequence[Value]) -> Value | None:
    """Return the most restrictive of several values. None if neither direction is known to be stricter."""
    if set(map(type, values)) == {bool}:
        return True
    if all(str(value) in STRICTNESS for value in values):
        return max(values, key=lambda value: STRICTNESS[str(value)])
    if not all(_VERSION.fullmatch(str(value)) for value in values):
        return None
    ordered = sorted(values, key=lambda value: [int(part) for part in str(value).split(".")])
    if any(word in setting for word in _LOWER_IS_STRICTER):
        return ordered[0]
    return ordered[-1] if any(word in setting for word in _HIGHER_IS_STRICTER) else None


_VERSION = re.compile(r"\d+(?:\.\d+)*")


def _own_settings(policy: MailObject) -> Mapping[str, Value]:
    """Return the settings that a policy sets.

    Intune shows the same value if a setting is off and if it was never set.
    """
    settings = {name: value for name, value in policy.settings.items() if name not in _ABOUT}
    return {name: value for name, value in settings.items() if value != _NO_LEVEL and is_set(plain(value))}


_NO_LEVEL = "unavailable"  # Intune's value for a threat level that no one has set


def _title_of(kind: str) -> str:
    return kinds("microsoft365")[kind].title


def _reaching(
    facts: AccountFacts, kind: str, device: AccountDevice, filters: "_AssignmentFilters"
) -> Iterator[tuple[MailObject, Truth]]:
    for policy in facts.objects.get(kind, ()):
        if not _is_for(kind, policy, device):
            continue
        reaches = cannot_tell(policy.unreadable) if policy.unreadable else _reaches(policy, device, facts, filters)
        if reaches.value is not False:
            yield policy, reaches


def _is_for(kind: str, policy: MailObject, device: AccountDevice) -> bool:
    prefixes = _PLATFORMS.get(device.platform.casefold(), ())
    platform = str(policy.settings.get("platforms") or kind) if kind == "settings_catalogue_policy" else kind
    return platform.casefold().startswith(prefixes)


def _reaches(policy: MailObject, device: AccountDevice, facts: AccountFacts, filters: "_AssignmentFilters") -> Truth:
    excluded = _groups(policy, "excluded")
    out_of_people = any_of(facts.is_in(group) for group in excluded)
    out_of_devices = any_of(facts.has_device(group, device) for group in excluded)
    included: list[Truth] = []
    for target in entries(policy.settings.get("assigned_to")):
        person, itself = _person_and_device(target, device, facts)
        passes = filters.passes(policy, target, device)
        included.append(all_of([any_of([_without(person, out_of_people), _without(itself, out_of_devices)]), passes]))
    return any_of(included)


def _person_and_device(target: str, device: AccountDevice, facts: AccountFacts) -> tuple[Truth, Truth]:
    """Return whether a target includes the account, and whether it includes the device itself."""
    if target == ALL_DEVICES:
        return no(), yes("for every device")
    if target == ALL_USERS:
        return yes("for every account"), no()
    return facts.is_in(target), facts.has_device(target, device)


def _without(included: Truth, excluded: Truth) -> Truth:
    return all_of([included, negate(excluded)]) if included.value is not False else included


class _AssignmentFilters:
    """The assignment filters of the tenant, which limit an assignment to some devices."""

    def __init__(self, via: Microsoft365) -> None:
        self._via = via
        self._rules: Mapping[str, str] | None = None

    def passes(self, policy: MailObject, target: str, device: AccountDevice) -> Truth:
        """Return whether a device passes the filter of a policy's assignment to a target."""
        row = next((row for row in targets_of(policy.raw) or () if self._is_target(row, target)), {})
        way = text(row.get(FILTER_TYPE)) or "none"
        if way == "none":
            return yes()
        fits = self._fits(text(row.get("deviceAndAppManagementAssignmentFilterId")), device)
        return negate(fits) if way == "exclude" else fits

    def _is_target(self, row: Body, target: str) -> bool:
        if target in (ALL_DEVICES, ALL_USERS):
            return not row.get("groupId") and ("allDevices" in str(row.get("@odata.type"))) == (target == ALL_DEVICES)
        group = text(row.get("groupId")).casefold()
        return bool(group) and self._via.intune.groups.name_of(group) == target

    def _fits(self, key: str, device: AccountDevice) -> Truth:
        try:
            rule = self._read().get(key, "")
        except ServiceError as error:
            return cannot_tell(f"the assignment filter could not be read: {error}")
        match = _RULE.fullmatch(rule)
        if match is None or match["name"] not in device.facts:
            return cannot_tell("toolkit does not evaluate the assignment filter")
        value, expected = device.facts[match["name"]].casefold(), match["value"].casefold()
        fits = {"eq": value == expected, "ne": value != expected, "startsWith": value.startswith(expected)}
        return yes("an assignment filter") if fits[match["operator"]] else no("an assignment filter")

    def _read(self) -> Mapping[str, str]:
        if self._rules is None:
            rows = self._via.graph.pages(path_with("/beta/deviceManagement/assignmentFilters", {"select": "id,rule"}))
            self._rules = {text(row.get("id")): text(row.get("rule")) for row in rows}
        return self._rules


_RULE = re.compile(r'\(?device\.(?P<name>\w+) -(?P<operator>eq|ne|startsWith) "(?P<value>[^"]*)"\)?')
