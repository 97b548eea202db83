"""Apps of managed Google Play and of Microsoft's store that are taken off devices: for whom, and who is spared."""

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assignments import assigned_targets
from connectors.microsoft365.kinds.managed_app_removal.endpoint import ManagedApps, names_there
from connectors.microsoft365.kinds.managed_app_removal.expertise import check_name, doubts, withdrawn
from connectors.microsoft365.kinds.managed_app_removal.removal import ManagedAppRemoval
from connectors.microsoft365.permissions import graph
from toolkit.sdk.kind import Kind, Lifecycle, NameRules
from toolkit.sdk.permission import Permissions

KIND = Kind(
    name="managed_app_removal",
    title="removal of an app",
    plural="apps",
    spec=ManagedAppRemoval,
    endpoint=ManagedApps(),
    reference="https://learn.microsoft.com/graph/api/intune-apps-mobileapp-assign",
    permissions=Permissions(
        read=(graph("DeviceManagementApps.Read.All"), graph("GroupMember.Read.All")),
        write=(graph("DeviceManagementApps.ReadWrite.All"), graph("GroupMember.Read.All")),
    ),
    settles=SETTLES,
    whole=False,
    fixed=True,
    logged=INTUNE,
    sample="""\
- microsoft365.managed_app_removal: com.whatsapp
  uninstall_for: [all devices]
  excluded: [Trip leaders]
""",
    reaches=lambda _name, settings: assigned_targets(settings, "uninstall_for"),
    doubts=doubts,
    names=NameRules(check=check_name),
    names_there=names_there,
    lifecycle=Lifecycle(only_where_there=True, withdrawn=withdrawn),
)
