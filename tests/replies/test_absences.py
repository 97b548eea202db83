"""Absences from every source are made one, measured in working days, and compared with the automatic reply."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.controls.replies import OutOfOffice
from toolkit.playbook.absences import WrittenAbsence
from toolkit.replies.absences import (
    Answer,
    Away,
    WorkSchedule,
    does_reply_cover,
    is_longer_than,
    merge_absences,
    people_with_invalid_absences,
)
from toolkit.replies.findings import _absences_finding
from toolkit.replies.read_signals import Flag, absences_of_people, select_people, work_schedules
from toolkit.school.calendar import Break, Calendar, Days, Pattern, Term
from toolkit.school.signals import Absence, Base, Reply, ReplyStatus, Signals
from toolkit.sdk.directory import Person
from toolkit.sdk.reason import admin_text

LONDON = ZoneInfo("Europe/London")
CALENDAR = Calendar(
    zone=LONDON,
    opens=time(9),
    shuts=time(15),
    terms=(
        Term(
            "Autumn term",
            Days(date(2026, 9, 2), date(2026, 12, 18)),
            (Break("Half-term", Days(date(2026, 10, 26), date(2026, 10, 30))),),
        ),
    ),
    inset_days=frozenset({date(2026, 9, 1)}),
    patterns={"office": Pattern(term_time_only=False), "mornings": Pattern(frozenset({0, 1, 2}))},
)
TEACHER = WorkSchedule(CALENDAR)
PART_TIMER = WorkSchedule(CALENDAR, Pattern(frozenset({0, 1})))
OFFICE = WorkSchedule(CALENDAR, Pattern(term_time_only=False))
SUPPLY = WorkSchedule(CALENDAR, Pattern(frozenset()))


def _at(text: str) -> datetime:
    """Give an instant by the school's clock: 10-25 (midnight) or 10-25 08:30, in 2026."""
    day, _, clock = text.partition(" ")
    return CALENDAR.at(date.fromisoformat(f"2026-{day}"), time.fromisoformat(clock or "00:00"))


def _absence(begins: str, ends: str, *, person: str = "1", source: str = "Outlook calendar") -> Absence:
    return Absence(person, _at(begins), _at(ends), source)


def _away(begins: str, ends: str) -> Away:
    return Away("1", _at(begins), _at(ends), ("Outlook calendar",))


def _reply(begins: str, ends: str) -> Reply:
    return Reply(ReplyStatus.SCHEDULED, _at(begins), _at(ends))


MERGED = {
    "one that lies inside another": ([("11-09", "11-14"), ("11-10 09:00", "11-10 12:00")], [("11-09", "11-14")]),
    "ones that overlap": ([("11-10", "11-12"), ("11-09", "11-11")], [("11-09", "11-12")]),
    "days that touch": ([("11-09", "11-10"), ("11-10", "11-11")], [("11-09", "11-11")]),
    "whole days with a night between": (
        [("11-09 08:00", "11-09 16:00"), ("11-10 09:00", "11-10 15:00")],
        [("11-09 08:00", "11-10 15:00")],
    ),
    "a Friday and the Monday after it": ([("11-13", "11-14"), ("11-16", "11-17")], [("11-13", "11-17")]),
    "the days around half-term": ([("10-23", "10-24"), ("11-02", "11-03")], [("10-23", "11-03")]),
    "two afternoons": (
        [("11-09 12:00", "11-09 15:00"), ("11-10 12:00", "11-10 15:00")],
        [("11-09 12:00", "11-09 15:00"), ("11-10 12:00", "11-10 15:00")],
    ),
    "with a working day between": ([("11-09", "11-10"), ("11-11", "11-12")], [("11-09", "11-10"), ("11-11", "11-12")]),
    "a whole day and an hour of the next, where the clock goes back": (
        [("10-24", "10-25"), ("10-25", "10-26"), ("10-26", "10-26 09:00")],
        [("10-24", "10-26 09:00")],
    ),
    "what takes no time, or less": ([("11-09", "11-09"), ("11-12", "11-10")], []),
}


@pytest.mark.parametrize(("written", "lived"), MERGED.values(), ids=MERGED)
def test_absences_without_working_time_between_them_are_one(
    written: list[tuple[str, str]], lived: list[tuple[str, str]]
) -> None:
    found = merge_absences([_absence(*one) for one in written], {"1": TEACHER})

    assert found == tuple(_away(*one) for one in lived)


def test_what_is_free_depends_on_the_person() -> None:
    week = [_absence("11-09", "11-11", person=person) for person in "123"]
    following = [_absence("11-16", "11-18", person=person) for person in "123"]

    found = merge_absences([*following, *week], {"1": PART_TIMER, "2": TEACHER})

    assert [(one.person, one.begins, one.ends) for one in found] == [
        ("1", _at("11-09"), _at("11-18")),
        ("2", _at("11-09"), _at("11-11")),
        ("2", _at("11-16"), _at("11-18")),
        ("3", _at("11-09"), _at("11-11")),  # without a schedule
        ("3", _at("11-16"), _at("11-18")),
    ]


def test_an_absence_names_every_source_it_was_seen_in() -> None:
    (one,) = merge_absences(
        [
            _absence("11-09", "11-10", source="private/absences.csv"),
            _absence("11-10", "11-11", source="Google calendar"),
            _absence("11-09", "11-11", source="Google calendar"),
        ],
        {"1": TEACHER},
    )

    assert one.sources == ("Google calendar", "private/absences.csv")


def test_local_times_are_told_apart_in_the_hour_that_comes_twice() -> None:
    begins = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)
    ends = datetime(2026, 10, 25, 1, 10, tzinfo=LONDON, fold=1)

    (one,) = merge_absences([Absence("1", begins, ends, "x")], {})

    assert one.ends - one.begins == timedelta(minutes=40)
    assert people_with_invalid_absences([Absence("1", begins, ends, "x")]) == {}


def test_somebody_with_an_entry_that_ends_before_it_begins_is_not_known() -> None:
    absences = [_absence("11-10", "11-09"), _absence("11-10", "11-10", person="2"), _absence("11-10", "11-11")]

    assert people_with_invalid_absences(absences) == {"1": "an entry of Outlook calendar ends before it begins"}


INSTANTS = st.integers(0, 24 * 120).map(lambda hours: _at("09-01") + timedelta(hours=hours))
ABSENCES = st.lists(
    st.builds(
        Absence, person=st.sampled_from("12"), begins=INSTANTS, ends=INSTANTS, source=st.sampled_from(["a", "b"])
    ),
    max_size=12,
)
SCHEDULES = st.dictionaries(st.sampled_from("12"), st.sampled_from([TEACHER, PART_TIMER, OFFICE, SUPPLY]))


@given(ABSENCES, SCHEDULES, st.randoms())
def test_the_order_in_which_absences_come_makes_no_difference(
    absences: list[Absence], known: dict[str, WorkSchedule], random: object
) -> None:
    shuffled = list(absences)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert merge_absences(shuffled, known) == merge_absences(absences, known)


@given(ABSENCES, SCHEDULES)
def test_every_absence_is_within_one_that_is_lived(absences: list[Absence], known: dict[str, WorkSchedule]) -> None:
    found = merge_absences(absences, known)

    for one in (one for one in absences if one.begins < one.ends):
        assert [
            away.person
            for away in found
            if away.begins <= one.begins and one.ends <= away.ends and one.source in away.sources
        ].count(one.person) == 1


@given(ABSENCES, SCHEDULES)
def test_what_is_lived_begins_and_ends_as_something_written_and_adds_no_working_time(
    absences: list[Absence], known: dict[str, WorkSchedule]
) -> None:
    for away in merge_absences(absences, known):
        inside = [
            one for one in absences if one.person == away.person and away.begins <= one.begins < one.ends <= away.ends
        ]
        assert away.begins in {one.begins for one in inside}
        assert away.ends in {one.ends for one in inside}
        schedule = known.get(away.person, TEACHER)
        apart = merge_absences(inside, {})
        assert sum(
            (schedule.working_time(one.begins, one.ends) for one in apart), timedelta()
        ) == schedule.working_time(away.begins, away.ends)


@given(ABSENCES, SCHEDULES)
def test_what_was_made_one_stays_one_and_what_is_apart_has_work_between(
    absences: list[Absence], known: dict[str, WorkSchedule]
) -> None:
    found = merge_absences(absences, known)

    again = merge_absences([Absence(one.person, one.begins, one.ends, "a") for one in found], known)
    assert [(one.person, one.begins, one.ends) for one in again] == [
        (one.person, one.begins, one.ends) for one in found
    ]
    for one, following in pairwise(found):
        assert one.person != following.person or one.ends < following.begins
        assert not (
            one.person == following.person
            and one.person in known
            and known[one.person].is_free(one.ends, following.begins)
        )


LONGER = {
    "one day": (TEACHER, "11-10", "11-11", Answer.NO),
    "a day and an hour": (TEACHER, "11-10", "11-11 10:00", Answer.YES),
    "a day and the hour before school": (TEACHER, "11-10", "11-11 09:00", Answer.NO),
    "from noon to noon": (TEACHER, "11-10 12:00", "11-11 12:00", Answer.NO),
    "two days from nine to three": (TEACHER, "11-10 09:00", "11-11 15:00", Answer.YES),
    "a Friday and its weekend": (TEACHER, "11-13", "11-16", Answer.NO),
    "a week of which a part-timer works one day": (PART_TIMER, "11-10", "11-14", Answer.NO),
    "a week of which a part-timer works two": (PART_TIMER, "11-09", "11-14", Answer.YES),
    "half-term": (TEACHER, "10-24", "11-02", Answer.NO),
    "half-term of somebody who works in it": (OFFICE, "10-24", "11-02", Answer.YES),
    "an inset day and a school day": (TEACHER, "09-01", "09-03", Answer.YES),
    "a week of supply staff": (SUPPLY, "11-09", "11-14", Answer.NO),
    "supply staff after the calendar ends": (SUPPLY, "12-21", "12-31", Answer.NO),
    "half-terms weekend with the clock change": (TEACHER, "10-23", "10-26", Answer.NO),
    "days of which the calendar says nothing": (TEACHER, "12-21", "12-31", Answer.UNKNOWN),
    "days before the calendar begins": (TEACHER, "08-20", "09-02", Answer.UNKNOWN),
    "until after the calendar ends": (TEACHER, "12-16", "12-31", Answer.YES),
    "to the calendar's last day": (TEACHER, "12-18", "12-19", Answer.NO),
}


@pytest.mark.parametrize(("schedule", "begins", "ends", "answer"), LONGER.values(), ids=LONGER)
def test_only_working_time_counts_towards_an_absence_of_more_than_a_day(
    schedule: WorkSchedule, begins: str, ends: str, answer: Answer
) -> None:
    assert is_longer_than(1, _away(begins, ends), schedule) is answer


@pytest.mark.parametrize(("days", "answer"), [(0, Answer.YES), (4, Answer.YES), (5, Answer.NO)])
def test_the_school_says_how_many_days_are_too_many(days: int, answer: Answer) -> None:
    assert is_longer_than(days, _away("11-09", "11-14"), TEACHER) is answer


COVERED = {
    "none": (Reply(), False),
    "one without an end": (Reply(ReplyStatus.ALWAYS), True),
    "exactly": (_reply("11-09", "11-14"), True),
    "from before to after": (_reply("11-06 15:00", "11-16 09:00"), True),
    "the working hours alone": (_reply("11-09 09:00", "11-13 15:00"), True),
    "from an hour too late": (_reply("11-09 10:00", "11-14"), False),
    "to a day too early": (_reply("11-09", "11-13"), False),
    "another week": (_reply("11-16", "11-21"), False),
    "the week before": (_reply("11-02", "11-07"), False),
    "from now on": (Reply(ReplyStatus.SCHEDULED, _at("11-09"), None), True),
    "from now on, too late": (Reply(ReplyStatus.SCHEDULED, _at("11-11"), None), False),
    "until then": (Reply(ReplyStatus.SCHEDULED, None, _at("11-14")), True),
    "until too early": (Reply(ReplyStatus.SCHEDULED, None, _at("11-10")), False),
}


@pytest.mark.parametrize(("reply", "covered"), COVERED.values(), ids=COVERED)
def test_a_reply_covers_an_absence_if_no_working_time_of_it_is_left_without(*, reply: Reply, covered: bool) -> None:
    assert does_reply_cover(reply, _away("11-09", "11-14"), TEACHER) is covered


def test_a_reply_that_was_set_late_covers_what_is_still_to_come() -> None:
    away = _away("11-09", "11-14")
    reply = _reply("11-10 10:00", "11-14")

    assert not does_reply_cover(reply, away, TEACHER)
    rest = away.since(_at("11-10 11:00"))
    assert rest is not None
    assert does_reply_cover(reply, rest, TEACHER)


def test_the_weekend_at_the_end_of_an_absence_needs_no_reply() -> None:
    rest = _away("11-09", "11-16").since(_at("11-13 16:00"))

    assert rest is not None
    assert does_reply_cover(Reply(), rest, TEACHER)


def test_an_absence_that_is_over_has_nothing_still_to_come() -> None:
    assert _away("11-09", "11-14").since(_at("11-14")) is None
    assert _away("11-09", "11-14").since(_at("11-01")) == _away("11-09", "11-14")


def test_beyond_the_calendar_only_a_reply_for_all_of_it_covers() -> None:
    away = _away("12-16", "12-31")

    assert does_reply_cover(_reply("12-16", "12-31"), away, TEACHER)
    assert not does_reply_cover(_reply("12-16", "12-30"), away, TEACHER)


def _person(one: str, *, enabled: bool = True) -> Person:
    return Person(one, f"{one}@example-primary.example", one, enabled=enabled)


def test_rooms_equipment_services_pupils_and_closed_accounts_are_left_out_and_counted() -> None:
    people = [_person("head"), _person("hall"), _person("pat"), _person("gone", enabled=False), _person("mis")]

    found = select_people(
        people,
        {"hall": {Flag.ROOM}, "pat": {Flag.PUPIL}, "mis": {Flag.SERVICE, Flag.SHARED}, "stranger": {Flag.ROOM}},
    )

    assert [one.id for one in found.people] == ["head"]
    assert found.left_out == {
        "hall": (Flag.ROOM,),
        "pat": (Flag.PUPIL,),
        "gone": (Flag.DISABLED,),
        "mis": (Flag.SHARED, Flag.SERVICE),
    }
    assert len(found.people) + len(found.left_out) == len(people)


def test_the_lines_of_a_file_are_of_people_by_their_addresses() -> None:
    line = WrittenAbsence("head@example-primary.example", _at("11-09"), _at("11-10"))
    stranger = WrittenAbsence("left@example-primary.example", _at("11-09"), _at("11-10"))
    head = Person("0", "Head@Example-Primary.example", "Head")

    found = absences_of_people([line, stranger], [head], source="private/absences.csv")

    assert found.absences == (Absence("0", _at("11-09"), _at("11-10"), "private/absences.csv"),)
    assert found.strangers == (stranger,)


def test_somebody_whose_roles_have_two_patterns_is_not_known_and_the_others_are() -> None:
    found = work_schedules(
        CALENDAR, [_person("a"), _person("b"), _person("c")], {"a": ["office", "mornings", "staff"], "b": ["office"]}
    )

    assert found.by_person == {"b": OFFICE, "c": TEACHER}
    assert found.unknown == {
        "a": "different working patterns by role (mornings, office): write a pattern for this person"
    }


SEVEN_OF_NINE = "2 absences seen; 7 of 9 people keep a calendar"
OTHERS = "someone outside the audience"


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (Base(12, 46, 31), "12 absences seen; 31 of 46 people keep a calendar"),
        (Base(1, 46, 0, 1), "1 absence seen; 0 of 46 people keep a calendar; 1 line names no one in the directory"),
        (Base(0, 0, 0, 2), "0 absences seen; 0 of 0 people keep a calendar; 2 lines name no one in the directory"),
        (Base(0, 1, 1), "0 absences seen; 1 of 1 person keeps a calendar"),
        (
            Base(2, 9, 7, 0, 1),
            f"{SEVEN_OF_NINE}; 1 line names {OTHERS}",
        ),
        (
            Base(2, 9, 7, 1, 2, 1),
            f"{SEVEN_OF_NINE}; 1 more has no mailbox; 1 line names no one in the directory; 2 lines name {OTHERS}",
        ),
        (Base(0, 2, 0, 0, 0, 3), "0 absences seen; 0 of 2 people keep a calendar; 3 more have no mailbox"),
    ],
)
def test_the_base_says_on_how_much_an_answer_rests(base: Base, said: str) -> None:
    assert str(Signals(base=base).base) == said


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ({}, "no one appeared to be away for more than 3 working days ("),
        (
            {"a": "not readable"},
            "none of the people who could be checked appeared to be away for more than 3 working days (",
        ),
    ],
)
def test_no_one_is_away_is_said_of_everyone_only_if_everyone_could_be_looked_at(
    unknown: Mapping[str, str], said: str
) -> None:
    settings = OutOfOffice.model_validate({"for": "staff", "after_working_days": 3})

    finding = _absences_finding(settings, Signals(unknown=unknown, base=Base(0, 9, 7)))

    assert admin_text(finding.reason).startswith(said)
