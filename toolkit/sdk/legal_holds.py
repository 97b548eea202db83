"""Legal holds of a provider: placing, reading and releasing holds on a person's data so that none can be lost."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from toolkit.errors import RequestFailed
from toolkit.records import dataclass
from toolkit.sdk.directory import Person
from toolkit.values import Settings

UNITS = "units"
"""In the settings from `Holding.read_held_accounts`: the holds that an account has only through its present unit."""


class Service(StrEnum):
    """A service in which data can be held separately."""

    MAILBOX = "mailbox"  # the mailbox as a whole, without end and without a case
    MAIL = "mail"  # mail, in the case
    FILES = "files"
    CHAT = "chat"
    GROUPS = "groups"
    CALENDAR = "calendar"


class HoldStatus(StrEnum):
    """The status of a hold, as far as the service shows it."""

    ABSENT = "absent"
    REQUESTED = "requested"  # the service took it and does not show it as working yet
    CONFIRMED = "confirmed"
    WEAKER = "weaker"  # there is one, and it keeps less than an unlimited hold
    UNAVAILABLE = "unavailable"  # this person's account cannot have it


@dataclass(frozen=True, slots=True)
class ServiceHold:
    """A person's hold in a service."""

    service: Service
    standing: HoldStatus
    reason: str = ""  # of weaker and unavailable: the data that are not kept, or another hold that keeps them
    lacking: bool = False  # of unavailable: the account has something here that the service cannot hold


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """The owner of an address, or None without an account, and any hold that already exists."""

    person: Person | None
    held: ServiceHold | None = None


@dataclass(frozen=True, slots=True)
class OnHold:
    """The accounts on legal hold, placed by anyone. A retention policy is not a legal hold."""

    accounts: frozenset[str] = frozenset()  # ids of people in lower case, or the address if there is no account
    everybody: bool | None = False  # None: the whole organisation has a hold of a sort that is not known here
    sites: bool = False  # a case holds sites or libraries, which may be anybody's
    unclear: frozenset[str] = frozenset()  # accounts with a hold of a sort that is not known here
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Every address of these accounts that the service shows, in lower case, because an account may be deleted."""

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset().union(*self.people.values())


@dataclass(frozen=True, slots=True)
class MailSearch:
    """A search in the mail of some people. The name contains neither a person nor a search term."""

    name: str
    people: tuple[str, ...]  # by address
    terms: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many messages a search found, and in how many mailboxes they could not be counted."""

    messages: int
    uncounted: int | None = 0  # None: in some, and the service does not say in how many
    unsearched: int = 0  # items whose text could not be searched, such as encrypted ones, and which are exported too


@dataclass(frozen=True, slots=True)
class MailExport:
    """An export: how far it is, and its files by name, with size and MD5, once it is completed."""

    status: str
    files: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """The actions of an account in a case, from the service's own log."""

    who: str
    acts: int
    last: datetime


class Searching(Protocol):
    """Searches the mail of a case and exports the results. Every method may be repeated and creates nothing twice.

    Nothing is ever downloaded or deleted.
    """

    def save(self, matter: str, search: MailSearch) -> None:
        """Save a search in the case, or find it there."""

    def count(self, matter: str, search: MailSearch) -> str:
        """Start to count the results of a search, and return the operation's name."""

    def read_estimate(self, operation: str) -> Estimate | None:
        """Return the count, or None if the operation is not completed."""

    def export(self, matter: str, search: MailSearch) -> MailExport:
        """Export the results of a search, or find that export. Raise Rejected if it failed."""


class Holding(Protocol):
    """Places and releases holds in one tenant. A case's name never contains a person or a subject.

    Every method raises the errors of toolkit.errors, because an unreadable hold is never an absent hold.
    """

    services: tuple[Service, ...]
    """The services that can be held, in the order in which holds are placed. The strongest protection comes first."""

    searching: Searching
    """The part that searches and exports."""

    def look_in(self) -> None:
        """Check, in one request, that the service for cases accepts this app. Raise an error if it does not."""

    def opened_by(self, matter: str, begins: datetime, ends: datetime) -> Sequence[CaseAccess] | None:
        """Return who acted in a case, without toolkit. None if no log that toolkit reads shows it.

        Raise NotFound if the service does not show the case, because nothing is known of it then.
        """

    def starts(self, matter: str) -> None:
        """Note that a matter is new, so that its case is created without a search for it."""

    def secure(self, address: str) -> HeldAccount:
        """Find the owner of an address. First place the hold that takes one request, in case the account is deleted."""

    def place(self, matter: str, person: Person, service: Service) -> ServiceHold:
        """Hold a service for a person. A hold that keeps as much or more is left unchanged and returned.

        It reads before it writes, so it may be called again after a crash and places no hold twice.
        """

    def place_many(
        self, matter: str, people: Sequence[Person], service: Service
    ) -> Mapping[str, ServiceHold | RequestFailed]:
        """Hold a service for many people in few requests. Return a hold or an error for each person."""

    def accounts(self, matter: str, people: Sequence[Person]) -> Mapping[str, frozenset[str]]:
        """Return the accounts in `read_held_accounts` with a person's data in a matter, groups included, by person."""

    def stands(self, matter: str, people: Sequence[Person]) -> Mapping[str, Sequence[ServiceHold]]:
        """Return the holds of a matter by the person's id, in as few requests as possible."""

    def release(self, matter: str, person: Person, service: Service, *, since: datetime | None = None) -> bool:
        """Release the holds that `place` created for this matter. Other holds remain.

        Return False if the data stay on hold because the person was on hold before `since`, the date of toolkit's first
        hold.
        """

    def read_held_accounts(self) -> Mapping[str, Settings]:
        """Return every held account by id, with all settings of its holds in canonical form.

        The result is compared with an earlier one, so no setting in it may change automatically.
        """

    def on_hold(self) -> OnHold:
        """Read the accounts on legal hold in every place in which the service shows holds, placed by anyone."""
