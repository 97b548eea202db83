"""What was done about one lost device, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.records import dataclass
from toolkit.sdk.lost_devices import LostDevice
from toolkit.values import Settings


class ActOutcome(StrEnum):
    """How it is with one act."""

    DONE = "done"
    REQUESTED = "requested"  # the device has not answered yet
    PLANNED = "would be done"
    BY_HAND = "by hand"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class ActLine:
    """One act on one cloud, and how it is with it."""

    provider: str
    name: str
    words: str
    outcome: ActOutcome
    reason: str = ""

    @property
    def exit(self) -> Exit:
        """Return what it makes of the exit code; what is left to a person makes nothing of it."""
        codes = {ActOutcome.FAILED: Exit.FAILED, ActOutcome.UNKNOWN: Exit.UNREAD, ActOutcome.NOT_DONE: Exit.PENDING}
        return codes.get(self.outcome, Exit.AS_WANTED)


@dataclass(frozen=True, slots=True)
class Wipe:
    """What a cloud shows of a wipe since a device was reported lost."""

    outcome: ActOutcome  # not done: not wiped
    at: str = ""  # as the cloud shows it
    reason: str = ""  # why it is unknown
    is_unmanaged: bool = False  # since then the cloud does not manage the device any more

    @property
    def fact(self) -> dict[str, str]:
        """Return what the ledger keeps of it."""
        values = {"wipe": str(self.outcome), "wiped_at": self.at, "wipe_unknown": self.reason}
        return {name: value for name, value in values.items() if value}


def recorded_wipe(fact: Settings) -> Wipe:
    """Return the wipe of a recorded fact; before "wiped_at", "wipe" had all of it as one text."""
    text, at, reason = (str(fact.get(name) or "") for name in ("wipe", "wiped_at", "wipe_unknown"))
    for outcome in ActOutcome:
        if text == outcome:
            return Wipe(outcome, at, reason)
        if text.startswith(f"{outcome} at "):
            return Wipe(outcome, text.removeprefix(f"{outcome} at "))
    if text == "not wiped":
        return Wipe(ActOutcome.NOT_DONE)
    return Wipe(ActOutcome.UNKNOWN, reason=text.removeprefix("unknown: "))


@dataclass(frozen=True, slots=True)
class Loss:
    """One report of a lost device, as the ledger has it."""

    serial: str  # in capitals
    id: str  # the run that reported it
    on: datetime
    theft: str = ""  # the reference of the police
    theft_closed: str = ""  # the date on which they said that it may be wiped
    ended: str = ""  # the date on which it was found


@dataclass(frozen=True, slots=True)
class Holder:
    """An account that a device is assigned to."""

    known_as: frozenset[str]  # every address that a cloud or the register has of it
    accounts: Mapping[str, str]  # its address by cloud, where it is there or that could not be read
    protected: bool


@dataclass(slots=True)
class LossReport:
    """What is known of a lost device, and what was done; names no one."""

    serial: str
    devices: Mapping[str, LostDevice]  # by cloud
    read: datetime
    tag: str = ""  # of the register
    loss: Loss | None = None
    acts: list[ActLine] = field(default_factory=list)
    evidence: dict[str, Mapping[str, str]] = field(default_factory=dict)  # by cloud, as read when it was reported
    wipes: dict[str, Wipe] = field(default_factory=dict)  # by cloud
    unread: dict[str, str] = field(default_factory=dict)
    holders: int = 0
    spared: int = 0  # holders who are protected accounts
    missing: int = 0  # holders of whom no cloud has an account

    @property
    def codes(self) -> Sequence[Exit]:
        """Return what each thing makes of the exit code."""
        wiped = any(wipe.outcome is ActOutcome.DONE for wipe in self.wipes.values())
        nowhere = [] if self.devices or self.unread or wiped else [Exit.PENDING]
        return [*(act.exit for act in self.acts), *(Exit.UNREAD for _ in self.unread), *nowhere]
