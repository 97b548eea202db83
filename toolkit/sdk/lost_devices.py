"""The interface for lost devices on a provider: locking devices, ending sessions, and reading the results.

No device is ever wiped.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from toolkit.records import dataclass

_NEVER = datetime.min.replace(tzinfo=UTC)


class ActName(StrEnum):
    """The actions on a lost device. People start a wipe in the console, and toolkit only reads its state."""

    LOCK = "lock"
    SIGN_OUT = "sign out"
    PASSWORD = "new password"  # noqa: S105 - the name of an act
    UNLOCK = "unlock"


class ActState(StrEnum):
    """The state of an action in a service."""

    DONE = "done"
    WAITING = "waiting"  # the service accepted it, but the device has not responded yet
    FAILED = "failed"
    NOT_DONE = "not done"
    NOT_SHOWN = "not shown"  # the service does not show whether it was done


@dataclass(frozen=True, slots=True)
class ActSeen:
    """The state of the last action on a device, as the service reports it. `mark` is different for each action."""

    state: ActState
    mark: str = ""


@dataclass(frozen=True, slots=True)
class LostDevice:
    """A device, as a cloud reports it at present."""

    id: str
    serial: str
    model: str
    platform: str
    encryption: str  # a description, from the service
    seen: datetime | None  # its last contact
    personal: bool | None  # None if the cloud does not show the owner
    holder: str = ""  # the account to which it is assigned
    supervised: bool = False
    older: tuple["LostDevice", ...] = ()  # its records from before it was enrolled again


@dataclass(frozen=True, slots=True)
class LostAct:
    """An action on a device, with the functions that send it and read its result, or the reason why only a person can
    do it.
    """

    name: str  # an ActName, or the other record of the device
    words: str
    cannot: str = ""
    do: Callable[[], None] = lambda: None
    read: Callable[[], ActSeen] = lambda: ActSeen(ActState.NOT_SHOWN)
    lasts: bool = False  # whether the result is the device's present state, whoever changed it
    has_mark: bool = True  # whether the service shows a new mark for each action
    account: str = ""  # the account whose sessions or password it changes


def most_recent_record(devices: Iterable[LostDevice]) -> LostDevice | None:
    """Return the record of the most recent contact, or None if there are no records.

    Its `older` contains the remaining records.
    """
    records = sorted(devices, key=lambda device: device.seen or _NEVER)
    return replace(records[-1], older=tuple(records[:-1])) if records else None


class LostDevices(Protocol):
    """Locks and unlocks the devices of a tenant. Every method raises the errors of toolkit.errors."""

    def find(self, serial: str) -> LostDevice | None:
        """Return the device with a serial number, or None.

        If a device has several records, the latest record is returned, with the other records in `older`.
        """

    def lock(self, device: LostDevice, message: str, phone: str) -> LostAct:
        """Return the action that locks a device. Nothing is sent yet."""

    def close(self, account: str) -> Sequence[LostAct]:
        """Return the actions that end access to an account, or no actions if the cloud does not have the account.

        Nothing is sent yet.
        """

    def unlock(self, device: LostDevice) -> LostAct:
        """Return the action that unlocks a device after its return. Nothing is sent yet."""

    def read_wipe(self, device: LostDevice) -> ActSeen:
        """Return the state of a wipe, or of a removal of the school's data from the device."""
