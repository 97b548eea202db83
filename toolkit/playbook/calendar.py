"""Makes the school's calendar of what its file says, and finds what contradicts itself there."""

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from toolkit.errors import Problem
from toolkit.playbook.calendar_schema import CalendarForm, HalfTermForm, TermForm
from toolkit.playbook.school_schema import SchoolForm
from toolkit.sdk.audience import EVERYONE
from toolkit.sdk.calendar import WEEK, Break, Calendar, Days, Pattern, Term
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Source, Step, line_of

_OPENS, _SHUTS = time(9), time(15)
_LONGEST_TERM = timedelta(days=366)
_LONGEST_SPAN = timedelta(days=10 * 366)
_NEAR = timedelta(days=60)  # inset days stand at the ends of holidays; one further away has the wrong year


def calendar_of(form: SchoolForm) -> Calendar | None:
    """Make the calendar of a school file in which nothing is wrong; None where it has none."""
    written = form.calendar
    if written is None:
        return None
    terms = sorted((_term(one) for one in written.terms), key=lambda term: term.days)
    hours = written.working_hours
    return Calendar(
        zone=ZoneInfo(form.time_zone),
        opens=hours.opens if hours else _OPENS,
        shuts=hours.shuts if hours else _SHUTS,
        terms=tuple(terms),
        inset_days=frozenset(written.inset_days),
        bank_holidays=_bank_holidays(written),
        closed=tuple(Break(one.name, Days(one.first, one.last)) for one in written.closures),
        patterns={
            one.who.casefold(): Pattern(frozenset(WEEK.index(day) for day in one.days), one.term_time_only)
            for one in written.patterns
        },
    )


def wrong_in_calendar(form: SchoolForm, source: Source) -> Iterator[Problem]:
    """Find what the words of the form cannot refuse: days that contradict each other, people whom nobody knows."""
    if form.calendar is None:
        return
    wrong = list(_wrong_terms(form.calendar.terms))
    found = wrong or [*_wrong_inset_days(form.calendar), *_wrong_closures(form.calendar)]
    for path, message in (*found, *_wrong_patterns(form, form.calendar)):
        yield source.problem(line_of(source.root, ("calendar", *path), otherwise=source.root.line), message)


_Wrong = tuple[tuple[Step, ...], str]  # a place below `calendar`, and what is wrong there


def _term(form: TermForm) -> Term:
    half_terms = (Break(one.name or f"Half-term of {form.name}", _days(one)) for one in form.half_terms)
    return Term(form.name, _days(form), tuple(half_terms), form.holiday or "")


def _days(form: TermForm | HalfTermForm) -> Days:
    return Days(form.first, form.last)


def _bank_holidays(form: CalendarForm) -> Mapping[date, str]:
    kept = form.bank_holidays
    if kept is None:
        return {}
    from holidays import country_holidays  # here, since most runs of the tool need none

    years = range(min(one.first for one in form.terms).year - 1, max(one.last for one in form.terms).year + 2)
    every = country_holidays(kept.country, subdiv=kept.subdivision, years=years)
    return {day: name for day, name in every.items() if day not in kept.open_on}


def _wrong_terms(terms: list[TermForm]) -> Iterator[_Wrong]:
    for place, term in enumerate(terms):
        if term.last - term.first > _LONGEST_TERM:
            yield ("terms", place, "to"), f"{quoted(term.name)} is longer than a year"
        yield from ((("terms", place, *path), message) for path, message in _wrong_half_terms(term))
    for (_, one), (place, other) in combinations(enumerate(terms), 2):
        if one.name == other.name:
            yield ("terms", place, "name"), f"a second term is called {quoted(one.name)}"
        if _overlap(one, other):
            message = f"{quoted(other.name)} overlaps {quoted(one.name)}, which is from {one.first} to {one.last}"
            yield ("terms", place, "from"), message
    first, last = min(term.first for term in terms), max(term.last for term in terms)
    if last - first > _LONGEST_SPAN:
        yield ("terms",), f"the terms are from {first} to {last}: a calendar holds ten years at most"


def _wrong_half_terms(term: TermForm) -> Iterator[_Wrong]:
    for place, one in enumerate(term.half_terms):
        if not (term.first <= one.first and one.last <= term.last):
            message = f"this half-term is not inside {quoted(term.name)}, which is from {term.first} to {term.last}"
            yield ("half_terms", place, "to" if term.first <= one.first else "from"), message
    for (_, one), (place, other) in combinations(enumerate(term.half_terms), 2):
        if _overlap(one, other):
            yield ("half_terms", place, "from"), f"overlaps the half-term from {one.first} to {one.last}"


def _overlap(one: TermForm | HalfTermForm, other: TermForm | HalfTermForm) -> bool:
    return one.first <= other.last and other.first <= one.last


def _wrong_inset_days(form: CalendarForm) -> Iterator[_Wrong]:
    first, last = min(term.first for term in form.terms), max(term.last for term in form.terms)
    bank_holidays = _bank_holidays(form)
    for place, day in enumerate(form.inset_days):
        closed = next((one.name for one in form.closures if one.first <= day <= one.last), bank_holidays.get(day))
        if closed:
            yield ("inset_days", place), f"{day} cannot be an inset day: the school is closed ({closed})"
        if day in form.inset_days[:place]:
            yield ("inset_days", place), f"{day} is written twice"
        if not first - _NEAR <= day <= last + _NEAR:
            yield ("inset_days", place), f"{day} is far from every term; they are from {first} to {last}"


def _wrong_closures(form: CalendarForm) -> Iterator[_Wrong]:
    first, last = min(term.first for term in form.terms), max(term.last for term in form.terms)
    for place, one in enumerate(form.closures):
        if one.last < first or one.first > last:
            message = f"{quoted(one.name)} is outside of the terms, which are from {first} to {last}"
            yield ("closures", place, "from"), message


def _wrong_patterns(form: SchoolForm, calendar: CalendarForm) -> Iterator[_Wrong]:
    roles = {*form.roles, EVERYONE}
    names = [one.who.casefold() for one in calendar.patterns]
    for place, one in enumerate(calendar.patterns):
        if "@" not in one.who and one.who not in roles:
            yield ("patterns", place, "for"), f"unknown role {quoted(one.who)}{did_you_mean(one.who, roles)}"
        if names[place] in names[:place]:
            yield ("patterns", place, "for"), f"{quoted(one.who)} has two patterns: keep one"
