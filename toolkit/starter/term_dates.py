"""Parses term dates that were typed or that are in an .ics file of the school or its council."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.messages import one_of, quoted
from toolkit.records import dataclass

_ZONE = ZoneInfo("Europe/London")
_LARGEST = 1_000_000  # bytes
_SHORTEST_TERM = timedelta(days=14)
_NEAR = timedelta(days=60)
_SHOWN = 5
_YEARS = range(1900, 3000)
_TYPE_THEM = "Type the terms: Autumn term 2026-09-03 to 2026-12-18, ..."
_TYPED = re.compile(r"(?P<name>\D[^,]*?)(?<!\s)\s++(?P<first>\d{4}-\d\d-\d\d)\s++(?:to\s++)?(?P<last>\d{4}-\d\d-\d\d)")
_PROPERTY = re.compile(r'(SUMMARY|DTSTART|DTEND)(?:;[^:";]*+(?:"[^"]*+")?)*+:(.*)', re.IGNORECASE)
_HALF_TERM = re.compile(r"\bhalf[\s-]?term\b", re.IGNORECASE)
_INSET = re.compile(r"\binset\b|\b(staff|teacher)?\s*training day|\bstaff day", re.IGNORECASE)
_TERM = re.compile(r"\bterm\b", re.IGNORECASE)
_WHICH = re.compile(r"\b(autumn|spring|summer|term \d)\b", re.IGNORECASE)
_BEGINS = re.compile(r"\b(start|begin|open|first day|return)", re.IGNORECASE)
_ENDS = re.compile(r"\b(end|close|finish|last day|break)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FirstTerm:
    """A term with its first and last day, and the first and last day of each half-term break."""

    name: str
    first: date
    last: date
    half_terms: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class TermDates:
    """A school's terms and INSET days, and the source of the dates."""

    terms: Sequence[FirstTerm] = ()
    inset_days: Sequence[date] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Event:
    """An event of an .ics file, with its first and last day."""

    name: str
    first: date
    last: date


def typed_terms(entries: Sequence[str]) -> TermDates:
    """Parse terms such as `Autumn term 2026-09-03 to 2026-12-18`. Raise ValueError for any other text."""
    terms = []
    for entry in entries:
        match = _TYPED.fullmatch(entry)
        if match is None:
            raise ValueError(
                f"{entry!r} is not a term such as `Autumn term 2026-09-03 to 2026-12-18`, or the path of an .ics file"
            )
        term = FirstTerm(match["name"], _parse_date(match["first"]), _parse_date(match["last"]))
        if term.last < term.first:
            raise ValueError(f"{term.name} ends before it begins")
        terms.append(term)
    _refuse_overlaps(sorted(terms, key=lambda term: term.first))
    return TermDates(terms)


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is not a date such as 2026-09-03") from error


def _refuse_overlaps(terms: Sequence[FirstTerm]) -> None:
    for earlier, later in pairwise(terms):
        if later.first <= earlier.last:
            raise ValueError(
                f"{quoted(later.name)} begins before {quoted(earlier.name)} ends. Type the terms in order, without "
                "overlaps"
            )


def read_calendar(path: Path, today: date) -> TermDates:
    """Return the present and future terms in an .ics file. Raise ValueError if the file is unreadable or has none."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} cannot be read because it is not UTF-8 text") from error
    if len(content) > _LARGEST:
        raise ValueError(f"{path} is larger than 1 MB. Save a file with only the term dates")
    return replace(term_dates(text, today), source=path.name)


def term_dates(text: str, today: date) -> TermDates:
    """Return the terms that have not ended in the text of an .ics file, with half-terms and INSET days."""
    events = sorted(_read_events(text), key=lambda event: (event.first, event.name))
    terms = [term for term in _long_terms(events) or _paired_terms(events) if term.last >= today]
    if not terms:
        names = [quoted(event.name) for event in events[:_SHOWN]]
        there = f"it has only entries such as {one_of(names, 'and')}" if names else "it has no entries"
        raise ValueError(f"the file has no present or future term: {there}. {_TYPE_THEM}")
    _refuse_overlaps(terms)
    breaks = [(event.first, event.last) for event in events if _HALF_TERM.search(event.name)]
    first, last = terms[0].first - _NEAR, terms[-1].last + _NEAR
    inset = {event.first for event in events if _INSET.search(event.name) and first <= event.first <= last}
    return TermDates([_add_half_terms(term, breaks) for term in terms], sorted(inset))


def _add_half_terms(term: FirstTerm, breaks: Sequence[tuple[date, date]]) -> FirstTerm:
    inside = (days for days in dict.fromkeys(breaks) if term.first <= days[0] <= days[1] <= term.last)
    return replace(term, half_terms=tuple(inside))


def _long_terms(events: Sequence[_Event]) -> Sequence[FirstTerm]:
    """Return a term for each calendar event that is long enough to be a term."""
    return [
        FirstTerm(_name_with_year(event.name, event.first), event.first, event.last)
        for event in events
        if _is_term_date(event) and event.last - event.first >= _SHORTEST_TERM
    ]


def _paired_terms(events: Sequence[_Event]) -> Sequence[FirstTerm]:
    """Return the terms whose first and last days are separate calendar events."""
    begun: dict[str, date] = {}
    terms = []
    for event in events:
        which = _WHICH.search(event.name)
        if not which or not _is_term_date(event):
            continue
        name = which[1].capitalize() if " " in which[1] else f"{which[1].capitalize()} term"
        if _BEGINS.search(event.name):
            begun[name] = event.first
        elif _ENDS.search(event.name) and name in begun:
            first = begun.pop(name)
            terms.append(FirstTerm(_name_with_year(name, first), first, event.last))
    return sorted(terms, key=lambda term: term.first)


def _is_term_date(event: _Event) -> bool:
    return bool(_TERM.search(event.name)) and not _HALF_TERM.search(event.name) and not _INSET.search(event.name)


def _name_with_year(name: str, first: date) -> str:
    """Return a term's name with its year, so that it is unique."""
    return name if re.search(r"\b\d{4}\b", name) else f"{name} {first.year}"


def _read_events(text: str) -> Iterator[_Event]:
    """Yield each event of an .ics file with its dates. A line that begins with a space continues the previous line."""
    properties: dict[str, tuple[int, str]] = {}
    number = 1
    for line in re.split(r"\r?\n(?![ \t])", text):
        whole = re.sub(r"\r?\n[ \t]", "", line).strip()
        match = _PROPERTY.fullmatch(whole)
        if whole.upper() == "BEGIN:VEVENT":
            properties = {}
        elif whole.upper() == "END:VEVENT":
            yield from _parse_event(properties)
        elif match:
            properties.setdefault(match[1].upper(), (number, match[2]))
        number += line.count("\n") + 1


def _parse_event(properties: Mapping[str, tuple[int, str]]) -> Iterator[_Event]:
    first, ends = (
        _parse_moment(name, *properties[name]) if name in properties else None for name in ("DTSTART", "DTEND")
    )
    if first is None:
        return
    name = re.sub(r"\\[nN]", " ", properties.get("SUMMARY", (0, ""))[1])
    plain = " ".join(re.sub(r"\\(.)", r"\1", name).split())
    last = max(first.date(), (ends - timedelta(microseconds=1)).date()) if ends else first.date()
    yield _Event("".join(character for character in plain if character.isprintable()), first.date(), last)


def _parse_moment(name: str, line: int, value: str) -> datetime:
    """Parse 20260903, 2026-09-03, 20260903T090000 or 20260902T230000Z, which is 3 September in British Summer Time."""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise ValueError(f"line {line}: {name} {quoted(value)} is not a date such as 20260903. {_TYPE_THEM}")
    return moment.astimezone(_ZONE).replace(tzinfo=None) if moment.tzinfo else moment
