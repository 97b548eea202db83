"""The lines of a report about changes."""

from collections.abc import Sequence
from datetime import datetime

from toolkit.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedClause:
    """A clause whose status changed, or that has more gaps."""

    clause: str
    before: str
    now: str
    where: str
    change: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run that wrote to the tenants."""

    at: datetime
    what: str
    detail: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A difference that a drift found, and how it ended."""

    at: datetime
    what: str
    detail: str
    where: str
    by: str | None
    ended: datetime | None
    how: str | None
    minutes: int | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFindingLine(FindingLine):
    """A difference with the object and the setting, for evidence."""

    object: str
    setting: str


@dataclass(frozen=True, slots=True)
class EarlierChanges:
    """How many runs and findings are counted and not listed."""

    runs: int
    found: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSection:
    """The changes since an earlier report."""

    since: datetime | None
    playbooks_changed: bool | None
    clauses: Sequence[ChangedClause]
    new: Sequence[str]
    gone: Sequence[str]
    runs: Sequence[RunLine]
    found: Sequence[FindingLine]
    earlier: EarlierChanges
    put_right: int
    minutes: int | None
    looks: int
    told: Sequence[str]
