"""Lost devices of a provider: locking a device, ending its holder's sessions, and reading the results. Never wipes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from toolkit.records import dataclass

_NEVER = datetime.min.replace(tzinfo=UTC)


class ActName(StrEnum):
    """The possible actions. A wipe is only read, because two people send it in the console."""

    LOCK = "lock"
    SIGN_OUT = "sign out"
    PASSWORD = "new password"  # noqa: S105 - the name of an act
    UNLOCK = "unlock"


class ActState(StrEnum):
    """The state of an action in a service."""

    DONE = "done"
    WAITING = "waiting"  # the service took it, and the device has not answered yet
    FAILED = "failed"
    NOT_DONE = "not done"
    NOT_SHOWN = "not shown"  # the service shows nothing of it, done or not


@dataclass(frozen=True, slots=True)
class ActSeen:
    """The state of the last action in a service, and the service's mark of it. Another mark means another action."""

    state: ActState
    mark: str = ""


@dataclass(frozen=True, slots=True)
class LostDevice:
    """A device as one cloud shows it now."""

    id: str
    serial: str
    model: str
    platform: str
    encryption: str  # in words, as it was read
    seen: datetime | None  # its last contact
    personal: bool | None  # None: the cloud does not show whose it is
    holder: str = ""  # the account that it is assigned to
    supervised: bool = False
    older: tuple["LostDevice", ...] = ()  # its other records, from before it was enrolled again


@dataclass(frozen=True, slots=True)
class LostAct:
    """One action: how it is done and how its result is read, or why a person does it."""

    name: str  # an ActName, or which other record of the device
    words: str
    cannot: str = ""
    do: Callable[[], None] = lambda: None
    read: Callable[[], ActSeen] = lambda: ActSeen(ActState.NOT_SHOWN)
    lasts: bool = False  # the result is the device's present state, no matter who changed it
    has_mark: bool = True  # each time it is done, the service shows another mark
    account: str = ""  # whose sessions or password it is about


def newest_record(devices: Iterable[LostDevice]) -> LostDevice | None:
    """Return the record with the latest contact, with the others in `older`, or None."""
    records = sorted(devices, key=lambda device: device.seen or _NEVER)
    return replace(records[-1], older=tuple(records[:-1])) if records else None


class LostDevices(Protocol):
    """Locks and unlocks devices of one tenant. Every method raises the errors of toolkit.errors."""

    def find(self, serial: str) -> LostDevice | None:
        """Return a device by its serial. Of several records it is the latest, with the others in `older`."""

    def lock(self, device: LostDevice, message: str, phone: str) -> LostAct:
        """Return the action that locks others out of a device."""

    def close(self, account: str) -> Sequence[LostAct]:
        """Return the actions that lock others out of an account, or none if there is no such account here."""

    def unlock(self, device: LostDevice) -> LostAct:
        """Return the action that unlocks a device after its return."""

    def read_wipe(self, device: LostDevice) -> ActSeen:
        """Return the state of a wipe, or of a removal of the school's data."""
