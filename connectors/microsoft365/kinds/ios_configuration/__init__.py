"""Device restrictions for iPads and iPhones: which apps are shown, the App Store, passcodes, the school's data."""

from collections.abc import Iterator, Sequence

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES, Via
from connectors.microsoft365.intune.configuration import COLLECTION, PERMISSIONS, Configurations, doubts_of
from connectors.microsoft365.intune.ownership_marker import check_name, is_ours
from connectors.microsoft365.kinds.ios_configuration.apps import with_others
from connectors.microsoft365.kinds.ios_configuration.settings import IosConfiguration
from connectors.microsoft365.kinds.ios_configuration.swapping import swapped
from toolkit.sdk.kind import Doubt, Kind, NameRules
from toolkit.sdk.resource import Desired

_CONFIGURATIONS = Configurations("iosGeneralDeviceConfiguration", COLLECTION, with_others)
_in_the_way = doubts_of(IosConfiguration, _CONFIGURATIONS)


def _doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    yield from _in_the_way(via, desired)
    yield from swapped(_CONFIGURATIONS.rows(via), desired)


KIND = Kind(
    name="ios_configuration",
    title="iPad and iPhone configuration",
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
    is_ours=is_ours,
    doubts=_doubts,
    names=NameRules(check=check_name),
)
