"""Gmail's vacation responder: what a mailbox answers by itself while its owner is away."""

from connectors.google_workspace.kinds.vacation.doubts import doubts
from connectors.google_workspace.kinds.vacation.endpoint import Vacations
from connectors.google_workspace.kinds.vacation.settings import Vacation
from toolkit.tenant.kind import Kind, Permissions
from toolkit.tenant.lending import reply_put_back

_SCOPES = (
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/gmail.settings.basic",
)

KIND = Kind(
    name="vacation",
    title="automatic reply",
    spec=Vacation,
    endpoint=Vacations(),
    reference="https://developers.google.com/workspace/gmail/api/reference/rest/v1/VacationSettings",
    permissions=Permissions(read=_SCOPES, write=_SCOPES),
    whole=False,
    fixed=True,
    per_person=True,
    lent=True,
    doubts=doubts,
    withdrawn=lambda _: {"status": "off"},
    restores=reply_put_back,
    sample="""\
- google_workspace.vacation: amara.ashdown@example-primary.example
  status: scheduled
  begins: "2026-12-18T16:00:00Z"
  ends: "2027-01-04T08:00:00Z"
  text: The school is closed. I am back on Monday 4 January.
""",
)
