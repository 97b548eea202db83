"""Which settings are one and the same, whatever family of policies sets them: each by a key."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from toolkit.sdk.shapes import mapping, mappings
from toolkit.values import Body, Json

_TYPE, _PREFIX = "@odata.type", "#microsoft.graph."
# How Intune shows an enumeration that nobody set.
_UNSET = frozenset({"", "notConfigured", "deviceDefault", "none", "userDefined", "default"})
_WHOSE = re.compile(r"^(\./)?((device|user)[/_])?(?=vendor[/_])")
_ADMX = re.compile(r"(?<=policy_config_)[^~]*(?=~policy~)")

# What a device is told for a property of a template: by Windows' policies in whichever way, by Apple's restrictions.
# https://learn.microsoft.com/mem/intune/configuration/device-restrictions-windows-10
_WINDOWS: Mapping[str, tuple[str, ...]] = {
    "storageBlockRemovableStorage": ("system_allowstoragecard", "storage_removablediskdenywriteaccess"),
    "appsAllowTrustedAppsSideloading": ("applicationmanagement_allowalltrustedapps",),
    "appsBlockWindowsStoreOriginatedApps": ("applicationmanagement_disablestoreoriginatedapps",),
    "windowsStoreEnablePrivateStoreOnly": ("applicationmanagement_requireprivatestoreonly",),
    "developerUnlockSetting": ("applicationmanagement_allowdeveloperunlock",),
    "smartScreenEnableAppInstallControl": ("smartscreen_enableappinstallcontrol",),
    "smartScreenBlockPromptOverrideForFiles": ("smartscreen_preventoverrideforfilesinshell",),
    "microsoftAccountBlocked": ("accounts_allowmicrosoftaccountconnection",),
    "accountsBlockAddingNonMicrosoftAccountEmail": ("accounts_allowaddingnonmicrosoftaccountsmanually",),
    "gameDvrBlocked": ("applicationmanagement_allowgamedvr",),
    "internetSharingBlocked": ("wifi_allowinternetsharing",),
    "settingsBlockAddProvisioningPackage": ("security_allowaddprovisioningpackage",),
    "deviceManagementBlockManualUnenroll": ("experience_allowmanualmdmunenrollment",),
    "passwordRequired": ("devicelock_devicepasswordenabled",),
    "passwordRequiredType": ("devicelock_alphanumericdevicepasswordrequired",),
    "passwordBlockSimple": ("devicelock_allowsimpledevicepassword",),
    "passwordMinimumLength": ("devicelock_mindevicepasswordlength",),
    "passwordMinimumCharacterSetCount": ("devicelock_mindevicepasswordcomplexcharacters",),
    "passwordMinutesOfInactivityBeforeScreenTimeout": ("devicelock_maxinactivitytimedevicelock",),
    "passwordExpirationDays": ("devicelock_devicepasswordexpiration",),
    "passwordPreviousPasswordBlockCount": ("devicelock_devicepasswordhistory",),
}
_APPLE: Mapping[str, tuple[str, ...]] = {
    "appsVisibilityListType": (
        "com.apple.applicationaccess_blockedappbundleids",
        "com.apple.applicationaccess_allowedappbundleids",
    ),
    "appsVisibilityList": (
        "com.apple.applicationaccess_blockedappbundleids",
        "com.apple.applicationaccess_allowedappbundleids",
    ),
    "enterpriseAppBlockTrust": ("com.apple.applicationaccess_allowenterpriseapptrust",),
    "appStoreBlocked": ("com.apple.applicationaccess_allowappinstallation",),
    "appStoreBlockUIAppInstallation": ("com.apple.applicationaccess_allowuiappinstallation",),
    "appStoreBlockInAppPurchases": ("com.apple.applicationaccess_allowinapppurchases",),
    "appStoreBlockAutomaticDownloads": ("com.apple.applicationaccess_allowautomaticappdownloads",),
}
_TWINS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "windows10GeneralConfiguration": {
        name: tuple(f"vendor_msft_policy_config_{one}" for one in twins) for name, twins in _WINDOWS.items()
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
"""How keys begin, whether Intune adds up what several policies set of them, and the vendor's page that says so."""


def is_merged(key: str) -> bool:
    """Return whether Intune adds up what several policies set of a key; one of which no page speaks is not merged."""
    begins = max((one for one in MERGING if key.startswith(one)), key=len, default="")
    return bool(begins) and MERGING[begins][0]


def of_property(type_name: str, name: str) -> frozenset[str]:
    """Give the keys of a property of a template."""
    return frozenset({f"{type_name}.{name}", *_TWINS.get(type_name, {}).get(name, ())})


def of_definition(written: str) -> str:
    """Give the key of a definition of the settings catalogue, or of a custom OMA-URI.

    Both name the same place, for the device or for its user; how an ingested template is called in between, as in
    `Chrome~Policy~googlechrome`, is up to who ingested it.
    """
    return _ADMX.sub("", _WHOSE.sub("", written.lower()).replace("/", "_"))


def is_set(value: Json) -> bool:
    """Say whether a property tells a device anything, or is as Intune shows it where nobody set it."""
    match value:
        case str():
            return value not in _UNSET
        case Sequence() | Mapping():
            return bool(value)
        case _:
            return value is not None and value is not False


def keys_of(row: Body) -> Mapping[str, str]:
    """Give the keys of everything that a policy sets, each with what the policy itself calls it.

    The policy is a configuration, or one of the catalogue.
    """
    type_name = str(row.get(_TYPE) or "").removeprefix(_PREFIX)
    properties = (name for name, value in row.items() if is_set(value))
    inside = (*_named(row.get("settings"), "settingDefinitionId"), *_named(row.get("omaSettings"), "omaUri"))
    return {
        **{key: name for name in properties for key in of_property(type_name, name)},
        **{of_definition(written): written for written in inside},
    }


def numbers_of(row: Body) -> Mapping[str, int]:
    """Give the numbers that a policy sets, by their keys."""
    type_name = str(row.get(_TYPE) or "").removeprefix(_PREFIX)
    found = {key: value for name, value in row.items() if is_number(value) for key in of_property(type_name, name)}
    for one in mappings(row.get("omaSettings")):
        if is_number(value := one.get("value")):
            found[of_definition(str(one.get("omaUri")))] = value
    for one in mappings(row.get("settings")):
        instance = mapping(one.get("settingInstance"))
        if is_number(value := mapping(instance.get("simpleSettingValue")).get("value")):
            found[of_definition(str(instance.get("settingDefinitionId")))] = value
    return found


def is_number(value: Json) -> TypeGuard[int]:
    """Return whether a value is a whole number, and no truth."""
    return isinstance(value, int) and not isinstance(value, bool)


def _named(held: Json, name: str) -> Iterator[str]:
    """Give every text of that name inside, however deep."""
    if isinstance(held, Mapping):
        if isinstance(found := held.get(name), str):
            yield found
        for inner in held.values():
            yield from _named(inner, name)
    elif isinstance(held, Sequence) and not isinstance(held, str):
        for inner in held:
            yield from _named(inner, name)
