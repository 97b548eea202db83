"""Legal hold cases: the people on hold, their clouds, and the last observed state of each hold."""

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
"""The format of the register's file."""
PEOPLE = 2
"""How many people must ask for a release."""


class HoldState(StrEnum):
    """The overall state of the holds, which reveals no names."""

    NONE = "none"
    AS_WANTED = "in place"
    NOT_AS_WANTED = "differ (critical), see toolkit hold list"
    PENDING = "pending"  # requested, and not confirmed yet
    UNKNOWN = "unknown"

    @property
    def exit(self) -> Exit:
        """Return the exit code of a run that finds the holds in this state."""
        match self:
            case HoldState.AS_WANTED | HoldState.NONE:
                return Exit.AS_WANTED
            case HoldState.NOT_AS_WANTED | HoldState.PENDING:
                return Exit.PENDING
            case HoldState.UNKNOWN:
                return Exit.UNREAD


def state_for(reasons: Collection[Reason], *, is_open: bool) -> HoldState:
    """Return the overall state, given that no hold is lost. A hold that is only requested is pending, not unknown."""
    if any(reason.code is not NOT_CONFIRMED for reason in reasons):
        return HoldState.UNKNOWN
    if reasons:
        return HoldState.PENDING
    return HoldState.AS_WANTED if is_open else HoldState.NONE


@dataclass(frozen=True, slots=True)
class HoldsSeen:
    """The state of all holds and the reasons for it, without names."""

    state: HoldState
    reasons: tuple[Reason, ...] = ()


def recorded_fingerprints(sent: Settings) -> tuple[str, ...]:
    """Return the fingerprints of holds in the settings of a ledger entry."""
    marks = sent.get("marks")
    return tuple(map(str, marks)) if isinstance(marks, tuple) else ()


@dataclass(frozen=True, slots=True)
class LostCover:
    """Accounts that are no longer covered by a hold that others placed on them or on their organisational unit."""

    holds: int
    people: tuple[str, ...]  # the addresses of their owners, empty if the directory does not show them


@dataclass(frozen=True, slots=True)
class ChangedHold:
    """A confirmed fact about a person on hold that has ended. Placing the hold again does not bring it back."""

    address: str
    provider: str
    reason: Reason


@dataclass(slots=True)
class ServiceRecord:
    """The last observed state of the hold on one service, such as mail: wanted, a HoldStatus, or failed."""

    standing: str = WANTED
    reason: str = ""
    at: datetime | None = None
    lost: str = ""  # why a confirmed hold ended, until `toolkit hold confirm` has shown it
    since: datetime | None = None  # when it was first requested or seen, None in older registers
    existed: bool = False  # it was there before it was last read or placed
    lacking: bool = False  # the account has something here that the service cannot hold

    @property
    def is_held(self) -> bool:
        """Return whether the service holds all the data that it can hold."""
        return self.standing not in NOT_HELD and not (self.lost and self.standing == HoldStatus.UNAVAILABLE)


@dataclass(slots=True)
class CloudHold:
    """The holds on one person in one cloud. `id` is empty if the account was not found."""

    id: str = ""
    unread: str = ""  # why the last reading failed
    parts: dict[Service, ServiceRecord] = field(default_factory=dict)

    def person(self, address: str) -> Person:
        """Return the account's id and address in the form that connectors take."""
        return Person(self.id, address, address)


@dataclass(slots=True)
class Custodian:
    """A person on hold, with the name used when the hold was placed."""

    address: str
    since: datetime
    clouds: dict[str, CloudHold] = field(default_factory=dict)
    told: bool = False  # the person may know of the hold

    @property
    def is_nowhere(self) -> bool:
        """Return whether every cloud was read and none has an account for the person, so that no data is on hold."""
        parts = [part for held in self.clouds.values() for part in held.parts.values()]
        asked = all(held.parts and not held.id and not held.unread for held in self.clouds.values())
        return bool(parts) and asked and all(part.standing == HoldStatus.UNAVAILABLE for part in parts)


@dataclass(slots=True)
class ConsentEvidence:
    """The proof of a sign-in: the provider's token and key, and the parts of its nonce."""

    token: str
    key: str  # the provider's public key, as a JWK
    salt: str
    about: list[str]  # fingerprints of the acts that the person agreed to


@dataclass(slots=True)
class Consent:
    """A person who requested a search, an export or a release, and who signed in or was named by an administrator."""

    by: str
    at: datetime
    verified: str = ""  # the cloud of the sign-in
    id: str = ""  # of the account there
    title: str = ""
    evidence: ConsentEvidence | None = None  # of the sign-in, without which the consent does not count


@dataclass(slots=True)
class ExportedFile:
    """A file in an export, as listed by the cloud."""

    name: str
    bytes: int
    md5: str


@dataclass(slots=True)
class CaseSearch:
    """A search in the mail of the people in a case, with the person who requested it and the two who exported it."""

    terms: str
    people: list[str]  # the owners of the searched mail, by address
    hash: str  # of terms and people, which it reveals only with the register's key
    cloud: str = "google_workspace"  # of the searched mail
    asked: Consent | None = None
    operation: str = ""  # that counts
    estimate: int | None = None
    uncounted: int | None = 0  # mailboxes, None if their number is unknown
    unsearched: int = 0  # items whose text could not be searched
    counted: datetime | None = None
    consents: list[Consent] = field(default_factory=list)  # to the export
    exported: datetime | None = None
    status: str = ""  # of the export
    files: list[ExportedFile] = field(default_factory=list)


class CopyState(StrEnum):
    """The state of a copy of evidence, which is its last event."""

    HELD = "held"
    HANDED_OVER = "handed over"
    RETURNED = "returned"
    DESTROYED = "destroyed"


@dataclass(slots=True)
class CustodyEvent:
    """An event in the history of a copy, with its date and the people who signed for it."""

    state: CopyState
    on: date
    at: datetime  # when it was recorded
    by: list[Consent]
    note: str = ""  # to whom it was handed over, or how it was destroyed


@dataclass(slots=True, kw_only=True)
class EvidenceCopy:
    """An exported file in a case: its description, source, hash and events."""

    number: int  # in the case
    id: str  # in the ledger
    what: str
    source: str
    name: str
    path: str  # its path when it was added
    bytes: int
    sha256: str
    media: str
    added: datetime
    review: date  # ends nothing
    query: str = ""
    asked: Consent | None = None  # for the export
    exported: date | None = None
    exported_by: list[Consent] = field(default_factory=list)
    vendor_hash: str = ""  # the compared hash, with the name of its method
    to: str = ""  # the recipient of a hand-over that waits for the second person
    releases: list[Consent] = field(default_factory=list)  # of that hand-over
    events: list[CustodyEvent] = field(default_factory=list)

    @property
    def state(self) -> CopyState:
        return self.events[-1].state if self.events else CopyState.HELD


class CustodyMatch(StrEnum):
    """Whether a copy of evidence matches its record."""

    SAME = "unchanged"
    ELSEWHERE = "not here"  # expected for a copy that was handed over or destroyed
    UNREAD = "not compared"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CustodyFinding:
    """The result of verifying one copy of evidence."""

    what: str
    result: CustodyMatch
    why: str = ""


@dataclass(slots=True)
class Case:
    """A legal hold case.

    In the clouds, a case is named by its `matter`, which does not reveal the people or the reason.
    """

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
    """All desired holds, by the name of the case."""

    cases: dict[str, Case] = field(default_factory=dict)
    format: int = FORMAT

    def open_cases(self) -> Mapping[str, Case]:
        """Return the cases that are not released."""
        return {name: case for name, case in self.cases.items() if case.released is None}
