"""Whose uses of a device a check is about."""

from collections.abc import Sequence

from connectors.google_workspace.devices import Device
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import NotFound
from toolkit.sdk.check import CheckOccasion
from toolkit.values import Body


def reached(device: Device, context: CheckOccasion, via: GoogleWorkspace) -> Sequence[Body]:
    """Give the uses of a device by people whom the control is for."""
    return [use for use in device.uses if context.reaches(_person(str(use.get("userEmail")), via))]


def _person(address: str, via: GoogleWorkspace) -> str:
    """Return a person's id; an account that is gone has none, and is returned as it is."""
    try:
        return via.accounts.one(address).id
    except NotFound:
        return address
