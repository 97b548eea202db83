"""Cases of legal holds: who is held, in which clouds, and how each hold was seen last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import Service

WANTED, FAILED = "wanted", "failed"
FORMAT = 1
"""Of the register's file."""


class HoldState(StrEnum):
    """All that anybody may hear of holds who has not the register's key."""

    AS_WANTED = "as wanted"
    NOT_AS_WANTED = "not as wanted (critical), see toolkit hold list"
    UNKNOWN = "unknown"

    @property
    def exit(self) -> Exit:
        """Give what it makes of a run's exit code."""
        match self:
            case HoldState.AS_WANTED:
                return Exit.AS_WANTED
            case HoldState.NOT_AS_WANTED:
                return Exit.PENDING
            case HoldState.UNKNOWN:
                return Exit.UNREAD


@dataclass(slots=True)
class ServiceRecord:
    """One service of one account, and how it was seen last: wanted, a Standing, or failed."""

    standing: str = WANTED
    reason: str = ""
    at: datetime | None = None


@dataclass(slots=True)
class CloudHold:
    """What is held of one person in one cloud; `id` is empty until it was found, or where there is none."""

    id: str = ""
    unread: str = ""  # why nothing could be read of it when it was last asked for
    parts: dict[Service, ServiceRecord] = field(default_factory=dict)

    def person(self, address: str) -> Person:
        """Describe whose account it is, as connectors want it."""
        return Person(self.id, address, address)


@dataclass(slots=True)
class Custodian:
    """Somebody whose things are held, as they were named when the hold was placed."""

    address: str
    since: datetime
    clouds: dict[str, CloudHold] = field(default_factory=dict)
    told: bool = False  # the person is to know


@dataclass(slots=True)
class Consent:
    """One who asked that a case be released: signed in, or only named by whoever ran the command."""

    by: str
    at: datetime
    verified: str = ""  # the cloud that they signed in to
    id: str = ""  # of their account there
    title: str = ""


@dataclass(slots=True)
class Case:
    """One case; its matter is what the clouds call it, which says nothing."""

    name: str
    matter: str
    people: dict[str, Custodian] = field(default_factory=dict)  # by address
    review: date | None = None  # ends nothing
    consents: list[Consent] = field(default_factory=list)
    released: datetime | None = None


@dataclass(slots=True)
class Holds:
    """All that is wanted, by the name of the case."""

    cases: dict[str, Case] = field(default_factory=dict)
    format: int = FORMAT

    def still(self) -> Mapping[str, Case]:
        """Give the cases that are not released."""
        return {name: case for name, case in self.cases.items() if case.released is None}
