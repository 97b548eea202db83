"""The verdict on a part of a control on a cloud, with the outcome and the grounds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass as checked_dataclass
from datetime import datetime
from enum import StrEnum

from toolkit.records import dataclass
from toolkit.sdk.part import Level
from toolkit.sdk.reason import Reason
from toolkit.sdk.resource import Address


class PartOutcome(StrEnum):
    """The outcome for a part of a control, for example in place, differs or unknown."""

    IN_PLACE = "in place"  # read from the tenant, or always true of the service
    IN_PART = "in part"  # true only for some objects, people or devices
    DIFFERS = "differs"
    REFUSED = "refused"  # this run refuses the change
    FAILED = "failed"  # the service refused the change, or a test failed
    CONFIRMED = "confirmed"  # a person confirmed it until a date
    UNCONFIRMED = "unconfirmed"  # no valid confirmation
    EXCEPTED = "excepted"  # different, with an approved exception
    UNDECIDED = "undecided"  # the playbooks leave it to an unmanaged object
    UNAVAILABLE = "unavailable"  # the licences or the cloud lack it
    NOT_USED = "not used"  # no person or device is concerned, by a count that was read
    UNKNOWN = "unknown"  # it could not be read
    NOT_LOOKED_AT = "not looked at"  # this command does not read it
    OFF = "off"  # the control is off


class FactVerdict(StrEnum):
    """The meaning that an outcome has for a clause of the policy."""

    HOLDS = "holds"
    IN_PART = "in part"  # met only for some people or devices
    FAILS = "fails"
    EXCEPTED = "excepted"  # different for some people, with an approved exception
    OPEN = "open"  # a known gap: not checked, not confirmed, or not in the licence
    UNREAD = "unread"  # it should have been checked but could not be read


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
"""The meaning of each outcome. Other outcomes do not affect a clause."""

NEUTRAL = frozenset({PartOutcome.OFF, PartOutcome.NOT_USED})
"""Outcomes that do not affect a verdict."""

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
"""Outcomes from worst to best. A known failure is worse than an unknown state."""


def worst_outcome(outcomes: Iterable[PartOutcome]) -> PartOutcome:
    """Return the worst of these outcomes, or OFF if there are none."""
    present = tuple(outcomes)
    return next((outcome for rank in _RANKS for outcome in present if outcome in rank), PartOutcome.OFF)


@checked_dataclass(frozen=True, slots=True)
class Count:
    """A number of correct objects, people or devices out of a total. For some of them the result may be unknown.

    Raises ValueError for a negative number, or if the numbers exceed the total.
    """

    ok: int
    of: int
    unknown: int = 0
    noun: str = "object"  # a singular noun for the counted objects

    def __post_init__(self) -> None:
        """Raise ValueError if the numbers are impossible, because a reader would believe them."""
        if not 0 <= self.ok <= self.of or self.unknown < 0:
            raise ValueError(f"impossible count of {self.noun}s: {self.ok} of {self.of}, {self.unknown} unknown")


@dataclass(frozen=True, slots=True)
class WireEvidence:
    """Evidence that was read from the tenant: objects or counts."""

    read_at: datetime
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """Evidence that a person gave: a confirmation or the record of a test."""

    role: str
    on: str
    until: str


@dataclass(frozen=True, slots=True)
class LicenceEvidence:
    """Evidence that the licences or the cloud do not offer a part of a control."""


@dataclass(frozen=True, slots=True)
class VendorEvidence:
    """Evidence that the service always works like this, whatever its settings are."""


Evidence = WireEvidence | WordEvidence | LicenceEvidence | VendorEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A reason for a verdict, with an outcome and evidence."""

    outcome: PartOutcome
    reason: Reason
    says: Reason  # the source of the ground
    evidence: Evidence | None = None
    count: Count | None = None


@dataclass(frozen=True, slots=True, order=True)
class PartKey:
    """The key of a part of a control: control, audience, exception and cloud.

    For a check without a part, `part` is the subject of the check.
    """

    control: str
    audience: str
    exception: str
    provider: str
    part: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a part of a control. Every command shows the same verdict."""

    key: PartKey
    level: Level
    needed: bool  # whether a clause needs the part
    grounds: tuple[Ground, ...]
    of_control: bool = False  # whether it concerns the whole control: its audience, or its tenant

    @property
    def outcome(self) -> PartOutcome:
        """Return the worst outcome of the grounds."""
        return worst_outcome(ground.outcome for ground in self.grounds)

    @property
    def worst(self) -> Ground | None:
        """Return the ground with the worst outcome, or None if there are no grounds."""
        return next((ground for ground in self.grounds if ground.outcome is self.outcome), None)
