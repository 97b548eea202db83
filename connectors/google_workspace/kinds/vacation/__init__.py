"""Gmail's vacation responder: what a mailbox answers by itself while its owner is away."""

from connectors.google_workspace.kinds.vacation.doubts import doubts
from connectors.google_workspace.kinds.vacation.endpoint import Vacations
from connectors.google_workspace.kinds.vacation.settings import Vacation
from connectors.google_workspace.permissions import needs
from toolkit.sdk.kind import Kind, Lifecycle
from toolkit.sdk.lending import reply_put_back
from toolkit.sdk.permission import Permissions

KIND = Kind(
    name="vacation",
    title="automatic reply",
    spec=Vacation,
    endpoint=Vacations(),
    reference="https://developers.google.com/workspace/gmail/api/reference/rest/v1/VacationSettings",
    permissions=Permissions(
        needs("directory.users.list", "gmail.users.settings.getVacation"), needs("gmail.users.settings.updateVacation")
    ),
    whole=False,
    fixed=True,
    per_person=True,
    lent=True,
    doubts=doubts,
    sample="""\
- google_workspace.vacation: amara.ashdown@example-primary.example
  status: scheduled
  begins: "2026-12-18T16:00:00Z"
  ends: "2027-01-04T08:00:00Z"
  text: The school is closed until Monday 4 January. If you are worried about a child, call 01632 960000.
""",
    lifecycle=Lifecycle(withdrawn=lambda _: {"status": "off"}, restores=reply_put_back),
)
