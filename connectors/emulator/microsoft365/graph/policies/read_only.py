"""Policies that are shown and never written here: Conditional Access, security defaults, SharePoint's sharing."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.policies.objects import read_actions, scopes_missing, singleton_action

CONDITIONAL_ACCESS = "entra.conditionalAccessPolicies"
SECURITY_DEFAULTS = "entra.securityDefaults"
SHAREPOINT = "sharepoint.settings"
_ACCESS = frozenset({"Policy.Read.All"})
_SHAREPOINT = frozenset({"SharePointTenantSettings.Read.All", "SharePointTenantSettings.ReadWrite.All"})


def actions() -> Sequence[Action]:
    """List what can be read."""
    return (
        *read_actions(
            "/identity/conditionalAccess/policies",
            CONDITIONAL_ACCESS,
            "conditional_access_policy",
            _ACCESS,
            scopes_missing,
        ),
        singleton_action(
            "/policies/identitySecurityDefaultsEnforcementPolicy",
            SECURITY_DEFAULTS,
            "identity_security_defaults_enforcement_policy",
            _ACCESS | {"Policy.ReadWrite.SecurityDefaults"},
            scopes_missing,
        ),
        singleton_action("/admin/sharepoint/settings", SHAREPOINT, "sharepoint_settings", _SHAREPOINT),
    )
