"""Which application permissions Intune asks for; one of each set is enough."""

CONFIGURATION_WRITES = frozenset({"DeviceManagementConfiguration.ReadWrite.All"})
CONFIGURATION_READS = CONFIGURATION_WRITES | {"DeviceManagementConfiguration.Read.All"}
APPS_WRITES = frozenset({"DeviceManagementApps.ReadWrite.All"})
APPS_READS = APPS_WRITES | {"DeviceManagementApps.Read.All"}
DEVICES_READS = frozenset({"DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"})
ROLES_READS = frozenset({"DeviceManagementRBAC.Read.All", "DeviceManagementRBAC.ReadWrite.All"})
_SERVICE = frozenset({"DeviceManagementServiceConfig.Read.All", "DeviceManagementServiceConfig.ReadWrite.All"})
ANY_READS = APPS_READS | CONFIGURATION_READS | DEVICES_READS | ROLES_READS | _SERVICE
