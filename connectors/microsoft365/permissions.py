"""Permissions, with their names in Microsoft's consoles. Each client, kind and check declares the permissions it needs.

Follows https://learn.microsoft.com/graph/permissions-reference,
https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2,
https://learn.microsoft.com/exchange/permissions-exo/permissions-exo,
https://learn.microsoft.com/defender-office-365/scc-permissions and
https://learn.microsoft.com/exchange/permissions-exo/application-rbac
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.sdk import Permission, Permissions, RoleEntry, Sort

GRAPH, EXCHANGE, DEFENDER = "Microsoft Graph", "Office 365 Exchange Online", "WindowsDefenderATP"
COMPLIANCE = "Security & Compliance"
_READS = re.compile(r"\.Read(?=\.|$)")
_DIRECTORY = ("Directory.Read.All", "Directory.ReadWrite.All")
# Wider permissions that are also enough, from Graph's pages. An app with one has too much, but lacks nothing.
_WIDER: Mapping[str, Sequence[str]] = {
    "Application.Read.All": _DIRECTORY[:1],
    "Calendars.ReadBasic": ("Calendars.Read", "Calendars.ReadWrite"),
    "Domain.Read.All": _DIRECTORY[:1],
    "GroupMember.Read.All": ("Group.Read.All", "Group.ReadWrite.All", *_DIRECTORY),
    "Organization.Read.All": _DIRECTORY,
    "RoleManagement.Read.Directory": _DIRECTORY,
    "User.Read.All": _DIRECTORY,
}
_READS_ALL = "Global Reader"
_ADMINISTERS = {EXCHANGE: "Exchange Administrator", COMPLIANCE: "Compliance Administrator"}

AUDIT_LOGS = "View-Only Audit Logs"
"""The Exchange role that reads the audit log. The role groups for readers do not include it."""

AS_APP = Permission("Exchange.ManageAsApp", Sort.APPLICATION, EXCHANGE)

INDICATORS = Permission("Ti.ReadWrite.All", Sort.APPLICATION, DEFENDER, writes=True)  # no permission only reads


def graph(name: str, *within: str, narrowed: str = "") -> Permission:
    """Return an application permission of Microsoft Graph. The permission that may also write is enough too."""
    read_write = _READS.sub(".ReadWrite", name)
    wider = (*((read_write,) if read_write != name else ()), *_WIDER.get(name, ()), *within)
    return Permission(name, Sort.APPLICATION, GRAPH, within=wider, narrow_role=narrowed)


def ediscovery(name: str) -> Permission:
    """Return a permission for eDiscovery cases. The app must also be an eDiscovery manager, who can make changes.

    Follows https://learn.microsoft.com/graph/security-ediscovery-appauthsetup
    """
    return replace(graph(name), writes=True, membership="eDiscoveryManager")


def security_reader(*roles: str) -> tuple[Permission, ...]:
    """Return the permissions for Exchange cmdlets that a Security Reader may run.

    `roles` are the Exchange roles of a custom role group, which is enough instead. In Security & Compliance, a Security
    Reader sees alerts and labels but no retention policies.
    """
    within = (_READS_ALL, _ADMINISTERS[EXCHANGE])
    return AS_APP, Permission(
        "Security Reader", Sort.ROLE, EXCHANGE, within=within, instead=_role_entries(EXCHANGE, roles)
    )


def global_reader(*roles: str, service: str = EXCHANGE) -> tuple[Permission, ...]:
    """Return the permissions for cmdlets that a Global Reader may run but a Security Reader may not."""
    within = (_ADMINISTERS[service],)
    return AS_APP, Permission(_READS_ALL, Sort.ROLE, service, within=within, instead=_role_entries(service, roles))


def role_group(role: str) -> tuple[Permission, ...]:
    """Return the permissions for Exchange cmdlets that need a role group or an administrator's role."""
    within, instead = (_ADMINISTERS[EXCHANGE],), _role_entries(EXCHANGE, (role,))
    return AS_APP, Permission(role, Sort.ROLE, EXCHANGE, within=within, instead=instead)


def administrator(service: str, *roles: str) -> tuple[Permission, ...]:
    """Return the permissions for cmdlets that change something."""
    return AS_APP, Permission(_ADMINISTERS[service], Sort.ROLE, service, instead=_role_entries(service, roles))


def _role_entries(service: str, roles: Sequence[str]) -> tuple[RoleEntry, ...]:
    return tuple(RoleEntry(service, role) for role in roles)


# Intune policies are read together with the names of the groups that they are assigned to.
INTUNE_POLICIES = Permissions(
    read=(graph("DeviceManagementConfiguration.Read.All"), graph("GroupMember.Read.All")),
    write=(graph("DeviceManagementConfiguration.ReadWrite.All"), graph("GroupMember.Read.All")),
)
MANAGED_DEVICES = graph("DeviceManagementManagedDevices.Read.All")
# A person's setting that is written to the computer does not work in the same way on a shared computer.
INTUNE_COMPUTERS = Permissions(
    read=(*INTUNE_POLICIES.read, MANAGED_DEVICES), write=(*INTUNE_POLICIES.write, MANAGED_DEVICES)
)
