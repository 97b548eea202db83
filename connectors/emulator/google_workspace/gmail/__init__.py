"""The Gmail API, as far as settings of mailboxes and sending go."""

from types import MappingProxyType

from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.gmail import filters, forwarding, send_as, sending, settings
from connectors.emulator.google_workspace.gmail.seed import seed

__all__ = ["SERVICE", "seed"]

SERVICE = GoogleApi(
    name="gmail",
    hosts=("gmail.googleapis.com",),
    roots=("/gmail/v1",),
    api=("gmail", "v1"),
    project_host="gmail.googleapis.com",
    handlers=MappingProxyType(
        {
            **filters.HANDLERS,
            **forwarding.HANDLERS,
            **send_as.HANDLERS,
            **sending.HANDLERS,
            **settings.HANDLERS,
        }
    ),
    wording=Wording(reasons=True, statuses=True),
    most_in_batch=100,
    worded=MappingProxyType(
        {"forbidden": "Insufficient Permission", "rateLimitExceeded": "Too many requests for user"}
    ),
    notes=MappingProxyType(
        {
            "gmail.users.messages.send": "kept in gmail.sentMessages; no upload",
            "gmail.users.settings.sendAs.verify": "no message is sent",
            "gmail.users.labels.list": "the system's labels alone",
            "gmail.users.getProfile": "an empty mailbox",
        }
    ),
)
