"""Device restrictions for iPads and iPhones: which apps are shown, the App Store, passcodes, the school's data."""

from collections.abc import Iterator, Sequence

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES, Via
from connectors.microsoft365.intune.assignments import doubts, reaches
from connectors.microsoft365.intune.configuration import (
    COLLECTION,
    PERMISSIONS,
    Configurations,
    conflicts_of,
)
from connectors.microsoft365.intune.ownership_marker import check_name, is_ours
from connectors.microsoft365.kinds.ios_configuration.apps import with_others
from connectors.microsoft365.kinds.ios_configuration.settings import IosConfiguration
from toolkit.sdk.kind import Doubt, Kind, NameRules
from toolkit.sdk.resource import Desired
from toolkit.values import AtLeast, Body, Settings, entries

_LIST, _WHICH = "apps_visibility_list", "apps_visibility_list_type"


def swapped(rows: Sequence[Body], desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Doubt what would hide the apps that others let be shown, or show those that they had hidden."""
    for one in desired:
        names = {name.casefold() for name in (one.address.name, one.renamed_from, one.handling.adopt) if name}
        for row in rows:
            if str(row.get("displayName")).casefold() in names and (foreign := _turned(one, row)):
                yield Doubt(one.address.name, _WHICH, _reason(str(row.get("displayName")), foreign))


def _reason(name: str, foreign: Sequence[str]) -> str:
    return (
        f"{name} says the opposite of its list now, and others listed {len(foreign)} apps there for that "
        f"({foreign[0]} is one): take them out there, or write the list as `exactly: [...]`"
    )


def _turned(desired: Desired, row: Body) -> list[str]:
    """List the entries of others whose meaning would be turned round."""
    observed: Settings = IosConfiguration.observed(row)
    wanted, there = desired.settings.get(_WHICH), observed[_WHICH]
    if not wanted or not there or wanted == there:
        return []
    listed = desired.settings.get(_LIST)
    ours = {*listed.items, *listed.lacking} if isinstance(listed, AtLeast) else None
    if ours is None and _LIST in desired.settings:
        return []
    return [entry for entry in entries(observed[_LIST]) if entry not in (ours or set())]


_CONFIGURATIONS = Configurations("iosGeneralDeviceConfiguration", COLLECTION, with_others)


def _doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    yield from doubts(via, desired)
    yield from swapped(_CONFIGURATIONS.rows(via), desired)


KIND = Kind(
    name="ios_configuration",
    title="iPad and iPhone configuration",
    plural="configurations",
    spec=IosConfiguration,
    endpoint=_CONFIGURATIONS,
    reference="https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-iosgeneraldeviceconfiguration",
    permissions=PERMISSIONS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.ios_configuration: Staff iPads
  apps_visibility_list_type: hide_listed
  apps_visibility_list: [net.whatsapp.WhatsApp]
  enterprise_app_block_trust: true
  assigned_to: [all-staff@example-primary.example]
""",
    reaches=reaches,
    is_ours=is_ours,
    doubts=_doubts,
    conflicts=conflicts_of(IosConfiguration, _CONFIGURATIONS),
    names=NameRules(check=check_name),
)
