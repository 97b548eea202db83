"""Policies of Chrome and of ChromeOS devices, at an organisational unit or for a group."""

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.kinds.chrome_policy.doubts import doubts
from connectors.google_workspace.kinds.chrome_policy.endpoint import ChromePoliciesByName
from connectors.google_workspace.kinds.chrome_policy.finding import names_there
from connectors.google_workspace.kinds.chrome_policy.names import check_name, check_setting
from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy, put_back, taken_back
from connectors.google_workspace.permissions import needs
from toolkit.sdk.kind import Kind, Lifecycle, NameRules
from toolkit.sdk.permission import Permissions

KIND = Kind(
    name="chrome_policy",
    title="Chrome policy",
    spec=ChromePolicy,
    endpoint=ChromePoliciesByName(),
    reference="https://developers.google.com/chrome/policy/guides/policy-schemas",
    permissions=Permissions(
        read=needs("chromepolicy.customers.policies.resolve", "directory.orgunits.list", "directory.groups.get"),
        write=needs("chromepolicy.customers.policies.orgunits.batchModify"),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    logged=ADMIN,
    sample="""\
- google_workspace.chrome_policy: users.UrlBlocking @ /Staff
  url_blocklist: [web.whatsapp.com, web.telegram.org]
""",
    doubts=doubts,
    names=NameRules(check=check_name, check_setting=check_setting, not_looked_for="policies for groups"),
    names_there=names_there,
    lifecycle=Lifecycle(withdrawn=taken_back, restores=put_back),
)
