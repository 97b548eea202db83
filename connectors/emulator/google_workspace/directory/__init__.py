"""The Admin SDK's Directory API."""

from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.directory import (
    chromeos_devices,
    domains,
    members,
    orgunits,
    roles,
    users,
)
from connectors.emulator.google_workspace.directory.seed import seed

__all__ = ["SERVICE", "seed"]

SERVICE = google_api(
    "google directory",
    {
        **chromeos_devices.HANDLERS,
        **domains.HANDLERS,
        **members.HANDLERS,
        **orgunits.HANDLERS,
        **roles.HANDLERS,
        **users.HANDLERS,
    },
)
