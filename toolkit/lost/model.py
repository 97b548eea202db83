"""Types for a lost device: the report of the loss, the actions, and their results."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.records import dataclass
from toolkit.sdk.lost_devices import LostDevice
from toolkit.values import Settings


class ActOutcome(StrEnum):
    """The outcome of an action on a lost device."""

    DONE = "done"
    REQUESTED = "requested"  # the device has not answered yet
    PLANNED = "would be done"
    BY_HAND = "by hand"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class ActLine:
    """An action on a lost device in one cloud, and its outcome."""

    provider: str
    name: str
    words: str
    outcome: ActOutcome
    reason: str = ""

    @property
    def exit(self) -> Exit:
        """Return the exit code for the action. An action that a person must do by hand does not count as a failure."""
        codes = {ActOutcome.FAILED: Exit.FAILED, ActOutcome.UNKNOWN: Exit.UNREAD, ActOutcome.NOT_DONE: Exit.PENDING}
        return codes.get(self.outcome, Exit.AS_WANTED)


@dataclass(frozen=True, slots=True)
class Wipe:
    """One cloud's record of a wipe since a device was reported lost."""

    outcome: ActOutcome  # NOT_DONE if it was not wiped
    at: str = ""  # as in the cloud
    reason: str = ""  # why it is unknown
    is_unmanaged: bool = False  # since then the cloud does not manage the device any more

    @property
    def fact(self) -> dict[str, str]:
        """Return the wipe in the form that the ledger stores."""
        values = {"wipe": str(self.outcome), "wiped_at": self.at, "wipe_unknown": self.reason}
        return {name: value for name, value in values.items() if value}


def recorded_wipe(fact: Settings) -> Wipe:
    """Return the wipe that a ledger record describes. Older records have a single text under "wipe"."""
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
    """A recorded report that a device is lost."""

    serial: str  # in capitals
    id: str  # the run that reported it
    on: datetime
    theft: str = ""  # the reference of the police
    theft_closed: str = ""  # the date on which they agreed to a wipe
    ended: str = ""  # the date on which it was found


@dataclass(frozen=True, slots=True)
class Holder:
    """An account to which a device is assigned."""

    known_as: frozenset[str]  # all of its addresses in clouds and in the register
    accounts: Mapping[str, str]  # its address by cloud, if the cloud has it or could not be read
    protected: bool


@dataclass(slots=True)
class LossReport:
    """The facts about a lost device, and the actions on it, without people's names."""

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
    missing: int = 0  # holders without an account in any cloud

    @property
    def codes(self) -> Sequence[Exit]:
        """Return the exit codes of the actions, of clouds that could not be read, and of the device itself."""
        wiped = any(wipe.outcome is ActOutcome.DONE for wipe in self.wipes.values())
        nowhere = [] if self.devices or self.unread or wiped else [Exit.PENDING]
        return [*(act.exit for act in self.acts), *(Exit.UNREAD for _ in self.unread), *nowhere]
