"""How a provider holds what a person has, so that nothing of it can be lost: placed, read back, let go."""

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
"""In what `Holding.seen` gives of an account: the holds that it has only through the unit that it is in now."""


class Service(StrEnum):
    """Where something can be held, each separately."""

    MAILBOX = "mailbox"  # the mailbox as a whole, without end and without a case
    MAIL = "mail"  # mail, in the case
    FILES = "files"
    CHAT = "chat"
    GROUPS = "groups"
    CALENDAR = "calendar"


class HoldStatus(StrEnum):
    """How a hold stands, as far as the service shows it."""

    ABSENT = "absent"
    REQUESTED = "requested"  # the service took it and does not show it as working yet
    CONFIRMED = "confirmed"
    WEAKER = "weaker"  # there is one, and it keeps less than an unlimited hold
    UNAVAILABLE = "unavailable"  # this person's account cannot have it


@dataclass(frozen=True, slots=True)
class ServiceHold:
    """One hold of one person on one service."""

    service: Service
    standing: HoldStatus
    reason: str = ""  # of weaker and unavailable: what it does not keep, or what else keeps it now
    lacking: bool = False  # of unavailable: the account has something here that the service cannot hold


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """Whose an address is, no one's where there is no account; and what was held before anything else was asked."""

    person: Person | None
    held: ServiceHold | None = None


@dataclass(frozen=True, slots=True)
class OnHold:
    """Whose things are on legal hold, no matter who placed the hold. A retention policy is no legal hold."""

    accounts: frozenset[str] = frozenset()  # of people: by id, in lower case; by address if there is no account
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
    """What is searched for in the mail of some people; the name says neither whom nor what."""

    name: str
    people: tuple[str, ...]  # by address
    terms: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many messages a search found, and in how many mailboxes they could not be counted."""

    messages: int
    uncounted: int | None = 0  # None: in some, and the service does not say in how many
    unsearched: int = 0  # items whose text could not be searched, such as encrypted ones; they are exported too


@dataclass(frozen=True, slots=True)
class MailExport:
    """An export: how far it is, and its files by name, with size and MD5, once it is completed."""

    status: str
    files: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """What one account did in a case, as the service's own log shows it."""

    who: str
    acts: int
    last: datetime


class Searching(Protocol):
    """Searches the mail of a case and exports what was found; every method may be called again and makes nothing twice.

    Nothing is ever downloaded or deleted.
    """

    def save(self, matter: str, search: MailSearch) -> None:
        """Save a search in the case, or find it there."""

    def count(self, matter: str, search: MailSearch) -> str:
        """Start to count what a search finds, and return the name of that operation."""

    def counted(self, operation: str) -> Estimate | None:
        """Read what was counted; None while it is still being counted."""

    def export(self, matter: str, search: MailSearch) -> MailExport:
        """Export what a search finds, or find that export; raises Rejected where it failed."""


class Holding(Protocol):
    """Places and releases holds in one tenant; the case's name never says whom or what it is about.

    Every method raises the errors of toolkit.errors: a hold that could not be read is never an absent one.
    """

    services: tuple[Service, ...]
    """What it can hold, in the order in which it is placed: what protects most comes first."""

    searching: Searching
    """What searches and exports."""

    def look_in(self) -> None:
        """Hear, in one request, whether the service where cases are kept lets this app in; raises where it does not."""

    def opened_by(self, matter: str, begins: datetime, ends: datetime) -> Sequence[CaseAccess] | None:
        """Read who did something in a case, without what we did; None where no log that toolkit reads shows it.

        NotFound where the service does not show the case, so that nothing is known of it.
        """

    def starts(self, matter: str) -> None:
        """Hear that nothing was ever asked for under a matter, so that it is made without being looked for."""

    def secure(self, address: str) -> HeldAccount:
        """Find whose an address is, and hold first what takes one request, since it may be deleted meanwhile."""

    def place(self, matter: str, person: Person, service: Service) -> ServiceHold:
        """Hold one thing of one person; a hold that keeps as much or more is left as it is, and said.

        It looks before it writes and may be called again after a crash: nothing is placed twice.
        """

    def place_many(
        self, matter: str, people: Sequence[Person], service: Service
    ) -> Mapping[str, ServiceHold | RequestFailed]:
        """Hold one thing of many people in few requests; what keeps one from being held is in that one's place."""

    def accounts(self, matter: str, people: Sequence[Person]) -> Mapping[str, frozenset[str]]:
        """Give, by the person's id, the accounts in `seen` that hold something of them in a matter: groups, too."""

    def stands(self, matter: str, people: Sequence[Person]) -> Mapping[str, Sequence[ServiceHold]]:
        """Read how the holds of a matter stand, by the person's id, in as few requests as that takes."""

    def release(self, matter: str, person: Person, service: Service, *, since: datetime | None = None) -> bool:
        """Let go what `place` held for this matter; what others hold stays.

        False where it stays as well, since it was on hold before `since`, when toolkit held anything of this person
        first.
        """

    def seen(self) -> Mapping[str, Settings]:
        """Read in bulk every account that anything is held of: by id, all that says how it is held, in canonical form.

        It is compared with what was there before, so nothing in it may change automatically.
        """

    def on_hold(self) -> OnHold:
        """Read whose things are on legal hold: in every place where the service shows a hold, placed by anyone."""
