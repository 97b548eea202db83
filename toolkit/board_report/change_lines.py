"""The lines that a report has about changes."""

from collections.abc import Sequence
from datetime import datetime

from toolkit.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedClause:
    """A clause whose status has changed, or that has more gaps than before."""

    clause: str
    before: str
    now: str
    where: str
    change: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run that wrote to the tenants, with the objects that it changed."""

    at: datetime
    what: str
    detail: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A difference that a drift check found, and how the difference ended."""

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
    """A difference with the names of its object and setting. Only the evidence pack has these names."""

    object: str
    setting: str


@dataclass(frozen=True, slots=True)
class EarlierChanges:
    """The numbers of earlier runs and findings that a report counts but does not list."""

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
