"""The interface for a provider's legal holds: placing, reading and releasing holds on a person's data."""

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
"""The key in the settings from `Holding.read_held_accounts` for holds that an account has only through its unit."""


class Service(StrEnum):
    """A service whose data can be put on hold separately."""

    MAILBOX = "mailbox"  # the whole mailbox, for an unlimited time and without a case
    MAIL = "mail"  # mail in the case
    FILES = "files"
    CHAT = "chat"
    GROUPS = "groups"
    CALENDAR = "calendar"


class HoldStatus(StrEnum):
    """The status of a hold, as far as the service shows it."""

    ABSENT = "absent"
    REQUESTED = "requested"  # the service accepted the hold but does not show it as effective yet
    CONFIRMED = "confirmed"
    WEAKER = "weaker"  # there is a hold, but it keeps less than an unlimited hold
    UNAVAILABLE = "unavailable"  # this person's account cannot have the hold


@dataclass(frozen=True, slots=True)
class ServiceHold:
    """A hold on a person's data in a service."""

    service: Service
    standing: HoldStatus
    reason: str = ""  # for weaker and unavailable: the data that is not kept, or another hold that keeps it
    lacking: bool = False  # for unavailable: whether the account has data here that the service cannot hold


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account on hold and its first hold. The account is None if no account has the address."""

    person: Person | None
    held: ServiceHold | None = None


@dataclass(frozen=True, slots=True)
class OnHold:
    """The accounts on legal hold, including holds that people placed. A retention policy is not a legal hold."""

    accounts: frozenset[str] = frozenset()  # ids of people in lower case, or the address if there is no account
    everybody: bool | None = False  # None if the whole organisation has a hold of an unknown type
    sites: bool = False  # whether a case holds sites or libraries, which may have data of anyone
    unclear: frozenset[str] = frozenset()  # accounts with a hold of an unknown type
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """All addresses of each account that the service shows, in lower case, because an account may be deleted."""

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset().union(*self.people.values())


@dataclass(frozen=True, slots=True)
class MailSearch:
    """A search in the mail of some people. The name of the search contains neither a person nor a search term."""

    name: str
    people: tuple[str, ...]  # addresses
    terms: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """The number of messages that a search found, and the number of mailboxes that could not be counted."""

    messages: int
    uncounted: int | None = 0  # None if some mailboxes were not counted and the service does not report their number
    unsearched: int = 0  # items whose text could not be searched, such as encrypted items, which are also exported


@dataclass(frozen=True, slots=True)
class MailExport:
    """The status of an export and, once it is completed, its files with name, size and MD5."""

    status: str
    files: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """An account's activity in a case, as the service's own log reports it."""

    who: str
    acts: int
    last: datetime


class Searching(Protocol):
    """Searches the mail of a case and exports the results.

    Every method may be repeated without creating anything twice. Nothing is ever downloaded or deleted.
    """

    def save(self, matter: str, search: MailSearch) -> None:
        """Save a search in the case, unless it exists already."""

    def count(self, matter: str, search: MailSearch) -> str:
        """Start counting the results of a search. Return the name of this operation, for `read_estimate`."""

    def read_estimate(self, operation: str) -> Estimate | None:
        """Return the number of messages that the search found, or None if counting is not completed."""

    def export(self, matter: str, search: MailSearch) -> MailExport:
        """Export the results of a search, or return the existing export. Raise Rejected if it failed."""


class Holding(Protocol):
    """Places and releases legal holds in a tenant. A case's name never contains a person or a subject.

    Every method raises the errors of toolkit.errors, because a hold that cannot be read must not count as absent.
    """

    services: tuple[Service, ...]
    """The services that support holds, in the order in which holds are placed, strongest protection first."""

    searching: Searching
    """The interface for searches and exports."""

    def check_case_access(self) -> None:
        """Check in one request that the case service accepts this app. Raise an error if it does not."""

    def read_case_access(self, matter: str, begins: datetime, ends: datetime) -> Sequence[CaseAccess] | None:
        """Return the actions of people in a case, without the actions of toolkit itself.

        Return None if no log that toolkit reads shows such actions. Raise NotFound if the service does not show the
        case.
        """

    def mark_as_new(self, matter: str) -> None:
        """Remember that a matter is new, so that its case is created without first searching for an existing case."""

    def place_first_hold(self, address: str) -> HeldAccount:
        """Place the first hold, which takes only one request, and return the account that has the address.

        The other holds take longer, and someone could delete the account before they are in place.
        """

    def place(self, matter: str, person: Person, service: Service) -> ServiceHold:
        """Place a hold on a person's data in a service, and return the hold.

        An existing hold that keeps as much or more is returned unchanged. The method reads before it writes, so it can
        be repeated after a crash without placing a hold twice.
        """

    def place_many(
        self, matter: str, people: Sequence[Person], service: Service
    ) -> Mapping[str, ServiceHold | RequestFailed]:
        """Place holds on many people's data in a service, in few requests.

        Return a hold or an error for each person.
        """

    def accounts(self, matter: str, people: Sequence[Person]) -> Mapping[str, frozenset[str]]:
        """Return, for each person, the ids of accounts on hold for a matter, including groups.

        `read_held_accounts` uses the same ids.
        """

    def read_existing_holds(self, matter: str, people: Sequence[Person]) -> Mapping[str, Sequence[ServiceHold]]:
        """Return the existing holds of a matter, by person id, in as few requests as possible."""

    def release(self, matter: str, person: Person, service: Service, *, since: datetime | None = None) -> bool:
        """Release the holds that `place` created for this matter.

        Other holds are kept. Return False if the data stays on hold because the person was already on hold before
        `since`, the time of toolkit's first hold.
        """

    def read_held_accounts(self) -> Mapping[str, Settings]:
        """Return the settings of the holds on each held account, by the account's id, in canonical form.

        The result is compared with an earlier result, so it must not contain settings that change automatically.
        """

    def read_accounts_on_hold(self) -> OnHold:
        """Return the accounts on legal hold, whether toolkit or a person placed the hold.

        Every place in which the service shows holds is read.
        """
