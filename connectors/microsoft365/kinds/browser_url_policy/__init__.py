"""Policies of the settings catalogue that say which addresses Edge and Chrome open on Windows."""

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assignments import reaches
from connectors.microsoft365.intune.configuration import PERMISSIONS
from connectors.microsoft365.intune.ownership_marker import check_name, is_ours
from connectors.microsoft365.kinds.browser_url_policy.endpoint import (
    BrowserUrlPolicies,
    conflicts_of,
    doubts,
    other_policies,
)
from connectors.microsoft365.kinds.browser_url_policy.settings import BrowserUrlPolicy
from toolkit.sdk.kind import Kind, NameRules, OtherObjects

KIND = Kind(
    name="browser_url_policy",
    title="browser URL policy",
    plural="policies",
    spec=BrowserUrlPolicy,
    endpoint=BrowserUrlPolicies(),
    reference="https://learn.microsoft.com/graph/api/resources/intune-deviceconfigv2-devicemanagementconfigurationpolicy"
    "?view=graph-rest-beta",
    permissions=PERMISSIONS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.browser_url_policy: Chat in browsers
  edge_url_blocklist: [web.whatsapp.com]
  chrome_url_blocklist: [web.whatsapp.com]
  assigned_to: [all-staff@example-primary.example]
""",
    reaches=reaches,
    is_ours=is_ours,
    doubts=doubts,
    conflicts=conflicts_of,
    names=NameRules(check=check_name),
    others=OtherObjects("settings-catalogue policies", other_policies),
)
