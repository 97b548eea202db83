"""The data of a first look: the facts by section, and the gaps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from toolkit.part_modules import BrokenModule
from toolkit.planning.plan_details import Unknown
from toolkit.records import dataclass
from toolkit.sdk.check import Finding
from toolkit.sdk.connector import TenantSeen
from toolkit.sdk.directory import Directory
from toolkit.sdk.resource import Observed


class LookState(StrEnum):
    """The possible states of a fact: whether it was read, and whether someone should ask about it."""

    READ = "read"
    ASK = "ask about this"
    UNAVAILABLE = "not in the licence"
    UNREAD = "not read"


@dataclass(frozen=True, slots=True)
class LookFact:
    """A fact on the page about one cloud."""

    provider: str
    text: str
    state: LookState
    source: str
    top: str = ""  # a shorter text for the top of the page


@dataclass(frozen=True, slots=True)
class LookRow:
    """A question on the page, with a fact for each cloud that answers it."""

    label: str
    risk: str  # the control whose risk it is
    facts: Sequence[LookFact]

    @property
    def asks(self) -> bool:
        """Return whether someone should ask about the question, because of a fact of any cloud."""
        return any(fact.state is LookState.ASK for fact in self.facts)


@dataclass(frozen=True, slots=True)
class LookSection:
    """The questions that the page shows under the same heading."""

    title: str
    rows: Sequence[LookRow]


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap in the reading of a cloud: its subject, the reason and the next step."""

    subject: str
    why: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudReading:
    """The reading of a cloud in a first look: its objects, findings and people."""

    provider: str
    title: str
    tenant: TenantSeen
    directory: Directory
    objects: Mapping[str, Sequence[Observed]]  # by kind, without the provider's name
    unknown: Sequence[Unknown]  # whole kinds, and single objects
    unavailable: Mapping[str, str]  # kinds that the licences lack, with the reason
    left_out: Mapping[str, str]  # kinds that a look does not read, with the reason
    findings: Mapping[tuple[str, str], Finding]  # by control and subject
    requests: int
    broken_kinds: Sequence[BrokenModule] = ()  # kinds that cannot be loaded, and so were not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The results of a first look at a school's tenants."""

    practice: bool  # the tenants are emulated
    school: str
    domains: Sequence[str]
    now: datetime  # in the school's time zone
    clouds: Sequence[CloudReading]
    not_looked_at: Mapping[str, str]  # clouds, with the reason
    refused: bool  # the sign-in to one of these was refused
    sections: Sequence[LookSection]
    gaps: Sequence[Gap]

    @property
    def rows(self) -> Sequence[LookRow]:
        """Return the questions of all sections."""
        return [row for section in self.sections for row in section.rows]

    @property
    def is_complete(self) -> bool:
        """Return whether everything that a first look needs could be read."""
        return not (self.gaps or self.refused)
