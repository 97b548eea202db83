"""Signatures: the school's notice at the end of somebody's own, in new mail from Gmail on the web."""

from connectors.google_workspace.kinds.signature.endpoint import Signatures
from connectors.google_workspace.kinds.signature.settings import Signature
from connectors.google_workspace.permissions import needs
from toolkit.sdk.kind import Kind, Lifecycle
from toolkit.sdk.permission import Permissions
from toolkit.sdk.targets import one_person

KIND = Kind(
    name="signature",
    title="signature",
    plural="mailboxes",
    spec=Signature,
    endpoint=Signatures(),
    reference="https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs",
    permissions=Permissions(
        needs("directory.users.list", "gmail.users.settings.sendAs.list"), needs("gmail.users.settings.sendAs.patch")
    ),
    whole=False,
    fixed=True,
    per_person=True,
    reaches=one_person,
    sample="""\
- google_workspace.signature: amara.ashdown@example-primary.example
  text: <p>This message is meant for whom it is addressed to. Did it reach you by mistake? Please tell us.</p>
""",
    lifecycle=Lifecycle(withdrawn=lambda _: {"text": None}),
)
