"""What a drift remembers of its findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from toolkit.drift.differences import Difference
from toolkit.ledger.findings import Ending
from toolkit.sdk.audit_log import Actor


class FindingNovelty(StrEnum):
    """What a finding is to whoever read the drift before."""

    NEW = "new"
    ONGOING = "ongoing"
    CONTESTED = "contested"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class RememberedFinding:
    """What is remembered of one finding."""

    difference: Difference
    state: FindingNovelty
    since: datetime
    cause: str
    actor: Actor | None
    changed: datetime | None  # when the actor did it
    news: bool  # it was not told like this by the drift before


@dataclass(frozen=True, slots=True)
class Ended:
    """A finding that is none any more: told once."""

    id: str
    difference: Difference
    since: datetime
    how: Ending


@dataclass(frozen=True, slots=True)
class Remembrance:
    """What a drift remembers of everything that it found, by the id of the finding."""

    told: Mapping[str, RememberedFinding] = field(default_factory=dict)
    ended: Sequence[Ended] = ()
    unread: Sequence[str] = ()  # why a log of the tenants, which would tell who changed it, could not be read
