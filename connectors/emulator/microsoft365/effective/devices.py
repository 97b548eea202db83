"""The settings of an account's devices in Intune.

- Policies for users reach the devices of the account. Policies for devices reach the devices themselves. An exclusion
  counts only among groups of the same type, because Intune does not evaluate user-to-device group relationships:
  learn.microsoft.com/mem/intune/configuration/device-profile-assign.
- If two configuration policies set a setting to different values, no policy is applied: learn.microsoft.com/mem/intune/
  industry/education/tutorial-school-deployment/manage-avoid-policy-conflicts. Equal values do not conflict.
- Of several compliance policies, the most restrictive setting applies: device-profile-troubleshoot.
- Required wins over available and uninstall, and uninstall wins over available: learn.microsoft.com/mem/intune/apps/
  apps-deploy.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.effective.setting import CONFLICT, UNKNOWN, VALUE, EffectiveSetting
from connectors.emulator.microsoft365.effective.account import (
    DirectoryAccount,
    containers_of,
    mapping,
    mappings,
    strings,
)
from connectors.emulator.microsoft365.effective.restrictive import choose_most_restrictive
from connectors.emulator.store import Body, Json

_PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "Windows": ("windows",), "iOS": ("ios",), "iPadOS": ("ios",), "macOS": ("macos",), "Android": ("android",),
}  # fmt: skip
# Properties that every policy has, which are not settings.
_OWN = frozenset(
    {
        "id", "displayName", "description", "createdDateTime", "lastModifiedDateTime", "version", "roleScopeTagIds",
        "supportsScopeTags", "assignments", "scheduledActionsForRule", "deviceManagementApplicabilityRuleDeviceMode",
        "deviceManagementApplicabilityRuleOsEdition", "deviceManagementApplicabilityRuleOsVersion",
    }
)  # fmt: skip
_NOT_SET: tuple[Json, ...] = (
    None, False, "notConfigured", "deviceDefault", "none", "userDefined", "unavailable", "", [],
)  # fmt: skip
_FILTER = re.compile(r'^\(?device\.(\w+) -(eq|ne|startsWith|contains) "([^"]*)"\)?$')
_FILTERED = {
    "deviceOwnership": "managedDeviceOwnerType", "enrollmentProfileName": "enrollmentProfileName",
    "deviceName": "deviceName", "manufacturer": "manufacturer", "model": "model", "osVersion": "osVersion",
    "deviceCategory": "deviceCategoryDisplayName",
}  # fmt: skip
_OWNERSHIP = {"company": "Corporate", "personal": "Personal"}


@dataclass(frozen=True, slots=True)
class _ManagedDevice:
    account: DirectoryAccount
    body: Body
    containers: frozenset[str]  # groups that contain the device

    @property
    def name(self) -> str:
        return str(self.body["deviceName"])

    def is_for(self, platform: str) -> bool:
        """Return whether a policy for a platform, such as windows10 or androidWorkProfile, is for the device."""
        system = str(self.body["operatingSystem"])
        return any(platform.lower().startswith(name) for name in _PLATFORMS.get(system, ()))


@dataclass(frozen=True, slots=True)
class _Layer:
    policy: str
    value: Json
    reaches: bool | None  # None if an assignment filter cannot be evaluated


def device_settings(account: DirectoryAccount) -> Iterator[EffectiveSetting]:
    """Yield the settings of each device whose primary user is the account."""
    for body in account.rows("intune.managedDevices"):
        if str(body.get("userPrincipalName") or "").lower() == account.address:
            yield from _settings_of_device(_read_device(account, body))


def _read_device(account: DirectoryAccount, body: Body) -> _ManagedDevice:
    entra = str(body.get("azureADDeviceId"))
    ids = {entra} | {str(row["id"]) for row in account.rows("devices") if row.get("deviceId") == entra}
    around = frozenset[str]().union(*(containers_of(key, account.members) for key in ids))
    return _ManagedDevice(account, body, around)


def _settings_of_device(device: _ManagedDevice) -> Iterator[EffectiveSetting]:
    for collection in ("intune.configurationPolicies", "intune.deviceConfigurations"):
        yield from _configuration(device, collection)
    yield from _compliance(device)
    yield from _apps(device)


def _configuration(device: _ManagedDevice, collection: str) -> Iterator[EffectiveSetting]:
    for key, layers in sorted(_layers(device, collection).items()):
        names = sorted(layer.policy for layer in layers)
        values = [layer.value for layer in layers]
        if doubtful := next((layer for layer in layers if layer.reaches is None), None):
            why = f"the assignment filter of {doubtful.policy}"
            yield EffectiveSetting("configuration", key, UNKNOWN, device=device.name, why=why)
        elif all(value == values[0] for value in values):
            yield EffectiveSetting("configuration", key, VALUE, values[0], names, device=device.name)
        else:
            yield EffectiveSetting("configuration", key, CONFLICT, losers=names, device=device.name)


def _compliance(device: _ManagedDevice) -> Iterator[EffectiveSetting]:
    for key, layers in sorted(_layers(device, "intune.compliancePolicies").items()):
        if doubtful := next((layer for layer in layers if layer.reaches is None), None):
            why = f"the assignment filter of {doubtful.policy}"
            yield EffectiveSetting("compliance", key, UNKNOWN, device=device.name, why=why)
            continue
        strictest = choose_most_restrictive(key.rpartition(".")[2], [layer.value for layer in layers])
        if strictest is None:
            why = "which of the values is the most restrictive"
            yield EffectiveSetting("compliance", key, UNKNOWN, device=device.name, why=why)
            continue
        winners = sorted(layer.policy for layer in layers if layer.value == strictest)
        losers = sorted(layer.policy for layer in layers if layer.value != strictest)
        yield EffectiveSetting("compliance", key, VALUE, strictest, winners, losers, device=device.name)


def _layers(device: _ManagedDevice, collection: str) -> Mapping[str, list[_Layer]]:
    """Return the layers of each setting on a device, by the setting."""
    by_key: dict[str, list[_Layer]] = {}
    for policy in device.account.rows(collection):
        reaches = _reaches(policy, device)
        if reaches is False:
            continue
        for key, value in _settings_of_policy(policy, device):
            by_key.setdefault(key, []).append(_Layer(str(policy.get("name") or policy["displayName"]), value, reaches))
    return by_key


def _settings_of_policy(policy: Body, device: _ManagedDevice) -> Iterator[tuple[str, Json]]:
    if "settings" in policy:
        if device.is_for(str(policy.get("platforms"))):
            for setting in mappings(policy["settings"]):
                yield from _instance_values(mapping(setting.get("settingInstance")))
        return
    kind = str(policy.get("@odata.type")).rpartition(".")[2]
    if device.is_for(kind):
        for name, value in policy.items():
            if name not in _OWN and "@" not in name and not any(value is none or value == none for none in _NOT_SET):
                yield f"{kind}.{name}", value


def _instance_values(instance: Body) -> Iterator[tuple[str, Json]]:
    """Yield the value of a setting of the catalogue, and of the settings inside it, by their definitions."""
    definition = str(instance.get("settingDefinitionId"))
    if choice := mapping(instance.get("choiceSettingValue")):
        yield definition, choice.get("value")
        yield from _children(choice)
    if simple := mapping(instance.get("simpleSettingValue")):
        yield definition, simple.get("value")
    if simples := mappings(instance.get("simpleSettingCollectionValue")):
        yield definition, sorted(str(entry.get("value")) for entry in simples)
    if choices := mappings(instance.get("choiceSettingCollectionValue")):
        yield definition, sorted(str(entry.get("value")) for entry in choices)
    for group in mappings(instance.get("groupSettingCollectionValue")):
        yield from _children(group)


def _children(value: Body) -> Iterator[tuple[str, Json]]:
    for child in mappings(value.get("children")):
        yield from _instance_values(child)


def _reaches(policy: Body, device: _ManagedDevice) -> bool | None:
    """Return whether a policy reaches a device. None if a filter decides that cannot be evaluated."""
    targets = [mapping(assignment.get("target")) for assignment in mappings(policy.get("assignments"))]
    facts = [_includes(target, targets, device) for target in targets]
    return True if True in facts else None if None in facts else False


def _includes(target: Body, targets: Sequence[Body], device: _ManagedDevice) -> bool | None:
    """Return whether a target includes a device or its user, after the exclusions of the same type."""
    excluded = {str(other.get("groupId")) for other in targets if _type_of(other).startswith("exclusion")}
    match _type_of(target):
        case "allDevicesAssignmentTarget":
            sides = [device.containers]
        case "allLicensedUsersAssignmentTarget":
            sides = [device.account.containers]
        case "groupAssignmentTarget":
            group = str(target.get("groupId"))
            sides = [side for side in (device.containers, device.account.containers) if group in side]
        case _:
            sides = []
    if not any(not side & excluded for side in sides):
        return False
    return _passes_filter(target, device)


def _type_of(target: Body) -> str:
    return str(target.get("@odata.type")).rpartition(".")[2]


def _passes_filter(target: Body, device: _ManagedDevice) -> bool | None:
    way = str(target.get("deviceAndAppManagementAssignmentFilterType") or "none")
    if way == "none":
        return True
    key = target.get("deviceAndAppManagementAssignmentFilterId")
    rules = [row for row in device.account.rows("intune.assignmentFilters") if row["id"] == key]
    match = _FILTER.match(str(rules[0]["rule"])) if rules else None
    column = _FILTERED.get(match[1]) if match else None
    if match is None or column is None:
        return None
    value = str(device.body.get(column) or "")
    value = _OWNERSHIP.get(value, value) if match[1] == "deviceOwnership" else value
    fits = _compare(value.lower(), match[2], match[3].lower())
    return fits if way == "include" else not fits


def _compare(value: str, operator: str, expected: str) -> bool:
    match operator:
        case "eq":
            return value == expected
        case "ne":
            return value != expected
        case "startsWith":
            return value.startswith(expected)
    return expected in value


_STRENGTH = ("required", "uninstall", "available", "availableWithoutEnrollment")


def _apps(device: _ManagedDevice) -> Iterator[EffectiveSetting]:
    """Yield the intent for each app that is assigned to a device or its user."""
    for app in device.account.rows("intune.mobileApps"):
        assignments = mappings(app.get("assignments"))
        targets = [mapping(assignment.get("target")) for assignment in assignments]
        facts = [_includes(target, targets, device) for target in targets]
        intents = [str(row.get("intent")) for row, fact in zip(assignments, facts, strict=True) if fact]
        name = str(app["displayName"])
        if any(fact is None for fact in facts):
            why = f"the assignment filter of {name}"
            yield EffectiveSetting("app", name, UNKNOWN, device=device.name, why=why)
        elif strongest := [intent for intent in _STRENGTH if intent in strings(intents)]:
            yield EffectiveSetting("app", name, VALUE, strongest[0], strongest[:1], strongest[1:], device=device.name)
