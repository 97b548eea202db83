"""Policies of Chrome and of ChromeOS devices, at an organisational unit or for a group."""

from connectors.google_workspace.kinds.chrome_policy.doubts import doubts
from connectors.google_workspace.kinds.chrome_policy.endpoint import ChromePoliciesByName
from connectors.google_workspace.kinds.chrome_policy.names import check_name, check_setting
from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy, put_back, taken_back
from toolkit.tenant.kind import Kind, Permissions

_SCOPE = "https://www.googleapis.com/auth/"
_ROLE = "an administrator who may manage Chrome settings"

KIND = Kind(
    name="chrome_policy",
    title="Chrome policy",
    spec=ChromePolicy,
    endpoint=ChromePoliciesByName(),
    reference="https://developers.google.com/chrome/policy/guides/policy-schemas",
    permissions=Permissions(
        read=(
            f"{_SCOPE}chrome.management.policy.readonly",
            f"{_SCOPE}admin.directory.orgunit.readonly",
            f"{_SCOPE}admin.directory.group.readonly",
            _ROLE,
        ),
        write=(f"{_SCOPE}chrome.management.policy", _ROLE),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    sample="""\
- google_workspace.chrome_policy: users.UrlBlocking @ /Staff
  url_blocklist: [web.whatsapp.com, web.telegram.org]
""",
    check_name=check_name,
    check_setting=check_setting,
    withdrawn=taken_back,
    restores=put_back,
    doubts=doubts,
)
