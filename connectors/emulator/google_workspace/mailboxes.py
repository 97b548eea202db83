"""Mailboxes: their collections, access to them, and the settings of a new mailbox."""

from collections.abc import Mapping

from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.store import Body, Json

SEND_AS = "gmail.sendAs"  # by person's id / address
AUTO_FORWARDING = "gmail.autoForwarding"  # by person's id, as the next
VACATION = "gmail.vacation"
FILTERS = "gmail.filters"  # by person's id / filter's id
FORWARDING_ADDRESSES = "gmail.forwardingAddresses"  # by person's id / address


def mailbox_owner(call: MethodCall) -> Body:
    """Return the owner of a mailbox. Raise ApiError if the caller is someone else."""
    caller = call.caller
    if caller is None or caller.get("suspended"):
        raise errors.failed_precondition()
    named = call.text("userId").lower()
    own = ("me", text(caller["primaryEmail"]).lower(), str(caller["id"]), *texts(caller.get("aliases")))
    if named not in own:
        raise errors.forbidden(f"Delegation denied for {caller['primaryEmail']}")
    if not caller.get("isMailboxSetup"):
        raise errors.failed_precondition("Mail service not enabled")
    return caller


def delegated_mailbox_owner(call: MethodCall) -> Body:
    """Return the owner of a mailbox. Raise ApiError unless a delegated service account makes the call."""
    if not call.delegated:
        raise errors.forbidden("Access restricted to service accounts that have been delegated domain-wide authority")
    return mailbox_owner(call)


def primary_send_as(address: Json, name: str, signature: str = "") -> Body:
    """Return the sender address that every mailbox has."""
    return from_template(__file__, "send_as", address=address, name=name, signature=signature)


def forwarding_disabled_settings() -> dict[str, Json]:
    return {"enabled": False}


def with_defaults(defaults: Mapping[str, Json], body: Body) -> dict[str, Json]:
    """Return default settings, updated with the values of a request body. A null value does not change a default."""
    return {**defaults, **{name: value for name, value in body.items() if value is not None}}
