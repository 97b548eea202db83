"""The interface between the engine and a provider's connector: targets, the services of a cloud, and connections."""

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
    """The identity with which a run signs in."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class AttendedSignIn:
    """The sign-in of a person instead of an app: the function that shows the sign-in address, and the tokens, which
    stay in memory.
    """

    show: Callable[[str], None]
    tokens: dict[str, object] = field(default_factory=dict, repr=False)  # by provider, for the duration of a command


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The target of a run: the real services, or a running emulator."""

    name: str  # emulator | live
    variables: Mapping[str, str] = field(repr=False)  # the TOOLKIT_ variables, secrets among them
    emulator: Body | None = None  # the emulator's ready line
    ca_file: Path | None = None
    deadline: RunDeadline | None = None  # if None, TOOLKIT_RUN_SECONDS begin when a tenant is connected
    settles: float | None = None  # seconds after which reads show a write, by default as each kind declares
    attended_sign_in: AttendedSignIn | None = None  # None if an app signs in
    shared: SharedReads | None = None  # results that the commands of a session share

    @property
    def live(self) -> bool:
        return self.name == "live"

    @property
    def limits(self) -> Limits:
        """Return the limits on time and size for reading. Raise UsageError for an invalid value."""
        return read_limits(self.variables)

    @property
    def patience(self) -> float:
        """Return for how many seconds a failed call is repeated. Raise UsageError if TOOLKIT_PATIENCE is invalid."""
        written = self.variables.get("TOOLKIT_PATIENCE") or ("300" if self.live else "30")
        return read_number("TOOLKIT_PATIENCE", written, least=0, most=WEEK)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudServices:
    """The addresses of a cloud's services, and how a run calls them.

    `root` is the emulator's address, or "" for the real services. A call that fails with a Transient error is repeated
    after `first_wait` seconds, then after longer waits, for `patience` seconds in total.
    """

    root: str
    ca_file: Path | None
    first_wait: float
    patience: float
    settles: float | None  # seconds after which reads show a write, by default as each kind declares
    limits: Limits
    deadline: RunDeadline
    shared: SharedReads | None  # results that the commands of a session share

    @property
    def emulated(self) -> bool:
        return bool(self.root)

    @classmethod
    def of_target(cls, target: Target) -> Self:
        emulator, limits = target.emulator, target.limits
        return cls(
            root=str(emulator["url"]).rstrip("/") if emulator else "",
            # The emulator has its own certificate. TOOLKIT_CA_FILE may be set for a web filter.
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
    """A tenant's id, name and domains, as the service reports them."""

    id: str
    name: str
    domains: tuple[str, ...]


class Connection(Protocol):
    """An open connection to one tenant. Kinds use the connection's clients. The engine uses only the methods below."""

    @property
    def deadline(self) -> RunDeadline:
        """Return the deadline after which the run sends no more reads and starts no more writes."""

    @property
    def holding(self) -> Holding:
        """Return the connection's interface for legal holds."""

    @property
    def lost_devices(self) -> LostDevices:
        """Return the connection's interface for lost devices."""

    def tenant(self) -> TenantSeen:
        """Read the tenant's identity. This is the first request of every run."""

    def directory(self, *, people: bool, groups: Sequence[str], home_property: str = "") -> Directory:
        """Read the people and the named groups. Parts that cannot be read are in the directory's `unknown`.

        `home_property`, such as department, is read into `Person.home`. A cloud whose units show it reads nothing more.
        """

    def special_accounts(self, people: Mapping[str, Person], now: datetime) -> SpecialAccounts:
        """Return the accounts that are special because of their roles, their sign-in rules or their use of mail."""

    def devices(self) -> DeviceUse:
        """Count the devices that the tenant manages. Raise ServiceError if the number is unknown."""

    def diaries(self, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool) -> Diaries:
        """Read from calendars which people are out of office between two instants, in as few requests as possible.

        With `everybody`, each calendar is read completely, which also finds absences that free/busy times do not show.
        People whose calendars cannot be read are in `unknown`. Raise SignInRefused, or another error if no calendar can
        be read.
        """

    def send(self, message: Message) -> None:
        """Send a message. The message is not sent again if it may have arrived."""

    def read_grants(self, needed: Sequence[Permission]) -> Grants:
        """Return the permissions of the connection's identity, as far as they can be read.

        Raise SignInRefused if it cannot sign in.
        """

    def credentials(self) -> Sequence[Credential]:
        """Return the credentials of the connection's identity, with their expiry dates."""

    def read_logged_changes(self, logs: Collection[str], begins: datetime, ends: datetime) -> Traces:
        """Read the changes between two instants from the tenant's own audit logs, in one or two requests.

        Changes by toolkit's own applications are left out. Raise an error if none of the logs can be read.
        """

    def ask_to_sign_in(self, say: Callable[[str], None], nonce: str) -> SignedIn:
        """Ask the person at the keyboard to sign in. Return the person's account and the provider's evidence.

        `say` shows the steps to the person, who has a few minutes. The provider includes `nonce` in the signed token.
        Raise SignInRefused if the person declines, takes too long, may not sign in or belongs to another school, or if
        no signed token arrives. Raise UsageError if sign-in is not set up. Nothing is written to the tenant.
        """

    def verify_sign_in(self, evidence: SignInEvidence, nonce: str) -> PersonAccount:
        """Verify the stored evidence of a sign-in, and return the person's account.

        Raise UnprovenSignIn if the evidence does not prove a sign-in with this nonce to this school's app and tenant.
        """

    def account(self, key: str) -> PersonAccount | None:
        """Return the account with an id or an address, or None if it does not exist."""

    def clock(self) -> datetime | None:
        """Return the service's own time in its last response, or None if the service does not send its time."""

    def requests(self) -> int:
        """Return the number of requests sent since the connection was opened, without sign-in."""

    def close(self) -> None: ...
