"""Forwarding: what somebody lets leave the school by itself; what stays inside it is left alone."""

from connectors.google_workspace.kinds.forwarding.endpoint import Forwardings
from connectors.google_workspace.kinds.forwarding.settings import PersonForwarding
from connectors.google_workspace.permissions import needs
from toolkit.sdk.kind import Kind, Lifecycle
from toolkit.sdk.permission import Permissions

KIND = Kind(
    name="forwarding",
    title="person's forwarding",
    spec=PersonForwarding,
    endpoint=Forwardings(),
    reference="https://developers.google.com/workspace/gmail/api/guides/forwarding_settings",
    permissions=Permissions(
        needs("directory.users.list", "directory.domains.list", "gmail.users.settings.getAutoForwarding"),
        needs("gmail.users.settings.updateAutoForwarding"),
    ),
    whole=False,
    fixed=True,
    per_person=True,
    sample="""\
- google_workspace.forwarding: amara.ashdown@example-primary.example
  auto_forwards_outside: false
""",
    lifecycle=Lifecycle(restores=lambda *_: {}),  # what forwarded is gone, and nothing shows what else it did
)
