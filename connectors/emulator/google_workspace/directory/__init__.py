"""The Admin SDK's Directory API."""

from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
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

SERVICE = GoogleApi(
    name="google directory",
    hosts=("admin.googleapis.com",),
    roots=("/admin/directory",),
    api=("admin", "directory_v1"),
    project_host="admin.googleapis.com",
    handlers={
        **chromeos_devices.HANDLERS,
        **domains.HANDLERS,
        **members.HANDLERS,
        **orgunits.HANDLERS,
        **roles.HANDLERS,
        **users.HANDLERS,
    },
    wording=Wording(reasons=True, statuses=False),
    most_in_batch=1000,
    notes={
        "directory.users.list": "query: email, name, org unit, title, department and the is... flags",
        "directory.users.signOut": "there are no sessions to end",
        "directory.groups.list": "query: email, name, memberKey",
        "directory.domainAliases.list": "there are none",
        "directory.chromeosdevices.list": "query: status, id, user, location, asset_id, note",
        "directory.mobiledevices.list": "query: status, type, model, os, serial, email; "
        "the phones and tablets that cloudidentity.devices has",
    },
)
