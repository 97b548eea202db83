"""The records of the time before an export: earlier statuses, writes of runs, and findings of drift checks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from toolkit.ledger.checklists import StartedChecklist
from toolkit.ledger.entries import MatterAnswered
from toolkit.planning.finding_state import Ending
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.sdk.resource import Address

MOST = 100
"""How many runs, and how many findings, an export lists. It counts earlier ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierStatuses:
    """The statuses of the policy's clauses at an earlier time."""

    at: datetime
    playbooks: str  # their digest
    statuses: Mapping[str, str]
    lacking: Mapping[str, Mapping[str, str]] | None = None  # the gaps by clause, None if they were not recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How many changes outside the playbooks were found in a period, and how soon they were put right."""

    found: int = 0
    put_right: int = 0
    minutes: int | None = None  # from when it was first seen until it was right, the median


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierExport(EarlierStatuses):
    """The statuses in an earlier export, and the findings between that export and the export before it."""

    course: Course = Course()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWrite:
    """The number of objects of each kind that a run wrote."""

    at: datetime
    command: str
    counts: Mapping[str, int]
    override: str = ""  # the reason for a run outside windows and freezes


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChange:
    """A change outside the playbooks that a drift check found, and how the change ended."""

    first_seen: datetime  # by the first drift that found it
    since: datetime
    address: Address
    path: str
    what: str
    cause: str
    actor: str | None = None  # as the ledger has it
    person: bool = False
    ended: datetime | None = None
    how: Ending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEnd:
    """An exception that a run ended late on a cloud, with the delay in minutes."""

    at: datetime
    exception: str
    provider: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The time at which the reported period begins. If no value is set, it begins at the last export."""

    day: datetime | None = None  # its first moment, by the school's clock
    earlier: EarlierStatuses | None = None  # from the file of an earlier export
    after: int | None = None  # the last entry behind this file, if this ledger has it

    def is_in_period(self, n: int, at: datetime) -> bool:
        """Return whether a ledger entry is in the reported period.

        Every export restarts the period, except the last one.
        """
        if self.after is not None:
            return n > self.after
        begins = self.earlier.at if self.earlier else self.day
        return begins is None or at >= begins

    @property
    def since_last_export(self) -> bool:
        return self.day is None and self.earlier is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPast:
    """The ledger's records of the time before an export."""

    exports: Sequence[EarlierExport] = ()  # drafts and finals, the last first
    released: Sequence[EarlierExport] = ()  # released exports, the last first
    before: EarlierStatuses | None = None  # the statuses to compare with
    writes: Sequence[RunWrite] = ()  # the latest runs of the period, as are the fields below
    earlier_writes: int = 0  # the number before these
    last_writes: Mapping[Address, datetime] = field(default_factory=dict)  # when a run last wrote an object
    findings: Sequence[FoundChange] = ()  # the latest findings first seen or put right in the period
    earlier_findings: int = 0
    endings: Mapping[Address, FoundChange] = field(default_factory=dict)  # the last end of a finding, by object
    course: Course = Course()
    since_released: Course = Course()  # since the last report that was released
    in_all: Course = Course()
    open: int = 0
    still_different: Sequence[FoundChange] = ()  # the first of the open findings
    looks: int = 0  # drifts of the period
    longest: timedelta = timedelta()  # between two drifts of the period
    last_look: datetime | None = None
    removed: Sequence[LateEnd] = ()  # ever
    put_in_place: Mapping[str, Collection[str]] = field(default_factory=dict)  # clouds by exception, ever
    lacking: Mapping[str, Mapping[str, datetime]] | None = None
    """By clause and subject, since when each report has named the gap. None if it was not recorded."""
    answers: Mapping[str, Sequence[MatterAnswered]] = field(default_factory=dict)  # by matter, the first one first
    checklists: Sequence[StartedChecklist] = ()  # ever


LONG = timedelta(days=2)
"""A longer time without a check is reported, because a drift should run every night."""

_HOUR, _DAY = 60, 24 * 60
_SOON = 2
_UNASKED = "found changed outside the agreed set-up"


def period_sentences(past: ReportPast, now: datetime) -> list[str]:
    """Return sentences about the period since the earlier report."""
    return list(_period_sentences(past, now))


def _period_sentences(past: ReportPast, now: datetime) -> Iterator[str]:
    runs = len(past.writes) + past.earlier_writes
    yield (
        f"{count_text(runs, 'run')} of the tool changed something." if runs else "No run of the tool changed anything."
    )
    if past.looks:
        yield f"In this time it looked for changes {'once' if past.looks == 1 else f'{past.looks} times'}."
    if past.looks or past.course.found or past.course.put_right:
        yield _found_sentence(past.course)
    elif past.before:
        yield "The tool did not look for changes since then, so changes that were made and reversed are unknown."
    gap = max(past.longest, now - past.last_look if past.last_look else timedelta())
    if past.looks and gap > LONG:
        yield f"The longest time without a check was {duration_text(round(gap.total_seconds() / 60))}."


def whole_record_sentence(course: Course, still: int) -> str:
    """Return a sentence about all findings since the record began."""
    if not course.found:
        return f"As far as the record reaches, nothing was {_UNASKED}."
    rest = f"{still} {'is' if still == 1 else 'are'} still open" if still else "None is still open"
    return f"As far as the record reaches: {_found_sentence(course)} {rest}, as was seen last."


def _found_sentence(course: Course) -> str:
    if not course.found and not course.put_right:
        return f"Nothing was {_UNASKED}."
    were = "was" if course.found == 1 else "were"
    sentence = (
        f"{count_text(course.found, 'thing')} {were} {_UNASKED}." if course.found else f"Nothing more was {_UNASKED}."
    )
    return f"{sentence} {_put_right_sentence(course)}"


def _put_right_sentence(course: Course) -> str:
    if not course.put_right:
        return "None was put right."
    if course.put_right == 1:
        return f"1 was put right, after {duration_text(course.minutes)}."
    return (
        f"{course.put_right} were put right, half of them within {duration_text(course.minutes)} of being seen first."
    )


def duration_text(minutes: int | None) -> str:
    """Return a duration in the largest unit that fits, such as "3 days"."""
    if minutes is None:
        return "-"
    if minutes < _SOON * _HOUR:
        return count_text(minutes, "minute")
    if minutes < _SOON * _DAY:
        return count_text(round(minutes / _HOUR), "hour")
    return count_text(round(minutes / _DAY), "day")
