"""What people did, as far as controls act on it; read after the directory and before a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away; why is nobody's business here."""

    person: str  # the immutable id
    begins: datetime
    ends: datetime
    source: str  # the calendar, or the file it was read from


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything that was seen; `unknown` says of whom nothing could be seen, and why."""

    absences: tuple[Absence, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)  # a person's id -> reason
