"""Keys that identify the same setting in policies of different types, so that their values can be compared."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeGuard

from toolkit.sdk import mapping, mappings, text
from toolkit.values import Body, Json

_TYPE, _PREFIX = "@odata.type", "#microsoft.graph."
# Intune's values for an enumeration that was never set.
_UNSET = frozenset({"", "notConfigured", "deviceDefault", "none", "userDefined", "default"})
_SCOPE_PREFIX = re.compile(r"^(\./)?((device|user)[/_])?(?=vendor[/_])")
_ADMX = re.compile(r"(?<=policy_config_)[^~]*(?=~policy~)")

Reading: TypeAlias = Mapping[bool | str, int | bool] | None
"""The catalogue value that means the same as a property's value, or None if the values are equal."""

_SAME: Reading = None
_ON: Reading = {True: 1}
_OFF: Reading = {True: 0}
_STATE: Reading = {"blocked": 0, "allowed": 1}
_OTHER: Reading = {}  # about the same setting, but none of its values means the same
_DENIED: Reading = {True: False}  # a property blocks the content that an Apple restriction allows

# The settings of Windows policies and Apple restrictions that a property of a template sets.
# https://learn.microsoft.com/mem/intune/configuration/device-restrictions-windows-10 The values are from
# https://learn.microsoft.com/windows/client-management/mdm/policy-configuration-service-provider and
# https://developer.apple.com/documentation/devicemanagement/restrictions
_WINDOWS: Mapping[str, Mapping[str, Reading]] = {
    "storageBlockRemovableStorage": {
        "system_allowstoragecard": _OFF,
        "storage_removablediskdenywriteaccess": _OTHER,  # it still lets people read
    },
    "appsAllowTrustedAppsSideloading": {"applicationmanagement_allowalltrustedapps": _STATE},
    "appsBlockWindowsStoreOriginatedApps": {"applicationmanagement_disablestoreoriginatedapps": _ON},
    "windowsStoreEnablePrivateStoreOnly": {"applicationmanagement_requireprivatestoreonly": _ON},
    "developerUnlockSetting": {"applicationmanagement_allowdeveloperunlock": _STATE},
    "smartScreenEnableAppInstallControl": {"smartscreen_enableappinstallcontrol": _ON},
    "smartScreenBlockPromptOverrideForFiles": {"smartscreen_preventoverrideforfilesinshell": _ON},
    "microsoftAccountBlocked": {"accounts_allowmicrosoftaccountconnection": _OFF},
    "accountsBlockAddingNonMicrosoftAccountEmail": {"accounts_allowaddingnonmicrosoftaccountsmanually": _OFF},
    "gameDvrBlocked": {"applicationmanagement_allowgamedvr": _OFF},
    "internetSharingBlocked": {"wifi_allowinternetsharing": _OFF},
    "settingsBlockAddProvisioningPackage": {"security_allowaddprovisioningpackage": _OFF},
    "deviceManagementBlockManualUnenroll": {"experience_allowmanualmdmunenrollment": _OFF},
    "passwordRequired": {"devicelock_devicepasswordenabled": _OFF},  # 0 means on there
    "passwordRequiredType": {"devicelock_alphanumericdevicepasswordrequired": {"alphanumeric": 0, "numeric": 1}},
    "passwordBlockSimple": {"devicelock_allowsimpledevicepassword": _OFF},
    "passwordMinimumLength": {"devicelock_mindevicepasswordlength": _SAME},
    "passwordMinimumCharacterSetCount": {"devicelock_mindevicepasswordcomplexcharacters": _SAME},
    "passwordMinutesOfInactivityBeforeScreenTimeout": {"devicelock_maxinactivitytimedevicelock": _SAME},
    "passwordExpirationDays": {"devicelock_devicepasswordexpiration": _SAME},
    "passwordPreviousPasswordBlockCount": {"devicelock_devicepasswordhistory": _SAME},
}
_RESTRICTION = "com.apple.applicationaccess_"
_APPS: Mapping[str, str] = {
    "appsNotInListCompliant": f"{_RESTRICTION}blockedappbundleids",
    "appsInListCompliant": f"{_RESTRICTION}allowedappbundleids",
}
_APPLE: Mapping[str, Mapping[str, Reading]] = {
    "appsVisibilityListType": dict.fromkeys(_APPS.values(), _OTHER),
    "appsVisibilityList": dict.fromkeys(_APPS.values(), _OTHER),  # together with the type: see `_find_listed_apps`
    "enterpriseAppBlockTrust": {f"{_RESTRICTION}allowenterpriseapptrust": _DENIED},
    "appStoreBlocked": {f"{_RESTRICTION}allowappinstallation": _DENIED},
    "appStoreBlockUIAppInstallation": {f"{_RESTRICTION}allowuiappinstallation": _DENIED},
    "appStoreBlockInAppPurchases": {f"{_RESTRICTION}allowinapppurchases": _DENIED},
    "appStoreBlockAutomaticDownloads": {f"{_RESTRICTION}allowautomaticappdownloads": _DENIED},
}
TWINS: Mapping[str, Mapping[str, Mapping[str, Reading]]] = {
    "windows10GeneralConfiguration": {
        name: {f"vendor_msft_policy_config_{twin}": reading for twin, reading in twins.items()}
        for name, twins in _WINDOWS.items()
    },
    "iosGeneralDeviceConfiguration": _APPLE,
}


_PROTECTION = "windows10EndpointProtectionConfiguration"
_POLICY = "vendor_msft_policy_config"
_OF_ASR = "https://learn.microsoft.com/intune/intune-service/protect/endpoint-security-asr-policy"
_OF_FIREWALL = "https://learn.microsoft.com/intune/intune-service/protect/endpoint-security-firewall-policy"
_OF_PROFILES = "https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot"
_ONE_DEVICE = "deviceinstallation_{}installationofmatchingdevice"

MERGING: Mapping[str, tuple[bool, str]] = {
    f"{_POLICY}_defender_attacksurfacereductionrules": (True, _OF_ASR),
    f"{_POLICY}_defender_attacksurfacereductionrules_": (False, _OF_ASR),  # a rule that is set in two ways is left out
    f"{_POLICY}_defender_attacksurfacereductiononlyexclusions": (True, _OF_ASR),
    f"{_POLICY}_{_ONE_DEVICE.format('allow')}": (True, _OF_ASR),
    f"{_POLICY}_{_ONE_DEVICE.format('prevent')}": (True, _OF_ASR),
    f"{_PROTECTION}.defenderAttackSurfaceReductionExcludedPaths": (True, _OF_ASR),
    f"{_PROTECTION}.firewallRules": (True, _OF_FIREWALL),
    "vendor_msft_firewall_mdmstore_firewallrules": (True, _OF_FIREWALL),
    _POLICY: (False, _OF_PROFILES),
    "windows10GeneralConfiguration.": (False, _OF_PROFILES),
    "iosGeneralDeviceConfiguration.": (False, _OF_PROFILES),
    "androidDeviceOwnerGeneralDeviceConfiguration.": (False, _OF_PROFILES),
    "androidWorkProfileGeneralDeviceConfiguration.": (False, _OF_PROFILES),
    "com.apple.applicationaccess_": (False, _OF_PROFILES),
}
"""Beginnings of keys, whether Intune merges their values from several policies, and Microsoft's page about it."""


def is_merged(key: str) -> bool:
    """Return whether Intune is documented to merge the values that several policies set for a key."""
    begins = max((prefix for prefix in MERGING if key.startswith(prefix)), key=len, default="")
    return bool(begins) and MERGING[begins][0]


def property_keys(type_name: str, name: str) -> frozenset[str]:
    """Return the keys of a property of a device configuration."""
    return frozenset({f"{type_name}.{name}", *TWINS.get(type_name, {}).get(name, ())})


def definition_key(definition: str) -> str:
    """Return the key of a settings catalogue definition or of a custom OMA-URI. Both may identify the same setting.

    The key does not tell settings for the device from settings for its user. The name of an imported template, such as
    `Chrome~Policy~googlechrome`, is left out, because an administrator chooses it.
    """
    return _ADMX.sub("", _SCOPE_PREFIX.sub("", definition.lower()).replace("/", "_"))


def is_set(value: Json) -> bool:
    """Return whether a property differs from Intune's default, which means that no one has set it."""
    match value:
        case str():
            return value not in _UNSET
        case Sequence() | Mapping():
            return bool(value)
        case _:
            return value is not None and value is not False


def keys_of(row: Body) -> Mapping[str, str]:
    """Return the keys of all settings in a policy, each with the policy's own name for the setting.

    The policy is a device configuration or a settings catalogue policy.
    """
    type_name = str(row.get(_TYPE) or "").removeprefix(_PREFIX)
    properties = (name for name, value in row.items() if is_set(value))
    inside = (
        *_find_texts(row.get("settings"), "settingDefinitionId"),
        *_find_texts(row.get("omaSettings"), "omaUri"),
    )
    return {
        **{key: name for name in properties for key in property_keys(type_name, name)},
        **{definition_key(written): written for written in inside},
    }


def values_of(row: Body) -> Mapping[str, Hashable]:
    """Return the values in a policy, by key.

    Values that cannot be compared with other types of policies are left out.
    """
    type_name = str(row.get(_TYPE) or "").removeprefix(_PREFIX)
    custom = [entry for entry in mappings(row.get("omaSettings")) if not entry.get("isEncrypted")]
    settings = [mapping(entry.get("settingInstance")) for entry in mappings(row.get("settings"))]
    return {
        **(
            values_of_properties(type_name, row) if type_name else {}
        ),  # a settings catalogue policy has no properties of a template
        **_keep_unambiguous_values(
            (definition_key(str(entry.get("omaUri"))), _to_comparable(entry.get("value"))) for entry in custom
        ),
        **values_of_instances(settings),
    }


def values_of_properties(type_name: str, properties: Body) -> Mapping[str, Hashable]:
    """Return the values of a device configuration's properties, by key, also by the keys of equivalent properties."""
    values = dict(_find_listed_apps(properties)) if type_name in TWINS else {}
    for name, value in properties.items():
        if not is_set(value):
            continue
        values[f"{type_name}.{name}"] = _to_comparable(value)
        for key, reading in TWINS.get(type_name, {}).get(name, {}).items():
            if reading is None:
                values[key] = _to_comparable(value)
            elif isinstance(value, bool | str) and value in reading:
                values[key] = reading[value]
    return values


def _find_listed_apps(properties: Body) -> Iterator[tuple[str, Hashable]]:
    """Yield the list of hidden apps, or of the only visible apps, under the key of Apple's own restriction."""
    key = _APPS.get(str(properties.get("appsVisibilityListType")))
    if key:
        yield key, frozenset(text(app.get("appId")) for app in mappings(properties.get("appsVisibilityList")))


def values_of_instances(instances: Iterable[Body]) -> Mapping[str, Hashable]:
    """Return the values of settings catalogue instances, by key. Nested instances are included."""
    return _keep_unambiguous_values(pair for instance in instances for pair in _list_keys_and_values(instance))


def _list_keys_and_values(instance: Body) -> Iterator[tuple[str, Hashable]]:
    yield definition_key(text(instance.get("settingDefinitionId"))), _read_instance_value(instance)
    groups = mappings(instance.get("groupSettingCollectionValue"))
    for holder in (mapping(instance.get("choiceSettingValue")), *groups):
        for child in mappings(holder.get("children")):
            yield from _list_keys_and_values(child)


def _read_instance_value(instance: Body) -> Hashable:
    """Return the value of an instance with its nested values.

    Return None if it cannot be compared, for example a secret.
    """
    definition = text(instance.get("settingDefinitionId"))
    match instance:
        case {"choiceSettingValue": Mapping() as chosen}:
            inside = frozenset(
                pair for child in mappings(chosen.get("children")) for pair in _list_keys_and_values(child)
            )
            choice = _read_choice_value(definition, chosen.get("value"))
            return None if any(value is None for _, value in inside) else (choice, inside) if inside else choice
        case {"simpleSettingValue": {"value": value, **others}} if "valueState" not in others:
            return _to_comparable(value)
        case {"simpleSettingCollectionValue": [*values]}:
            return frozenset(_to_comparable(entry.get("value")) for entry in mappings(values))
        case {"choiceSettingCollectionValue": [*values]}:
            return frozenset(_read_choice_value(definition, entry.get("value")) for entry in mappings(values))
        case _:
            return None


def _read_choice_value(definition: str, value: Json) -> Hashable:
    """Return a choice as a number, true, false or a word. The end of the choice's id shows which."""
    end = text(value).removeprefix(f"{definition}_")
    return int(end) if end.isdecimal() else {"true": True, "false": False}.get(end, end)


def _to_comparable(value: Json) -> Hashable:
    """Return a value in a form that can be compared. The order of lists does not matter."""
    match value:
        case Mapping():
            return frozenset((name, _to_comparable(held)) for name, held in value.items() if name != _TYPE)
        case [*entries]:
            return frozenset(map(_to_comparable, entries))
        case _:
            return value


def _keep_unambiguous_values(pairs: Iterable[tuple[str, Hashable]]) -> Mapping[str, Hashable]:
    """Return the value of each key that has exactly one. Keys with several values or an unknown value are left out."""
    values_by_key: dict[str, set[Hashable]] = {}
    for key, value in pairs:
        values_by_key.setdefault(key, set()).add(value)
    return {key: next(iter(values)) for key, values in values_by_key.items() if len(values) == 1 and values != {None}}


def is_number(value: Json) -> TypeGuard[int]:
    """Return whether a value is a whole number. True and false are not numbers."""
    return isinstance(value, int) and not isinstance(value, bool)


def _find_texts(existing: Json, name: str) -> Iterator[str]:
    """Yield every text that a property with this name contains, at any depth."""
    if isinstance(existing, Mapping):
        if isinstance(entry := existing.get(name), str):
            yield entry
        for inner in existing.values():
            yield from _find_texts(inner, name)
    elif isinstance(existing, Sequence) and not isinstance(existing, str):
        for inner in existing:
            yield from _find_texts(inner, name)
