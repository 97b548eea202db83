"""What a provider's connector is to the engine: where it connects to, and what it answers before any kind is read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

from toolkit.records import dataclass
from toolkit.school.signals import Diaries, Message
from toolkit.sdk.audit_log import Traces
from toolkit.sdk.directory import DeviceUse, Directory, Person, PersonAccount, SpecialAccounts
from toolkit.sdk.legal_holds import Holding
from toolkit.sdk.limits import WEEK, Limits, RunDeadline, read_limits, read_number
from toolkit.sdk.lost_devices import LostDevices
from toolkit.sdk.permission import Credential, Grants, Permission
from toolkit.sdk.shared_reads import SharedReads
from toolkit.sdk.signed_in import SignedIn, SignInEvidence
from toolkit.values import Body


class Identity(StrEnum):
    """With which of two identities a run signs in."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class AttendedSignIn:
    """A person signs in, in place of an app: what shows them the address to open, and their tokens, in memory only."""

    show: Callable[[str], None]
    kept: dict[str, object] = field(default_factory=dict, repr=False)  # by provider, for the time of one command


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a run goes: the real services, or the emulator that said where it listens."""

    name: str  # emulator | live
    variables: Mapping[str, str] = field(repr=False)  # the TOOLKIT_ variables, secrets among them
    emulator: Body | None = None  # the emulator's ready line
    ca_file: Path | None = None
    deadline: RunDeadline | None = None  # None: one of TOOLKIT_RUN_SECONDS begins when a tenant is connected
    settles: float | None = None  # seconds in which any read has heard of a write; None: as long as its kind says
    attended: AttendedSignIn | None = None  # None: an app signs in
    shared: SharedReads | None = None  # of a session

    @property
    def live(self) -> bool:
        return self.name == "live"

    @property
    def limits(self) -> Limits:
        """Return how long reading may take and how large an answer may be; UsageError for a value that is wrong."""
        return read_limits(self.variables)

    @property
    def patience(self) -> float:
        """Return the seconds for which a call is tried; UsageError if TOOLKIT_PATIENCE is not such a number."""
        written = self.variables.get("TOOLKIT_PATIENCE") or ("300" if self.live else "30")
        return read_number("TOOLKIT_PATIENCE", written, least=0, most=WEEK)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudServices:
    """Where the services of a cloud are for a run; `root` is where the emulator is, "" where they are at their own.

    A call that fails in passing is tried again after `first_wait` seconds and more, for `patience` seconds in all.
    """

    root: str
    ca_file: Path | None
    first_wait: float
    patience: float
    settles: float | None  # seconds in which reads have heard of a write; None: as long as each kind says
    limits: Limits
    deadline: RunDeadline
    shared: SharedReads | None  # of a session

    @property
    def emulated(self) -> bool:
        return bool(self.root)

    @classmethod
    def of_target(cls, target: Target) -> Self:
        emulator, limits = target.emulator, target.limits
        return cls(
            root=str(emulator["url"]).rstrip("/") if emulator else "",
            # The emulator's own: TOOLKIT_CA_FILE may be there for the web filter between here and the real services.
            ca_file=Path(str(emulator["ca_file"])) if emulator else target.ca_file,
            first_wait=0.05 if emulator else 1.0,
            patience=target.patience,
            settles=target.settles,
            limits=limits,
            deadline=target.deadline or RunDeadline(limits.run_seconds),
            shared=target.shared,
        )


@dataclass(frozen=True, slots=True)
class TenantSeen:
    """What a tenant says it is."""

    id: str
    name: str
    domains: tuple[str, ...]


class Connection(Protocol):
    """An open connection to one tenant; kinds use its clients, the engine only this."""

    @property
    def deadline(self) -> RunDeadline:
        """Return when the run stops reading and starts no new write."""

    @property
    def holding(self) -> Holding:
        """Give what places, reads and releases holds."""

    @property
    def lost_devices(self) -> LostDevices:
        """Give what locks and unlocks a device that was lost."""

    def tenant(self) -> TenantSeen:
        """Ask the tenant who it is; the first request of every run."""

    def directory(self, *, people: bool, groups: Sequence[str]) -> Directory:
        """Read the people, and the groups named; what cannot be read is in `unknown`."""

    def special_accounts(self, people: Mapping[str, Person], now: datetime) -> SpecialAccounts:
        """Read which of the people are marked as no ordinary person: by roles, by rules for signing in, by mail use."""

    def devices(self) -> DeviceUse:
        """Count the devices that the tenant manages; ServiceError where that is not known."""

    def diaries(self, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool) -> Diaries:
        """Read from the calendars who is out of office between two instants, in as few requests as that takes.

        With `everybody` each calendar is opened, which also finds absences that free and busy do not show. What cannot
        be seen of a person is in `unknown`; SignInRefused, or another error where no one's calendar can be read.
        """

    def send(self, message: Message) -> None:
        """Send one message, once: it is not tried again where it may have been sent."""

    def granted(self, needed: Sequence[Permission]) -> Grants:
        """Say what the identity really has, as far as that can be seen; SignInRefused where it cannot sign in."""

    def credentials(self) -> Sequence[Credential]:
        """Say what the identity signs in with, and when that ends."""

    def trail(self, logs: Collection[str], begins: datetime, ends: datetime) -> Traces:
        """Read from the tenant's own logs who changed what between two instants, in a request or two.

        What our own applications did is left out; the error where none of them can be read.
        """

    def signs_in(self, say: Callable[[str], None], nonce: str) -> SignedIn:
        """Have the person at the keyboard sign in as themselves, and return who it is with the provider's evidence.

        `say` shows what they have to do, and the provider signs `nonce` into its token. Waits for them for a few
        minutes. SignInRefused where they decline, are too late, may not sign in or are another school's, and where no
        signed token comes; UsageError where it is not set up. Nothing is written.
        """

    def verify_sign_in(self, evidence: SignInEvidence, nonce: str) -> PersonAccount:
        """Verify what was kept of a sign-in, and return whose it was.

        UnprovenSignIn where it does not prove a sign-in with this nonce to this school's app and tenant.
        """

    def account(self, key: str) -> PersonAccount | None:
        """Look up an account by its id or any of its addresses that can be asked for; None where there is none."""

    def clock(self) -> datetime | None:
        """Give the service's own time as of its last answer; None where it says none."""

    def requests(self) -> int:
        """Count the requests sent since the connection was opened, sign-in left out."""

    def close(self) -> None: ...
