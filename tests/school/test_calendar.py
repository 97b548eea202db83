"""The school's calendar says which days are working days, for whom, and when each holiday begins and ends."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from toolkit.school.calendar import Break, Calendar, Days, Holiday, Pattern, Term

AUTUMN = Term(
    "Autumn term",
    Days(date(2026, 9, 2), date(2026, 12, 18)),
    (Break("Autumn half-term", Days(date(2026, 10, 26), date(2026, 10, 30))),),
    "Christmas holiday",
)
SPRING = Term(
    "Spring term",
    Days(date(2027, 1, 5), date(2027, 3, 25)),
    (Break("Spring half-term", Days(date(2027, 2, 15), date(2027, 2, 19))),),
)
SUMMER = Term("Summer term", Days(date(2027, 4, 12), date(2027, 7, 21)))
CALENDAR = Calendar(
    zone=ZoneInfo("Europe/London"),
    opens=time(9),
    shuts=time(15),
    terms=(AUTUMN, SPRING, SUMMER),
    inset_days=frozenset({date(2026, 9, 1), date(2026, 10, 30), date(2027, 1, 4)}),
    bank_holidays={
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 28): "Boxing Day (observed)",
        date(2027, 3, 26): "Good Friday",
        date(2027, 5, 3): "May Day",
    },
    closed=(Break("Polling day", Days(date(2027, 5, 6), date(2027, 5, 6))),),
    patterns={
        "office": Pattern(term_time_only=False),
        "mornings": Pattern(frozenset({0, 1, 2})),
        "supply": Pattern(frozenset()),
        "everyone": Pattern(frozenset({0, 1, 2, 3})),
        "p.part@example-primary.example": Pattern(frozenset({4})),
    },
)
TEACHER, OFFICE = Pattern(), Pattern(term_time_only=False)


@pytest.mark.parametrize(
    ("day", "pupils", "staff"),
    [
        (date(2026, 11, 10), True, True),
        (date(2026, 11, 14), False, False),  # a Saturday
        (date(2026, 9, 1), False, True),  # inset, before the term
        (date(2026, 10, 30), False, True),  # inset, in half-term
        (date(2026, 10, 29), False, False),
        (date(2026, 12, 21), False, False),
        (date(2027, 5, 3), False, False),  # a bank holiday
        (date(2027, 5, 6), False, False),  # a closure of its own
        (date(2028, 5, 4), False, False),
    ],
)
def test_a_day_is_one_for_pupils_for_staff_or_for_nobody(*, day: date, pupils: bool, staff: bool) -> None:
    assert (CALENDAR.is_school_day(day), CALENDAR.is_open(day)) == (pupils, staff)


@pytest.mark.parametrize(
    ("pattern", "first", "last", "count"),
    [
        (TEACHER, date(2026, 11, 9), date(2026, 11, 15), 5),
        (TEACHER, date(2026, 10, 24), date(2026, 11, 1), 1),  # half-term, with an inset day in it
        (OFFICE, date(2026, 10, 24), date(2026, 11, 1), 5),
        (OFFICE, date(2026, 12, 21), date(2027, 1, 1), 8),  # less Christmas Day and Boxing Day
        (OFFICE, date(2027, 5, 3), date(2027, 5, 7), 3),
        (Pattern(frozenset({0, 1})), date(2026, 11, 9), date(2026, 11, 15), 2),
        (Pattern(frozenset()), date(2026, 11, 9), date(2026, 11, 15), 0),
        (TEACHER, date(2026, 8, 1), date(2026, 9, 2), 2),
        (OFFICE, date(2027, 7, 19), date(2027, 8, 31), 3),  # of what follows the last term nothing is known
        (TEACHER, date(2026, 11, 15), date(2026, 11, 9), 0),
    ],
)
def test_working_days_are_those_of_the_pattern_in_the_calendar(
    pattern: Pattern, first: date, last: date, count: int
) -> None:
    assert len(CALENDAR.working_days(pattern, Days(first, last))) == count


def test_the_calendar_reaches_from_its_first_day_for_staff_to_its_last() -> None:
    assert CALENDAR.span == Days(date(2026, 9, 1), date(2027, 7, 21))


def test_working_hours_are_cut_where_the_time_begins_and_ends() -> None:
    pieces = list(
        CALENDAR.working_hours(
            TEACHER, datetime(2026, 11, 12, 12, tzinfo=UTC), datetime(2026, 11, 16, 10, 30, tzinfo=UTC)
        )
    )

    assert [(first.day, last - first) for first, last in pieces] == [
        (12, timedelta(hours=3)),
        (13, timedelta(hours=6)),
        (16, timedelta(hours=1, minutes=30)),
    ]


def test_midnight_and_morning_are_the_schools_own_on_both_sides_of_the_clock_change() -> None:
    # 25 October 2026, 02:00 BST is 01:00 GMT
    assert CALENDAR.at(date(2026, 10, 25)) == datetime(2026, 10, 24, 23, tzinfo=UTC)
    assert CALENDAR.at(date(2026, 10, 26)) == datetime(2026, 10, 26, tzinfo=UTC)
    assert CALENDAR.at(date(2026, 10, 23), CALENDAR.shuts) == datetime(2026, 10, 23, 14, tzinfo=UTC)
    assert CALENDAR.day_of(datetime(2026, 10, 24, 23, 30, tzinfo=UTC)) == date(2026, 10, 25)


def test_every_holiday_reaches_from_the_last_day_with_staff_to_the_first_morning_back() -> None:
    holidays = CALENDAR.closures()

    assert [(one.name, one.last_day, one.back) for one in holidays] == [
        ("Autumn half-term", date(2026, 10, 23), date(2026, 10, 30)),  # back for the inset day
        ("Christmas holiday", date(2026, 12, 18), date(2027, 1, 4)),
        ("Spring half-term", date(2027, 2, 12), date(2027, 2, 22)),
        ("Holiday after Spring term", date(2027, 3, 25), date(2027, 4, 12)),
        ("Polling day", date(2027, 5, 5), date(2027, 5, 7)),
    ]
    assert holidays[0] == Holiday(
        "Autumn half-term",
        date(2026, 10, 23),
        date(2026, 10, 30),
        begins=datetime(2026, 10, 23, 14, tzinfo=UTC),  # 15:00 in summer time
        ends=datetime(2026, 10, 30, 9, tzinfo=UTC),  # 09:00 in winter time
    )


def test_days_closed_within_a_holiday_keep_the_holidays_name() -> None:
    shut = Break("Heating off", Days(date(2026, 12, 21), date(2026, 12, 31)))

    calendar = Calendar(zone=ZoneInfo("UTC"), opens=time(9), shuts=time(15), terms=(AUTUMN, SPRING), closed=(shut,))

    assert [one.name for one in calendar.closures()] == ["Autumn half-term", "Christmas holiday", "Spring half-term"]


def test_a_weekend_between_two_terms_is_no_holiday() -> None:
    halves = (
        Term("Autumn 1", Days(date(2026, 9, 2), date(2026, 10, 16))),
        Term("Autumn 2", Days(date(2026, 10, 19), date(2026, 12, 18))),
    )

    assert Calendar(zone=ZoneInfo("UTC"), opens=time(9), shuts=time(15), terms=halves).closures() == ()


def test_days_closed_at_the_end_of_the_last_term_have_no_known_end() -> None:
    snow = Break("Snow", Days(date(2026, 12, 17), date(2026, 12, 18)))
    term = Term("Autumn term", AUTUMN.days)

    calendar = Calendar(zone=ZoneInfo("UTC"), opens=time(9), shuts=time(15), terms=(term,), closed=(snow,))

    assert calendar.closures() == ()


@pytest.mark.parametrize(
    ("address", "roles", "patterns"),
    [
        ("a@example-primary.example", [], [Pattern(frozenset({0, 1, 2, 3}))]),
        ("a@example-primary.example", ["staff", "everyone"], [Pattern(frozenset({0, 1, 2, 3}))]),
        ("a@example-primary.example", ["staff", "office"], [OFFICE]),
        ("P.Part@example-primary.example", ["office", "mornings"], [Pattern(frozenset({4}))]),
        ("a@example-primary.example", ["office", "mornings"], [OFFICE, Pattern(frozenset({0, 1, 2}))]),
    ],
)
def test_the_own_pattern_comes_before_a_roles_and_that_before_everyones(
    address: str, roles: list[str], patterns: list[Pattern]
) -> None:
    assert list(CALENDAR.patterns_of(address, roles)) == patterns
