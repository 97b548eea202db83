"""The schema of `calendar:` in the school file, its conversion to a calendar, and checks for contradictions."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, time, timedelta
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo

from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted, shown
from toolkit.playbook.playbook_schema import Clock, Day, FileForm, Line, check_not_before_from
from toolkit.school.calendar import WEEK, Break, Calendar, Days, Pattern, Term
from toolkit.sdk.directory import EVERYONE
from toolkit.yaml.node import Source, Step, line_of

if TYPE_CHECKING:
    from holidays import HolidayBase

_YEARS = range(2000, 2100)


def _check_year(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(f"{day} is not between {_YEARS[0]} and {_YEARS[-1]}")
    return day


def _check_closing_time(shuts: time, info: ValidationInfo) -> time:
    opens = info.data.get("opens")
    if opens is not None and shuts <= opens:
        raise ValueError(f"{shuts:%H:%M} does not come after {opens:%H:%M}, the time in `from`")
    return shuts


def _check_country(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError(f"{shown(code)} is not a two-letter country code, such as GB for the United Kingdom")
    if bank_holiday_class(code) is None:
        raise ValueError(f"the bank holidays of {shown(code)} are unknown. Write them under `closures`")
    return code


@cache
def bank_holiday_class(code: str) -> "type[HolidayBase] | None":
    """Return the library's class of bank holidays for a country, or None if the library does not have the country.

    The country's module is loaded without its package, because the package loads 250 countries.
    """
    import holidays.registry

    for module, (name, *codes) in holidays.registry.COUNTRIES.items():
        if code in codes:
            spec = PathFinder.find_spec(module, [str(Path(holidays.__file__).parent / "countries")])
            assert spec
            assert spec.loader
            country = module_from_spec(spec)
            spec.loader.exec_module(country)
            return cast("type[HolidayBase]", getattr(country, name))
    return None


def _check_subdivision(part: str | None, info: ValidationInfo) -> str | None:
    country = info.data.get("country")
    if country is None or part is None or not (bank_holidays := bank_holiday_class(country)):
        return part
    parts = bank_holidays.subdivisions
    if part not in parts:
        hint = (
            f"there is {', '.join(parts)}"
            if parts
            else "this country has no parts with their own bank holidays. Delete `subdivision`"
        )
        raise ValueError(f"{shown(part)} is not part of {country}; {hint}")
    return part


NearDay = Annotated[Day, AfterValidator(_check_year)]
LastDay = Annotated[Day, AfterValidator(_check_year), AfterValidator(check_not_before_from)]


class HalfTermForm(FileForm):
    """A half-term break. Adjoining weekends need not be included."""

    name: Line | None = Field(default=None, description="The name of the break. Default: half-term of the term.")
    first: NearDay = Field(alias="from", description="Its first day.")
    last: LastDay = Field(alias="to", description="The last day of the break.")


class TermForm(FileForm):
    """A term of the school year, with its half-terms."""

    name: Line = Field(description="For example Autumn term 2026.")
    first: NearDay = Field(alias="from", description="The first day on which pupils attend.")
    last: LastDay = Field(alias="to", description="The last day on which pupils attend.")
    half_terms: list[HalfTermForm] = Field(default=[], description="The half-term breaks in the term.")
    holiday: Line | None = Field(default=None, description="The name of the holiday after the term, such as Christmas.")


class ClosureForm(FileForm):
    """Further days on which the school is closed."""

    name: Line = Field(description="A name such as Polling day. Replies may show it.")
    first: NearDay = Field(alias="from", description="The first day.")
    last: LastDay = Field(alias="to", description="The last day of the closure.")


class BankHolidaysForm(FileForm):
    """The country whose bank holidays apply to the school."""

    country: Annotated[Line, AfterValidator(_check_country)] = Field(
        description="The two-letter country code, such as GB."
    )
    subdivision: Annotated[Line | None, AfterValidator(_check_subdivision)] = Field(
        default=None, description="The part of the country, if its bank holidays differ, such as ENG."
    )
    open_on: list[NearDay] = Field(default=[], description="Bank holidays on which the school is open.")


class HoursForm(FileForm):
    """The hours in which everyone who works on a day is at school."""

    opens: Clock = Field(alias="from", description="For example 09:00.")
    shuts: Annotated[Clock, AfterValidator(_check_closing_time)] = Field(alias="to", description="For example 15:00.")


class PatternForm(FileForm):
    """The working days of a role or a person."""

    who: Line = Field(alias="for", description="A role, a person's e-mail address, or everyone.")
    days: list[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]] = Field(
        default=["monday", "tuesday", "wednesday", "thursday", "friday"],
        description="The days of the week, or [] for supply staff, who do not have fixed days.",
    )
    term_time_only: bool = Field(default=True, description="false if these people also work in the holidays.")


class CalendarForm(FileForm):
    """The school year, with its terms, holidays and working hours."""

    terms: list[TermForm] = Field(min_length=1, description="The terms of this year and, once known, the next.")
    inset_days: list[NearDay] = Field(default=[], description="Days on which staff are at school and pupils are not.")
    bank_holidays: BankHolidaysForm | None = Field(
        default=None, description="The bank holidays on which the school is closed."
    )
    closures: list[ClosureForm] = Field(default=[], description="Additional days on which no one works.")
    working_hours: HoursForm | None = Field(
        default=None,
        description="The hours in which everyone who works on a day is at school. Default: 09:00 to 15:00.",
    )
    patterns: list[PatternForm] = Field(
        default=[],
        description="Working days of roles or people. Everyone else works from Monday to Friday in term time.",
    )


_OPENS, _SHUTS = time(9), time(15)
_LONGEST_TERM = timedelta(days=366)
_LONGEST_SPAN = timedelta(days=10 * 366)
_NEAR = timedelta(days=60)  # an INSET day is close to a term, so a distant day probably has a wrong year


def to_calendar(written: CalendarForm | None, zone: str) -> Calendar | None:
    """Return the calendar of a checked school file, or None if it does not have one."""
    if written is None:
        return None
    terms = sorted((_to_term(form) for form in written.terms), key=lambda term: term.days)
    hours = written.working_hours
    return Calendar(
        zone=ZoneInfo(zone),
        opens=hours.opens if hours else _OPENS,
        shuts=hours.shuts if hours else _SHUTS,
        terms=tuple(terms),
        inset_days=frozenset(written.inset_days),
        bank_holidays=_bank_holidays_in_terms(written),
        closed=tuple(Break(closure.name, Days(closure.first, closure.last)) for closure in written.closures),
        patterns={
            pattern.who.casefold(): Pattern(frozenset(WEEK.index(day) for day in pattern.days), pattern.term_time_only)
            for pattern in written.patterns
        },
    )


def calendar_problems(form: CalendarForm | None, roles: Collection[str], source: Source) -> Iterator[Problem]:
    """Yield a problem for each pair of dates that contradict each other, and for each unknown role or person."""
    if form is None:
        return
    problems_in_terms = list(_term_errors(form.terms))
    problems_in_dates = problems_in_terms or [*_inset_day_errors(form), *_closure_errors(form)]
    for path, message in (*problems_in_dates, *_pattern_errors(form, {*roles, EVERYONE})):
        yield source.problem(line_of(source.root, ("calendar", *path), otherwise=source.root.line), message)


_CalendarError = tuple[tuple[Step, ...], str]  # a path below `calendar`, and the error


def _to_term(form: TermForm) -> Term:
    half_terms = (
        Break(half_term.name or f"Half-term of {form.name}", _to_days(half_term)) for half_term in form.half_terms
    )
    return Term(form.name, _to_days(form), tuple(half_terms), form.holiday or "")


def _to_days(form: TermForm | HalfTermForm) -> Days:
    return Days(form.first, form.last)


def _bank_holidays_in_terms(form: CalendarForm) -> Mapping[date, str]:
    settings = form.bank_holidays
    if settings is None:
        return {}
    years = range(min(term.first for term in form.terms).year - 1, max(term.last for term in form.terms).year + 2)
    bank_holidays = _holidays_in_years(settings.country, settings.subdivision, years)
    return {day: name for day, name in bank_holidays.items() if day not in settings.open_on}


@cache
def _holidays_in_years(country: str, subdivision: str | None, years: range) -> Mapping[date, str]:
    bank_holidays = bank_holiday_class(country)
    return dict(bank_holidays(subdiv=subdivision, years=years)) if bank_holidays else {}


def _term_errors(terms: list[TermForm]) -> Iterator[_CalendarError]:
    for place, term in enumerate(terms):
        if term.last - term.first > _LONGEST_TERM:
            yield ("terms", place, "to"), f"{quoted(term.name)} is longer than a year"
        yield from ((("terms", place, *path), message) for path, message in _half_term_errors(term))
    for (_, earlier), (place, later) in combinations(enumerate(terms), 2):
        if earlier.name == later.name:
            yield ("terms", place, "name"), f"a second term is called {quoted(earlier.name)}"
        if _do_overlap(earlier, later):
            message = (
                f"{quoted(later.name)} overlaps {quoted(earlier.name)}, which is from {earlier.first} to {earlier.last}"
            )
            yield ("terms", place, "from"), message
    first, last = min(term.first for term in terms), max(term.last for term in terms)
    if last - first > _LONGEST_SPAN:
        yield ("terms",), f"the terms are from {first} to {last}, but a calendar can have at most ten years"


def _half_term_errors(term: TermForm) -> Iterator[_CalendarError]:
    for place, half_term in enumerate(term.half_terms):
        if not (term.first <= half_term.first and half_term.last <= term.last):
            message = f"this half-term is not inside {quoted(term.name)}, which is from {term.first} to {term.last}"
            yield ("half_terms", place, "to" if term.first <= half_term.first else "from"), message
    for (_, earlier), (place, later) in combinations(enumerate(term.half_terms), 2):
        if _do_overlap(earlier, later):
            yield ("half_terms", place, "from"), f"overlaps the half-term from {earlier.first} to {earlier.last}"


def _do_overlap(first: TermForm | HalfTermForm, second: TermForm | HalfTermForm) -> bool:
    return first.first <= second.last and second.first <= first.last


def _inset_day_errors(form: CalendarForm) -> Iterator[_CalendarError]:
    first, last = min(term.first for term in form.terms), max(term.last for term in form.terms)
    bank_holidays = _bank_holidays_in_terms(form)
    for place, day in enumerate(form.inset_days):
        closed = next(
            (closure.name for closure in form.closures if closure.first <= day <= closure.last), bank_holidays.get(day)
        )
        if closed:
            yield ("inset_days", place), f"{day} cannot be an INSET day because the school is closed ({closed})"
        if day in form.inset_days[:place]:
            yield ("inset_days", place), f"{day} is written twice"
        if not first - _NEAR <= day <= last + _NEAR:
            yield ("inset_days", place), f"{day} is far from every term. The terms are from {first} to {last}"


def _closure_errors(form: CalendarForm) -> Iterator[_CalendarError]:
    first, last = min(term.first for term in form.terms), max(term.last for term in form.terms)
    for place, closure in enumerate(form.closures):
        if closure.last < first or closure.first > last:
            message = f"{quoted(closure.name)} is outside the terms, which are from {first} to {last}"
            yield ("closures", place, "from"), message


def _pattern_errors(form: CalendarForm, roles: Collection[str]) -> Iterator[_CalendarError]:
    names = [pattern.who.casefold() for pattern in form.patterns]
    for place, pattern in enumerate(form.patterns):
        if "@" not in pattern.who and pattern.who not in roles:
            yield ("patterns", place, "for"), f"unknown role {quoted(pattern.who)}{did_you_mean(pattern.who, roles)}"
        if names[place] in names[:place]:
            yield ("patterns", place, "for"), f"{quoted(pattern.who)} has two patterns. Keep one of them"
