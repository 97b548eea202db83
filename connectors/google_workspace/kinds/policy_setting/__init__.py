"""Settings of the admin console, which Google's Policy API shows and takes from nobody."""

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.kinds.policy_setting.endpoint import PolicySettings, names_there, unknown_fields
from connectors.google_workspace.kinds.policy_setting.names import check_name, check_setting
from connectors.google_workspace.kinds.policy_setting.spec import PolicySetting
from connectors.google_workspace.permissions import needs
from toolkit.sdk.kind import Kind, Lifecycle, NameRules
from toolkit.sdk.permission import Permissions

KIND = Kind(
    name="policy_setting",
    title="setting of the admin console",
    plural="settings",
    spec=PolicySetting,
    endpoint=PolicySettings(),
    reference="https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings",
    permissions=Permissions(needs("cloudidentity.policies.list", "directory.orgunits.list")),
    whole=False,
    read_only=True,
    logged=ADMIN,
    sample="""\
- google_workspace.policy_setting: security.password @ /Staff
  minimum_length: 12
  allowed_strength: STRONG
""",
    names=NameRules(check=check_name, check_setting=check_setting, not_looked_for="policies for groups"),
    lifecycle=Lifecycle(promotion=unknown_fields),
    names_there=names_there,
)
