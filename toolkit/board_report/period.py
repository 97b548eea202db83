"""What an export reports about the time before: status of clauses, writes of runs, findings of drifts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from toolkit.ledger.checklists import StartedChecklist
from toolkit.ledger.entries import MatterAnswered
from toolkit.planning.finding_state import Ending
from toolkit.records import dataclass
from toolkit.render.values_text import counted
from toolkit.sdk.resource import Address

MOST = 100
"""How many runs, and how many findings, an export tells one by one; of those before them it gives the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierStatuses:
    """How the clauses stood at an earlier time."""

    at: datetime
    playbooks: str  # their digest
    statuses: Mapping[str, str]
    lacking: Mapping[str, Mapping[str, str]] | None = None  # by clause, what did not hold; None: nobody wrote it down


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How much the drifts of some time found changed, by no playbook and no date, and how soon it was right again."""

    found: int = 0
    put_right: int = 0
    minutes: int | None = None  # from when it was first seen until it was right, the median


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierExport(EarlierStatuses):
    """What an earlier export said, and what drifts found from the one before it on."""

    course: Course = Course()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWrite:
    """What one run wrote, counted by kind of object."""

    at: datetime
    command: str
    counts: Mapping[str, int]
    override: str = ""  # why it did not keep to windows and freezes


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChange:
    """One thing that a drift found changed, by no playbook and no date, and how that ended."""

    first_seen: datetime  # by the drift that told of it first
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
    """An exception that a run brought to its end on one cloud, and how many minutes late."""

    at: datetime
    exception: str
    provider: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """From when on an export tells what changed; with nothing given, from the export before it."""

    day: datetime | None = None  # its first moment, by the school's clock
    earlier: EarlierStatuses | None = None  # what the file of an earlier export says
    after: int | None = None  # the last entry that this file rests on, where it is of this ledger

    def is_in_period(self, n: int, at: datetime) -> bool:
        """Say whether an entry is of the time that is told; each export before the last starts it again."""
        if self.after is not None:
            return n > self.after
        begins = self.earlier.at if self.earlier else self.day
        return begins is None or at >= begins

    @property
    def since_last_export(self) -> bool:
        return self.day is None and self.earlier is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPast:
    """What the ledger says about the time before, as far as an export tells it."""

    exports: Sequence[EarlierExport] = ()  # drafts and finals, the last first
    released: Sequence[EarlierExport] = ()  # those that were released, the last first
    before: EarlierStatuses | None = None  # what the clauses are compared with
    writes: Sequence[RunWrite] = ()  # meanwhile, as all that follows: the latest runs
    earlier_writes: int = 0  # how many came before those
    last_writes: Mapping[Address, datetime] = field(default_factory=dict)  # when a run last wrote an object
    findings: Sequence[FoundChange] = ()  # first seen meanwhile, or put right: the latest
    earlier_findings: int = 0
    endings: Mapping[Address, FoundChange] = field(default_factory=dict)  # what ended last of an object
    course: Course = Course()
    since_released: Course = Course()  # since the last report that was released
    in_all: Course = Course()
    open: int = 0
    looks: int = 0  # drifts of the period
    longest: timedelta = timedelta()  # between two drifts of the period
    last_look: datetime | None = None
    removed: Sequence[LateEnd] = ()  # ever
    put_in_place: Mapping[str, Collection[str]] = field(default_factory=dict)  # by exception, the clouds; ever
    lacking: Mapping[str, Mapping[str, datetime]] | None = None
    """By clause and by what it is about, since when each report has said that it does not hold; None: not recorded."""
    answers: Mapping[str, Sequence[MatterAnswered]] = field(default_factory=dict)  # by matter, the first one first
    checklists: Sequence[StartedChecklist] = ()  # ever


LONG = timedelta(days=2)
"""A time without a look that is longer is said: a look is to be had every night."""

_HOUR, _DAY = 60, 24 * 60
_SOON = 2
_UNASKED = "found changed outside the agreed set-up"


def period_sentences(past: ReportPast, now: datetime) -> list[str]:
    """Report the time since the report before, in whole sentences."""
    return list(_period_sentences(past, now))


def _period_sentences(past: ReportPast, now: datetime) -> Iterator[str]:
    runs = len(past.writes) + past.earlier_writes
    yield f"{counted(runs, 'run')} of the tool changed something." if runs else "No run of the tool changed anything."
    if past.looks:
        yield f"In this time it looked for changes {'once' if past.looks == 1 else f'{past.looks} times'}."
    if past.looks or past.course.found or past.course.put_right:
        yield _course(past.course)
    elif past.before:
        yield "It did not look for changes in this time: what was changed and put back meanwhile is unknown."
    gap = max(past.longest, now - past.last_look if past.last_look else timedelta())
    if past.looks and gap > LONG:
        yield f"The longest time without a check was {duration_text(round(gap.total_seconds() / 60))}."


def in_all(course: Course, still: int) -> str:
    """Report all the time that the record reaches back."""
    if not course.found:
        return f"As far as the record reaches, nothing was {_UNASKED}."
    rest = f"{still} {'is' if still == 1 else 'are'} still open" if still else "None is still open"
    return f"As far as the record reaches: {_course(course)} {rest}, as was seen last."


def _course(course: Course) -> str:
    if not course.found and not course.put_right:
        return f"Nothing was {_UNASKED}."
    were = "was" if course.found == 1 else "were"
    sentence = (
        f"{counted(course.found, 'thing')} {were} {_UNASKED}." if course.found else f"Nothing more was {_UNASKED}."
    )
    return f"{sentence} {_put_right(course)}"


def _put_right(course: Course) -> str:
    if not course.put_right:
        return "None was put right."
    if course.put_right == 1:
        return f"1 was put right, after {duration_text(course.minutes)}."
    return (
        f"{course.put_right} were put right, half of them within {duration_text(course.minutes)} of being seen first."
    )


def duration_text(minutes: int | None) -> str:
    """Say how long something took, in the largest unit that fits."""
    if minutes is None:
        return "-"
    if minutes < _SOON * _HOUR:
        return counted(minutes, "minute")
    if minutes < _SOON * _DAY:
        return counted(round(minutes / _HOUR), "hour")
    return counted(round(minutes / _DAY), "day")
