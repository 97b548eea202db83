"""Writes the form on which two people agree to wipe a device, or remove the school's data, in the cloud's console."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date

from toolkit.errors import EvidenceNeeded, ServiceError, UsageError
from toolkit.lost.model import Loss, LossReport
from toolkit.lost.session import FORM, LOST, LostDeviceSession, look_up
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.lost_devices import LostDevice
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.resource import Address

_NOT_NOW = (
    "data on this device is or may be needed as evidence. No form was written. Ask the Data Protection "
    "Officer; `toolkit doctor` shows whether holds can be read"
)
"""The message is the same for every reason, so that it does not reveal who is on hold."""

_CONSOLES = {
    ("microsoft365", False): "intune.microsoft.com, Devices > All devices > the device > Wipe. Tick neither box that "
    "keeps data",
    ("microsoft365", True): "intune.microsoft.com, Devices > All devices > the device > Retire",
    (
        "google_workspace",
        False,
    ): "admin.google.com, Devices > Chrome > Devices (a phone or tablet: Mobile and endpoints "
    "> Devices) > the device > Reset, or Wipe device",
    (
        "google_workspace",
        True,
    ): "admin.google.com, Devices > Mobile and endpoints > Devices > the device > Wipe account",
}


def write_form(session: LostDeviceSession, written: str, theft_closed: date | None) -> str:
    """Return the wipe form.

    Raise EvidenceNeeded if the device must be kept as evidence, and UsageError if it is not lost.
    """
    report, holders = look_up(session, written)
    loss = report.loss
    if loss is None:
        raise UsageError(f"{report.serial} is not recorded as lost: run `toolkit device lost {report.serial}` first")
    if not report.devices:
        raise UsageError(f"no cloud that could be read manages {report.serial}: no console can wipe it")
    if theft_closed:
        _check_closed(session, loss, theft_closed)
        loss = replace(loss, theft_closed=theft_closed.isoformat())
        session.record(loss)
    if loss.theft and not loss.theft_closed:
        raise EvidenceNeeded(
            f"a theft is being investigated (reference {loss.theft}): no form was written. Once the police agree, run "
            "this again with --theft-closed and the date on which they did"
        )
    accounts = {address for holder in holders for address in holder.known_as}
    accounts |= {other.holder.casefold() for device in report.devices.values() for other in device.older}
    if report.unread or any(_may_be_held(via, accounts) for via in session.connections.values()):
        raise EvidenceNeeded(_NOT_NOW)
    personal = {provider: device.personal is not False for provider, device in report.devices.items()}
    for provider, is_personal in personal.items():
        fact = {"loss": loss.id, "act": "removal of data" if is_personal else "wipe"}
        form = Address(provider, LOST, f"{report.serial} {FORM}")
        if session.last_fact(form) != fact:
            session.note(form, fact)
    return "\n".join(_form_lines(session, replace(report, loss=loss), personal)) + "\n"


def _check_closed(session: LostDeviceSession, loss: Loss, closed: date) -> None:
    """Raise UsageError if the police cannot have agreed to a wipe on this date."""
    if not loss.theft:
        raise UsageError(f"no theft of {loss.serial} is on record: remove --theft-closed")
    if closed > session.date_of(session.now):
        raise UsageError(f"--theft-closed {closed} is in the future")
    if closed < session.date_of(loss.on):
        raise UsageError(f"--theft-closed {closed} is before {session.date_of(loss.on)}, when it was reported lost")


def _may_be_held(via: Connection, accounts: Collection[str]) -> bool:
    """Return whether data of these accounts is on hold, or could be on hold because the holds could not be read."""
    held = attempt("holds", via.holding.read_accounts_on_hold)
    if isinstance(held, ServiceError):
        return True
    directory = attempt("directory", lambda: via.directory(people=True, groups=()))
    if isinstance(directory, ServiceError):
        return True
    ids = {person.id.casefold() for person in directory.people.values() if person.address.casefold() in accounts}
    held_accounts = held.accounts | held.unclear | held.addresses
    return held.everybody is not False or bool(directory.unknown) or bool({*ids, *accounts} & held_accounts)


def _form_lines(session: LostDeviceSession, report: LossReport, personal: dict[str, bool]) -> Iterator[str]:
    loss = report.loss
    yield f"Form: wipe of a lost device, {session.school.name}, {session.date_of(session.now)}"
    yield ""
    yield f"Serial: {report.serial}    Asset tag: {report.tag or 'not in the register'}"
    yield f"Reported lost: {session.date_of(loss.on) if loss else ''}"
    if loss and loss.theft:
        yield f"Theft: reference {loss.theft}; the police agreed on {loss.theft_closed}"
    for provider, device in report.devices.items():
        yield ""
        yield from _cloud_lines(provider, device, personal=personal[provider])
    yield ""
    yield "Both people tick each line before anything is sent:"
    yield "[ ] The serial above belongs to the lost device, and to no other."
    yield "[ ] The device was not found, and is not expected back."
    yield "[ ] No one who used the device is on legal hold, as read on the date above." + (
        "" if report.holders else " It has no assigned holder: ask who used it."
    )
    yield "[ ] No theft is being investigated."
    yield ""
    posts = ", ".join(session.settings.may_wipe)
    yield f"Two different people, from these posts: {posts}"
    for number in (1, 2):
        yield f"{number}. Post: ______________________  Signature: ______________________  Date: ____________"
    yield ""
    yield f"Afterwards run `toolkit device check {report.serial}` to read the result, if the cloud shows it."


def _cloud_lines(provider: str, device: LostDevice, *, personal: bool) -> Iterator[str]:
    what = "Remove only the school's data, because the device may not be the school's own." if personal else "Wipe."
    contact = device.seen.strftime("%Y-%m-%d %H:%M") if device.seen else "not shown"
    yield f"{cloud_title(provider)}: {device.model}, {device.platform}, {device.encryption}"
    yield f"  Last contact: {contact}"
    yield f"  {what}"
    yield f"  Console: {_CONSOLES[provider, personal]}"
