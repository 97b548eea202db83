"""Cases of legal holds: who is held, in which clouds, and how each hold was seen last."""

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.holds.reasons import NOT_CONFIRMED
from toolkit.records import dataclass
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import HoldStatus, Service
from toolkit.sdk.reason import Reason
from toolkit.values import Settings

WANTED, FAILED = "wanted", "failed"
NOT_HELD = frozenset({FAILED, HoldStatus.ABSENT, HoldStatus.WEAKER})
PLACED = frozenset({HoldStatus.REQUESTED, HoldStatus.CONFIRMED})
FORMAT = 1
"""Of the register's file."""
PEOPLE = 2
"""How many have to ask for a release."""


class HoldState(StrEnum):
    """All that a reader without the register's key may learn of holds."""

    NONE = "none"
    AS_WANTED = "in place"
    NOT_AS_WANTED = "differ (critical), see toolkit hold list"
    PENDING = "pending"  # requested, and not confirmed yet
    UNKNOWN = "unknown"

    @property
    def exit(self) -> Exit:
        """Give what it makes of a run's exit code."""
        match self:
            case HoldState.AS_WANTED | HoldState.NONE:
                return Exit.AS_WANTED
            case HoldState.NOT_AS_WANTED | HoldState.PENDING:
                return Exit.PENDING
            case HoldState.UNKNOWN:
                return Exit.UNREAD


def state_for(reasons: Collection[Reason], *, is_open: bool) -> HoldState:
    """Return the state of holds of which none is lost; a hold that is only requested is pending, and not unknown."""
    if any(reason.code is not NOT_CONFIRMED for reason in reasons):
        return HoldState.UNKNOWN
    if reasons:
        return HoldState.PENDING
    return HoldState.AS_WANTED if is_open else HoldState.NONE


@dataclass(frozen=True, slots=True)
class HoldsSeen:
    """The state of all holds and the reasons for it, without the name of anyone."""

    state: HoldState
    reasons: tuple[Reason, ...] = ()


def marks_of(sent: Settings) -> tuple[str, ...]:
    """Return the fingerprints that the ledger holds of something."""
    marks = sent.get("marks")
    return tuple(map(str, marks)) if isinstance(marks, tuple) else ()


@dataclass(frozen=True, slots=True)
class LostCover:
    """Holds that others placed on accounts, by name or through a unit, and that these accounts no longer have."""

    holds: int
    people: tuple[str, ...]  # whose accounts they were, by address; empty if the directory does not show it


@dataclass(frozen=True, slots=True)
class ChangedHold:
    """A fact about a person on hold that was confirmed and has ended, and that placing the hold again does not mend."""

    address: str
    provider: str
    reason: Reason


@dataclass(slots=True)
class ServiceRecord:
    """One service of one account, and how it was seen last: wanted, a Standing, or failed."""

    standing: str = WANTED
    reason: str = ""
    at: datetime | None = None
    lost: str = ""  # that it was confirmed and was not so later, until `toolkit hold confirm` has shown it
    since: datetime | None = None  # when it was first requested or seen; None in the register of an older toolkit
    existed: bool = False  # it was there before it was last read or placed
    lacking: bool = False  # the account has something here that the service cannot hold

    @property
    def is_held(self) -> bool:
        """Return whether nothing says that it is not held, as far as it can be held."""
        return self.standing not in NOT_HELD and not (self.lost and self.standing == HoldStatus.UNAVAILABLE)


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
    """A person whose things are held, as they were named when the hold was placed."""

    address: str
    since: datetime
    clouds: dict[str, CloudHold] = field(default_factory=dict)
    told: bool = False  # the person is to know

    @property
    def is_nowhere(self) -> bool:
        """Return whether every cloud was read and none has the account, so that nothing of it is held."""
        parts = [part for held in self.clouds.values() for part in held.parts.values()]
        asked = all(held.parts and not held.id and not held.unread for held in self.clouds.values())
        return bool(parts) and asked and all(part.standing == HoldStatus.UNAVAILABLE for part in parts)


@dataclass(slots=True)
class ConsentEvidence:
    """What proves that a person signed in for something: the provider's token and key, and how its nonce was made."""

    token: str
    key: str  # the provider's public key, as a JWK
    salt: str
    about: list[str]  # fingerprints of what the person agreed to


@dataclass(slots=True)
class Consent:
    """A person who asked for a search, an export or a release: signed in, or only named by the admin."""

    by: str
    at: datetime
    verified: str = ""  # the cloud that they signed in to
    id: str = ""  # of their account there
    title: str = ""
    evidence: ConsentEvidence | None = None  # of the sign-in; without it the consent does not count


@dataclass(slots=True)
class ExportedFile:
    """A file of an export, as the cloud lists it."""

    name: str
    bytes: int
    md5: str


@dataclass(slots=True)
class CaseSearch:
    """A search in the mail of a case's people: who asked for it, and which two people exported what it found."""

    terms: str
    people: list[str]  # whose mail is searched, by address
    hash: str  # of terms and people; nothing of them is found from it without the register's key
    cloud: str = "google_workspace"  # whose mail is searched
    asked: Consent | None = None
    operation: str = ""  # that counts
    estimate: int | None = None
    uncounted: int | None = 0  # mailboxes; None: some
    unsearched: int = 0  # items whose text could not be searched
    counted: datetime | None = None
    consents: list[Consent] = field(default_factory=list)  # to the export
    exported: datetime | None = None
    status: str = ""  # of the export
    files: list[ExportedFile] = field(default_factory=list)


class CopyState(StrEnum):
    """What became of a copy of evidence last."""

    HELD = "held"
    HANDED_OVER = "handed over"
    RETURNED = "returned"
    DESTROYED = "destroyed"


@dataclass(slots=True)
class CustodyEvent:
    """What became of a copy on one date, and who says so."""

    state: CopyState
    on: date
    at: datetime  # when it was recorded
    by: list[Consent]
    note: str = ""  # to whom it was handed over, or how it was destroyed


@dataclass(slots=True, kw_only=True)
class EvidenceCopy:
    """One exported file in a case: what it is, where it came from, its hash, and what became of it."""

    number: int  # in the case
    id: str  # what the ledger calls it
    what: str
    source: str
    name: str
    path: str  # where it was when it was added
    bytes: int
    sha256: str
    media: str
    added: datetime
    review: date  # ends nothing
    query: str = ""
    asked: Consent | None = None  # for the export
    exported: date | None = None
    exported_by: list[Consent] = field(default_factory=list)
    vendor_hash: str = ""  # that was compared, with the name of its method
    to: str = ""  # whom a hand-over is for that waits for the second person
    releases: list[Consent] = field(default_factory=list)  # of that hand-over
    events: list[CustodyEvent] = field(default_factory=list)

    @property
    def state(self) -> CopyState:
        return self.events[-1].state if self.events else CopyState.HELD


class CustodyMatch(StrEnum):
    """How a copy compares with what was recorded of it."""

    SAME = "unchanged"
    ELSEWHERE = "not here"  # where a copy that was handed over or destroyed may well be
    UNREAD = "not compared"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CustodyFinding:
    """One thing that was compared with what was recorded."""

    what: str
    result: CustodyMatch
    why: str = ""


@dataclass(slots=True)
class Case:
    """One case; its matter is what the clouds call it, which says nothing."""

    name: str
    matter: str
    people: dict[str, Custodian] = field(default_factory=dict)  # by address
    review: date | None = None  # ends nothing
    consents: list[Consent] = field(default_factory=list)
    released: datetime | None = None
    searches: list[CaseSearch] = field(default_factory=list)
    copies: list[EvidenceCopy] = field(default_factory=list)


@dataclass(slots=True)
class Holds:
    """All that is wanted, by the name of the case."""

    cases: dict[str, Case] = field(default_factory=dict)
    format: int = FORMAT

    def open_cases(self) -> Mapping[str, Case]:
        """Give the cases that are not released."""
        return {name: case for name, case in self.cases.items() if case.released is None}
