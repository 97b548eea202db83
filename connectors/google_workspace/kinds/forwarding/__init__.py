"""Forwarding: what somebody lets leave the school by itself; what stays inside it is left alone."""

from connectors.google_workspace.kinds.forwarding.endpoint import Forwardings
from connectors.google_workspace.kinds.forwarding.settings import PersonForwarding
from toolkit.tenant.kind import Kind, Permissions

_SCOPE = "https://www.googleapis.com/auth/"
_READS = (
    f"{_SCOPE}admin.directory.user.readonly",
    f"{_SCOPE}admin.directory.domain.readonly",
    f"{_SCOPE}gmail.settings.basic",
)

KIND = Kind(
    name="forwarding",
    title="person's forwarding",
    spec=PersonForwarding,
    endpoint=Forwardings(),
    reference="https://developers.google.com/workspace/gmail/api/guides/forwarding_settings",
    permissions=Permissions(read=_READS, write=(*_READS, f"{_SCOPE}gmail.settings.sharing")),
    whole=False,
    fixed=True,
    per_person=True,
    restores=lambda *_: {},  # what forwarded is gone, and nothing says what else it did
    sample="""\
- google_workspace.forwarding: amara.ashdown@example-primary.example
  auto_forwards_outside: false
""",
)
