"""The verdict on one part of a control on one cloud: its outcome, its grounds, and the order of outcomes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass as checked_dataclass
from datetime import datetime
from enum import StrEnum

from toolkit.records import dataclass
from toolkit.sdk.part import Level
from toolkit.sdk.reason import Reason
from toolkit.sdk.resource import Address


class PartOutcome(StrEnum):
    """The known state of a part."""

    IN_PLACE = "in place"  # read from the tenant, or how the service is made
    IN_PART = "in part"  # for some objects, people or devices
    DIFFERS = "differs"
    REFUSED = "refused"  # this run refuses the change
    FAILED = "failed"  # the service refused the change, or a test failed
    CONFIRMED = "confirmed"  # a person confirmed it, until a date
    UNCONFIRMED = "unconfirmed"  # no confirmation that counts today
    EXCEPTED = "excepted"  # different, as somebody approved
    UNDECIDED = "undecided"  # the playbooks leave it to an object of others
    UNAVAILABLE = "unavailable"  # the licences or the cloud lack it
    NOT_USED = "not used"  # it concerns no person and no device, by a count that was read
    UNKNOWN = "unknown"  # it could not be read
    NOT_LOOKED_AT = "not looked at"  # this command does not read it
    OFF = "off"  # nothing is asked


class FactVerdict(StrEnum):
    """The meaning of an outcome for a clause of the policy."""

    HOLDS = "holds"
    IN_PART = "in part"  # for some people or devices, and not for others
    FAILS = "fails"
    EXCEPTED = "excepted"  # different for some people, as a role approved
    OPEN = "open"  # a known gap: not looked at, not confirmed, or the licence lacks it
    UNREAD = "unread"  # it should have been looked at and could not be


MEANS: Mapping[PartOutcome, FactVerdict] = {
    PartOutcome.FAILED: FactVerdict.FAILS,
    PartOutcome.REFUSED: FactVerdict.FAILS,
    PartOutcome.DIFFERS: FactVerdict.FAILS,
    PartOutcome.IN_PART: FactVerdict.IN_PART,
    PartOutcome.UNKNOWN: FactVerdict.UNREAD,
    PartOutcome.UNDECIDED: FactVerdict.OPEN,
    PartOutcome.UNCONFIRMED: FactVerdict.OPEN,
    PartOutcome.UNAVAILABLE: FactVerdict.OPEN,
    PartOutcome.NOT_LOOKED_AT: FactVerdict.OPEN,
    PartOutcome.EXCEPTED: FactVerdict.EXCEPTED,
    PartOutcome.CONFIRMED: FactVerdict.HOLDS,
    PartOutcome.IN_PLACE: FactVerdict.HOLDS,
}
"""Outcomes that are not here mean nothing for a clause."""

NEUTRAL = frozenset({PartOutcome.OFF, PartOutcome.NOT_USED})
"""Outcomes that make nothing better or worse."""

_RANKS: tuple[frozenset[PartOutcome], ...] = (
    frozenset({PartOutcome.FAILED, PartOutcome.REFUSED, PartOutcome.DIFFERS}),
    frozenset({PartOutcome.IN_PART}),
    frozenset({PartOutcome.UNKNOWN}),
    frozenset({PartOutcome.UNDECIDED, PartOutcome.UNCONFIRMED, PartOutcome.UNAVAILABLE}),
    frozenset({PartOutcome.NOT_LOOKED_AT}),
    frozenset({PartOutcome.EXCEPTED}),
    frozenset({PartOutcome.CONFIRMED}),
    frozenset({PartOutcome.IN_PLACE}),
    frozenset({PartOutcome.NOT_USED}),
    frozenset({PartOutcome.OFF}),
)
"""Worst first. A known failure outranks an unknown state."""


def worst_outcome(outcomes: Iterable[PartOutcome]) -> PartOutcome:
    """Return the worst of some outcomes, or OFF if there is none."""
    present = tuple(outcomes)
    return next((outcome for rank in _RANKS for outcome in present if outcome in rank), PartOutcome.OFF)


@checked_dataclass(frozen=True, slots=True)
class Count:
    """A number of objects, people or devices that are right, of how many, with the unknown ones.

    Raises ValueError for a negative number, or if more are right than were counted.
    """

    ok: int
    of: int
    unknown: int = 0
    noun: str = "object"  # the counted object, singular

    def __post_init__(self) -> None:
        """Refuse an impossible count, because a reader would take it for a fact."""
        if not 0 <= self.ok <= self.of or self.unknown < 0:
            raise ValueError(f"not a count of {self.noun}s: {self.ok} of {self.of}, {self.unknown} not known")


@dataclass(frozen=True, slots=True)
class WireEvidence:
    """Objects or counts that a tenant showed."""

    read_at: datetime
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """A person's confirmation or test."""

    role: str
    on: str
    until: str


@dataclass(frozen=True, slots=True)
class LicenceEvidence:
    """The licences or the cloud lack it."""


@dataclass(frozen=True, slots=True)
class VendorEvidence:
    """The service always works like this, whatever anyone sets."""


Evidence = WireEvidence | WordEvidence | LicenceEvidence | VendorEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One ground of a verdict."""

    outcome: PartOutcome
    reason: Reason
    says: Reason  # who says so
    evidence: Evidence | None = None
    count: Count | None = None


@dataclass(frozen=True, slots=True, order=True)
class PartKey:
    """The key of a part: its control, audience, exception and cloud. A check about no part has its subject as part."""

    control: str
    audience: str
    exception: str
    provider: str
    part: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The known state of one part. Every command shows this verdict."""

    key: PartKey
    level: Level
    needed: bool  # a clause is not met without it
    grounds: tuple[Ground, ...]
    of_control: bool = False  # it is about a control as a whole: its audience, or its tenant

    @property
    def outcome(self) -> PartOutcome:
        """Return the worst outcome of the grounds."""
        return worst_outcome(ground.outcome for ground in self.grounds)

    @property
    def worst(self) -> Ground | None:
        """Return the ground that the outcome comes from."""
        return next((ground for ground in self.grounds if ground.outcome is self.outcome), None)
