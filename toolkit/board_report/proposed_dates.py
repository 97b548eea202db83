"""Propose a date for each act that the board is asked to do, from dates that the school's files record.

A date is never invented: each one has the reason for which it is proposed.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product

from toolkit.board_report.plain_language import day_of
from toolkit.board_report.tables import ReportData
from toolkit.records import dataclass
from toolkit.school.school import School

_SOONEST = timedelta(days=7)
"""The least time that an act has, unless a date of its own is sooner."""
_WEEKEND = (5, 6)
_MONTHS = range(1, 13)
_NO_DATE = "The board sets the date, because the school’s files give none"


@dataclass(frozen=True, slots=True)
class ProposedDate:
    """A date that is proposed to the board, and the reason for which it is proposed."""

    on: date
    because: str


@dataclass(frozen=True, slots=True)
class BoardAct:
    """An act that the board is asked to do, with the date that is proposed for it and the same as a sentence."""

    what: str
    on: date | None = None
    because: str = ""
    date_told: str = f"{_NO_DATE}."


def act_by(what: str, proposed: ProposedDate | None) -> BoardAct:
    """Return an act with a proposed date, or without one if no date is on file."""
    if proposed is None:
        return BoardAct(what)
    return BoardAct(what, proposed.on, proposed.because, f"{_heading(proposed.on.isoformat(), proposed.because)}.")


def next_school_date(school: School, today: date) -> ProposedDate | None:
    """Return the next half-term, end of term or report that is at least a week away.

    Return None if the school file has no calendar and no schedule of reports, or if its calendar has ended.
    """
    later = [proposed for proposed in _school_dates(school, today) if proposed.on >= today + _SOONEST]
    return min(later, key=lambda proposed: proposed.on, default=None)


def _school_dates(school: School, today: date) -> Iterator[ProposedDate]:
    for term in school.calendar.terms if school.calendar else ():
        yield ProposedDate(term.days.last, f"{term.name} ends then")
        for half_term in term.half_terms:
            yield ProposedDate(_weekday_before(half_term.days.first), f"{half_term.name} begins after it")
    if (schedule := school.schedule) and (reports := schedule.reports):
        for year, month in product((today.year, today.year + 1), reports.months or _MONTHS):
            yield ProposedDate(date(year, month, reports.day), "the next report is made then")


def _weekday_before(first: date) -> date:
    before = first - timedelta(days=1)
    while before.weekday() in _WEEKEND:
        before -= timedelta(days=1)
    return before


@dataclass(frozen=True, slots=True)
class DatedActs:
    """The acts with the same proposed date, under one heading."""

    heading: str
    blank: str  # the name of the line on which the board writes a date
    acts: Sequence[str]


def acts_by_date(document: ReportData) -> list[DatedActs]:
    """Return the acts of a document by their proposed date, the soonest first, and acts without a date last.

    One act asks for the school's responses if any is missing. A document of an earlier version has acts without dates.
    """
    acts = document.get("acts") or [{"what": need} for need in document["needs"]]
    if document["unanswered"]:
        acts = [*acts, {"what": document["unanswered"], **(document.get("usual_date") or {})}]
    by_date: dict[tuple[str, str], list[str]] = {}
    for act in acts:
        by_date.setdefault((act.get("on") or "", act.get("because") or ""), []).append(act["what"])
    ordered = sorted(by_date.items(), key=lambda group: (not group[0][0], group[0]))
    return [DatedActs(_heading(on, because), "Other date" if on else "Date", names) for (on, because), names in ordered]


def _heading(on: str, because: str) -> str:
    return f"Proposed: by {day_of(on)}, because {because}" if on else _NO_DATE
