"""The school file holds the school's calendar; what contradicts itself in it is told with its line."""

import json
from collections.abc import Callable, Mapping
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from holidays.registry import COUNTRIES

from tests.playbook.conftest import SCHOOL
from toolkit.playbook.calendar import bank_holiday_class
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.json_schema import schema
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.school.calendar import Break, Calendar, Days, Pattern, Term

Files = Mapping[str, str | bytes]
Loaded = Callable[[Files], Playbooks]
Refused = Callable[[Files], list[str]]

# The school file of the other tests is 9 lines long: `calendar:` is line 10.
WHOLE = """\
calendar:
  terms:
    - name: Spring term 2027
      from: 2027-01-05
      to: 2027-03-25
      half_terms: [{name: February half-term, from: 2027-02-15, to: 2027-02-19}]
    - name: Autumn term 2026
      from: 2026-09-02
      to: 2026-12-18
      half_terms: [{from: 2026-10-26, to: 2026-10-30}]
      holiday: Christmas holiday
  inset_days: [2026-09-01, 2027-01-04]
  bank_holidays: {country: GB, subdivision: ENG}
  closures: [{name: Boiler repair, from: 2026-11-19, to: 2026-11-20}]
  working_hours: {from: 08:45, to: "15:15"}
  patterns:
    - {for: everyone, days: [monday, tuesday, wednesday, thursday, friday]}
    - {for: staff, days: [monday, friday], term_time_only: false}
    - {for: S.Supply@example-primary.example, days: []}
"""


def _calendar(load_files: Loaded, text: str) -> Calendar:
    calendar = load_files({"00-school.yaml": SCHOOL + text}).school.calendar
    assert calendar is not None
    return calendar


def test_a_calendar_is_read_as_written_its_terms_in_order(load_files: Loaded) -> None:
    calendar = _calendar(load_files, WHOLE)

    half_term = Break("Half-term of Autumn term 2026", Days(date(2026, 10, 26), date(2026, 10, 30)))
    february = Break("February half-term", Days(date(2027, 2, 15), date(2027, 2, 19)))
    assert calendar.terms == (
        Term("Autumn term 2026", Days(date(2026, 9, 2), date(2026, 12, 18)), (half_term,), "Christmas holiday"),
        Term("Spring term 2027", Days(date(2027, 1, 5), date(2027, 3, 25)), (february,)),
    )
    assert (calendar.zone, calendar.opens, calendar.shuts) == (ZoneInfo("Europe/London"), time(8, 45), time(15, 15))
    assert calendar.inset_days == {date(2026, 9, 1), date(2027, 1, 4)}
    assert calendar.closed == (Break("Boiler repair", Days(date(2026, 11, 19), date(2026, 11, 20))),)
    assert calendar.patterns == {
        "everyone": Pattern(),
        "staff": Pattern(frozenset({0, 4}), term_time_only=False),
        "s.supply@example-primary.example": Pattern(frozenset()),
    }


def test_bank_holidays_are_those_of_the_part_of_the_country(load_files: Loaded) -> None:
    england = _calendar(load_files, WHOLE).bank_holidays
    scotland = _calendar(load_files, WHOLE.replace("ENG", "SCT, open_on: [2027-01-04]")).bank_holidays

    assert (england[date(2026, 12, 28)], england[date(2027, 3, 29)]) == ("Boxing Day (observed)", "Easter Monday")
    assert date(2027, 3, 29) not in scotland
    assert date(2026, 11, 30) in scotland  # Saint Andrew's Day
    assert date(2027, 1, 4) not in scotland  # one that the school does not keep


def test_a_school_without_a_calendar_is_one(load_files: Loaded) -> None:
    assert load_files({}).school.calendar is None


def test_a_calendar_needs_terms_and_no_more(load_files: Loaded) -> None:
    calendar = _calendar(load_files, "calendar: {terms: [{name: A, from: 2026-09-02, to: 2026-12-18}]}\n")

    assert (calendar.opens, calendar.shuts, calendar.patterns_of("a@b.example")) == (time(9), time(15), (Pattern(),))
    assert dict(calendar.bank_holidays) == {}


BAD = {
    "no terms": ("calendar: {terms: []}\n", 10, "`calendar.terms` must have at least 1 entry, not 0"),
    "no table": ("calendar: autumn\n", 10, "`calendar` must be a table of settings"),
    "a misspelt word": (WHOLE.replace("inset_days", "insets"), 21, "unknown setting `insets`: did you mean `inset_d"),
    "a term that ends before it begins": (
        WHOLE.replace("to: 2026-12-18", "to: 2026-09-01"),
        18,
        "`to` of entry 2 of `calendar.terms`: 2026-09-01 comes before 2026-09-02, the day in `from`",
    ),
    "a day that no year has": (WHOLE.replace("2026-12-18", "2026-02-30"), 18, "2026-02-30: did you mean `2026-02-28`?"),
    "a day written the other way": (
        WHOLE.replace("2026-12-18", "18/12/2026"),
        18,
        '"18/12/2026": did you mean `2026-12-18`?',
    ),
    "a day of another century": (WHOLE.replace("2026-09-02", "0026-09-02"), 17, "0026-09-02 is not between 2000 and"),
    "a term longer than a year": (
        WHOLE.replace("2027-03-25", "2028-03-25"),
        14,
        "`Spring term 2027` is longer than a year",
    ),
    "terms far apart": (
        WHOLE.replace("2026-", "2006-"),
        11,
        "the terms are from 2006-09-02 to 2027-03-25, but a calendar",
    ),
    "two terms of one name": (
        WHOLE.replace("Autumn term 2026", "Spring term 2027"),
        16,
        "a second term is called `Spr",
    ),
    "terms that overlap": (
        WHOLE.replace("2026-12-18", "2027-01-05"),
        17,
        "`Autumn term 2026` overlaps `Spring term 2027`, which is from 2027-01-05 to 2027-03-25",
    ),
    "a half-term before its term": (
        WHOLE.replace("2026-10-26", "2026-08-26"),
        19,
        "this half-term is not inside `Autumn term 2026`, which is from 2026-09-02 to 2026-12-18",
    ),
    "a half-term that ends after its term": (WHOLE.replace("2027-02-19", "2027-03-26"), 15, "this half-term is not in"),
    "half-terms that overlap": (
        WHOLE.replace("2026-10-30}]", "2026-10-30}, {from: 2026-10-30, to: 2026-11-02}]"),
        19,
        "overlaps the half-term from 2026-10-26 to 2026-10-30",
    ),
    "an inset day on a bank holiday": (
        WHOLE.replace("2027-01-04", "2027-01-01"),
        21,
        "2027-01-01 cannot be an INSET day because the school is closed (New Year's Day)",
    ),
    "an inset day on which the school is closed": (
        WHOLE.replace("2027-01-04", "2026-11-19"),
        21,
        "2026-11-19 cannot be an INSET day because the school is closed (Boiler repair)",
    ),
    "an inset day twice": (WHOLE.replace("2027-01-04", "2026-09-01"), 21, "2026-09-01 is written twice"),
    "an inset day of the wrong year": (WHOLE.replace("2027-01-04", "2017-01-04"), 21, "2017-01-04 is far from every"),
    "an unknown country": (WHOLE.replace("GB", "XX"), 22, 'the bank holidays of "XX" are unknown'),
    "a country's name": (WHOLE.replace("GB", "England"), 22, '"England" is not a two-letter country code'),
    "an unknown part of a country": (
        WHOLE.replace("ENG", "Kent"),
        22,
        '"Kent" is not part of GB; there is ENG, NIR, SCT, WLS',
    ),
    "a closure outside the terms": (
        WHOLE.replace("from: 2026-11-19, to: 2026-11-20", "from: 2028-11-19, to: 2028-11-20"),
        23,
        "`Boiler repair` is outside the terms, which are from 2026-09-02 to 2027-03-25",
    ),
    "hours that end before they begin": (WHOLE.replace("15:15", "08:45"), 24, "08:45 does not come after 08:45"),
    "hours that no clock shows": (WHOLE.replace("15:15", "25:15"), 24, "must be a time such as 16:00"),
    "an unknown role": (WHOLE.replace("for: staff", "for: staf"), 27, "unknown role `staf`: did you mean `staff`?"),
    "two patterns of one role": (WHOLE.replace("for: everyone", "for: staff"), 27, "`staff` has two patterns. Keep on"),
    "no day of the week": (
        WHOLE.replace("[monday, friday]", "[mon]"),
        27,
        "entry 1 of `days` of entry 2 of `calendar.p",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), BAD.values(), ids=BAD)
def test_a_calendar_that_contradicts_itself_is_refused(refused: Refused, text: str, line: int, message: str) -> None:
    problems = refused({"00-school.yaml": SCHOOL + text})

    assert any(one.startswith(f"playbooks/00-school.yaml:{line}: ") and message in one for one in problems), problems


def test_everything_that_is_wrong_is_told_at_once(refused: Refused) -> None:
    text = WHOLE.replace("for: staff", "for: staf").replace("2027-01-04", "2027-01-01")
    text = text.replace("from: 2026-11-19, to: 2026-11-20", "from: 2028-11-19, to: 2028-11-20")

    assert [one.split(":")[1] for one in refused({"00-school.yaml": SCHOOL + text})] == ["21", "23", "27"]


def test_editors_are_told_what_each_word_of_the_calendar_means(vocabulary: Vocabulary) -> None:
    definitions = json.loads(json.dumps(schema(vocabulary)))["$defs"]

    forms = [definitions[name] for name in ("CalendarForm", "TermForm", "HalfTermForm", "ClosureForm", "PatternForm")]
    words = [(name, word) for form in forms for name, word in form["properties"].items()]
    assert [name for name, word in words if not word.get("description")] == []
    assert {"for", "from", "to", "inset_days"} <= {name for name, _ in words}


@pytest.mark.parametrize("nation", ["ENG", "NIR", "SCT", "WLS", None])
def test_bank_holidays_are_those_that_the_library_gives(nation: str | None) -> None:
    found = bank_holiday_class("GB")
    assert found

    assert dict(found(subdiv=nation, years=range(2024, 2030))) == dict(
        country_holidays("GB", subdiv=nation, years=range(2024, 2030))
    )


def test_bank_holidays_of_every_country_are_found() -> None:
    assert [codes for name, *codes in COUNTRIES.values() if bank_holiday_class(codes[0]) is None] == []
    assert bank_holiday_class("ZZ") is None
