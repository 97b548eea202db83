"""Replies name the half day of the return, and where to turn with a worry about a child."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.controls.replies import ClosureReply, OutOfOffice
from toolkit.controls.reply_text import absence_reminder, absence_reply, closure_reply
from toolkit.replies.absences import Away, WorkSchedule
from toolkit.replies.model import Mailboxes, next_absences, replies_due_for_holiday
from toolkit.school.calendar import Break, Calendar, Days, HalfDay, Pattern, Term
from toolkit.school.school import ProtectedList, School
from toolkit.school.signals import Due, Reply
from toolkit.sdk.directory import EVERYONE, Audience, Person, Scope
from toolkit.sdk.part import ControlContext
from toolkit.sdk.resource import Mode, Origin

CALENDAR = Calendar(
    zone=ZoneInfo("Europe/London"),
    opens=time(8, 30),
    shuts=time(15, 30),
    terms=(
        Term(
            "Autumn term 2026",
            Days(date(2026, 9, 3), date(2026, 12, 18)),
            (Break("Autumn half-term", Days(date(2026, 10, 26), date(2026, 10, 30))),),
            "Christmas",
        ),
        Term("Spring term 2027", Days(date(2027, 1, 5), date(2027, 3, 25)), (), "Easter"),
        Term("Summer term 2027", Days(date(2027, 4, 12), date(2027, 7, 16)), (), "the summer"),
        Term("Autumn term 2027", Days(date(2027, 9, 2), date(2027, 12, 17))),
    ),
    inset_days=frozenset({date(2026, 9, 2), date(2027, 1, 4)}),
    bank_holidays={date(2027, 5, 3): "Early May bank holiday"},
    closed=(Break("Polling day", Days(date(2027, 5, 6), date(2027, 5, 6))),),
)
SHORT_DAYS = replace(CALENDAR, opens=time(8), shuts=time(11, 30))
LATE_DAYS = replace(CALENDAR, opens=time(13), shuts=time(18))
TEACHER, OFFICE = Pattern(), Pattern(term_time_only=False)
PART_TIMER = Pattern(frozenset({0, 1, 2}))
SCHOOL = School(
    name="Example Primary School",
    short_name="EPS",
    domains=("example-primary.example",),
    time_zone="Europe/London",
    tenants={},
    roles={},
    protected=ProtectedList(),
    mode=Mode.ENFORCE,
    phone="01632 960000",
    website=None,
    origin=Origin("00-school.yaml", 1),
    calendar=CALENDAR,
)
CONTEXT = ControlContext(SCHOOL, Scope(Audience(EVERYONE)))
PERSON = Person("1", "amara.ashdown@example-primary.example", "Amara Ashdown")
TURN = "If you are worried about a child, call "


def _at(text: str) -> datetime:
    """Return an instant by the school's clock: 2026-11-13 12:00, or midnight without a time."""
    day, _, clock = text.partition(" ")
    return CALENDAR.at(date.fromisoformat(day), time.fromisoformat(clock or "00:00"))


def _away(begins: datetime, ends: datetime) -> Away:
    return Away("1", begins, ends, ("Outlook calendar",))


def _due(begins: datetime, ends: datetime, back: HalfDay) -> Due:
    return Due(PERSON, begins, ends, back, is_covered=False)


def _settings(text: str | None = None) -> OutOfOffice:
    written = {"act": "set", "contact": "the school office", **({} if text is None else {"text_file": text})}
    return OutOfOffice.model_validate({"for": EVERYONE, **written})


RETURNS = {
    "noon on a Friday": ("2026-11-13 12:00", TEACHER, "the afternoon of Friday 13 November"),
    "during a Friday morning": ("2026-11-13 10:00", TEACHER, "the afternoon of Friday 13 November"),
    "before school on a Friday": ("2026-11-13 08:00", TEACHER, "the morning of Friday 13 November"),
    "as school begins": ("2026-11-13 08:30", TEACHER, "the morning of Friday 13 November"),
    "during a Friday afternoon": ("2026-11-13 14:00", TEACHER, "the morning of Monday 16 November"),
    "end of school on a Friday": ("2026-11-13 15:30", TEACHER, "the morning of Monday 16 November"),
    "end of a Friday": ("2026-11-14", TEACHER, "the morning of Monday 16 November"),
    "a Wednesday of a part-timer": ("2026-11-11 15:30", PART_TIMER, "the morning of Monday 16 November"),
    "before half-term and the clock change": ("2026-10-24", TEACHER, "the morning of Monday 2 November"),
    "before half-term, of the office": ("2026-10-24", OFFICE, "the morning of Monday 26 October"),
    "before Christmas, with an inset day after it": ("2026-12-19", TEACHER, "the morning of Monday 4 January"),
    "before the clock goes forward": ("2027-03-26", TEACHER, "the morning of Monday 12 April"),
    "before a bank holiday": ("2027-05-01", TEACHER, "the morning of Tuesday 4 May"),
    "before a further closure": ("2027-05-06", TEACHER, "the morning of Friday 7 May"),
    "before the summer": ("2027-07-17", TEACHER, "the morning of Thursday 2 September 2027"),
}


@pytest.mark.parametrize(("ends", "pattern", "said"), RETURNS.values(), ids=RETURNS)
def test_the_reply_names_the_half_day_of_the_return(ends: str, pattern: Pattern, said: str) -> None:
    begins = _at(ends) - timedelta(days=2)
    back = WorkSchedule(CALENDAR, pattern).half_day_back(_away(begins, _at(ends)))
    assert back is not None

    text = absence_reply(_settings(), _settings().text_file, _due(begins, _at(ends), back), CONTEXT)

    assert f"I am not in school until {said}. If it cannot wait, please contact the school office." in text
    assert f"{TURN}the school on 01632 960000, or your local authority's children's services" in text
    assert "999" in text


MINUTES = int((_at("2027-12-18") - _at("2026-09-01")).total_seconds() // 60)
ENDS = st.integers(0, MINUTES).map(lambda minutes: _at("2026-09-01") + timedelta(minutes=minutes))
ON_THE_HOUR = ENDS.map(lambda at: at.replace(minute=0))
PATTERNS = st.builds(Pattern, st.frozensets(st.integers(0, 6), min_size=1), st.booleans())
SAID = re.compile(r"until the (morning|afternoon) of \w+day (\d+ \w+)(?: (\d{4}))?\.")


@given(ENDS | ON_THE_HOUR, st.timedeltas(timedelta(hours=1), timedelta(days=40)), PATTERNS, st.data())
def test_the_return_is_the_first_working_half_day_after_the_end(
    ends: datetime, length: timedelta, pattern: Pattern, data: st.DataObject
) -> None:
    calendar = data.draw(st.sampled_from([CALENDAR, SHORT_DAYS, LATE_DAYS]))
    begins = ends - length
    back = WorkSchedule(calendar, pattern).half_day_back(_away(begins, ends))
    if back is None:
        rest = Days(calendar.day_of(ends) + timedelta(days=1), calendar.span.last)
        assert not calendar.working_days(pattern, rest)
        return

    text = absence_reply(_settings(), _settings().text_file, _due(begins, ends, back), CONTEXT)

    said = SAID.search(text)
    assert said
    half, day, year = said.groups()
    assert (half == "afternoon", day) == (back.afternoon, f"{back.day.day} {back.day:%B}")
    first = calendar.day_of(begins)
    assert (year is None) == (_school_year(first) == _school_year(back.day))
    assert back > _half_day_of(ends - timedelta.resolution, calendar)
    assert ends <= _begin(back, calendar)
    assert _is_worked(back, calendar, pattern)
    days = Days(calendar.day_of(ends), back.day)
    halves = [HalfDay(day, afternoon=afternoon) for day in days for afternoon in (False, True)]
    skipped = [half for half in halves if half < back and _is_worked(half, calendar, pattern)]
    assert not [half for half in skipped if ends <= _begin(half, calendar)]
    assert TURN in text


def _begin(half: HalfDay, calendar: Calendar) -> datetime:
    return calendar.at(half.day, max(calendar.opens, time(12)) if half.afternoon else calendar.opens)


def _is_worked(half: HalfDay, calendar: Calendar, pattern: Pattern) -> bool:
    in_hours = calendar.shuts > time(12) if half.afternoon else calendar.opens < time(12)
    return in_hours and calendar.works(pattern, half.day)


def _school_year(day: date) -> int:
    return day.year - (day.month < 8)


def _half_day_of(instant: datetime, calendar: Calendar) -> HalfDay:
    """Return the half day that an instant is in: before school opens it is the one before that morning."""
    local = instant.astimezone(calendar.zone)
    if local.time() < calendar.opens:
        return HalfDay(local.date() - timedelta(days=1), afternoon=True)
    return HalfDay(local.date(), afternoon=local.time() >= time(12))


def test_somebody_who_is_away_again_is_back_after_the_later_absence() -> None:
    first = _away(_at("2026-11-09"), _at("2026-11-11 14:00"))
    later = _away(_at("2026-11-12"), _at("2026-11-13 12:00"))
    another = replace(later, person="2", begins=_at("2026-11-13"), ends=_at("2026-11-20"))

    assert WorkSchedule(CALENDAR).half_day_back(first, [first, later, another]) == HalfDay(
        date(2026, 11, 13), afternoon=True
    )


def test_nobody_is_said_to_be_back_on_a_day_that_the_calendar_does_not_have() -> None:
    last = _away(_at("2027-12-13"), _at("2027-12-18"))
    now = _at("2027-12-13 09:00")

    found, unknown = next_absences(
        [last], {"1": WorkSchedule(CALENDAR)}, days=1, now=now, until=now + timedelta(days=14)
    )

    assert found == {}
    assert unknown == {"1": "the school's calendar has no working day after an absence: add the next term to it"}


OWN = "I am away until {to} and back on {back}. Ask {contact}."
OWN_TEXTS = {
    "2026-11-13 12:00": "until midday on Friday 13 November and back on the afternoon of Friday 13 November.",
    "2026-11-13 08:00": "until Thursday 12 November and back on the morning of Friday 13 November.",
    "2026-11-14": "until Friday 13 November and back on the morning of Monday 16 November.",
}


@pytest.mark.parametrize(("ends", "said"), OWN_TEXTS.items())
def test_a_text_of_the_school_never_names_one_time_for_the_end_and_the_return(ends: str, said: str) -> None:
    begins = _at("2026-11-11")
    back = WorkSchedule(CALENDAR).half_day_back(_away(begins, _at(ends)))
    assert back is not None

    text = absence_reply(_settings(OWN), OWN, _due(begins, _at(ends), back), CONTEXT)

    assert said in text
    assert TURN in text
    assert text.startswith("I am away until")


def _without_phone(settings: OutOfOffice, due: Due) -> str:
    return absence_reply(settings, settings.text_file, due, replace(CONTEXT, school=replace(SCHOOL, phone=None)))


def _with_own_contact(settings: OutOfOffice, due: Due) -> str:
    own = settings.model_copy(update={"safeguarding": "01632 960555"})
    return absence_reply(own, "Worried? {safeguarding}. {other}", due, CONTEXT)


WHERE: dict[str, tuple[Callable[[OutOfOffice, Due], str], str]] = {
    "no phone in the school file": (_without_phone, f"{TURN}the school office, or your local authority's"),
    "a number of the control, where the text wants it": (_with_own_contact, "Worried? 01632 960555. {other}"),
}


@pytest.mark.parametrize(("make", "said"), WHERE.values(), ids=WHERE)
def test_where_to_turn_is_said_without_a_phone_too_and_only_once(
    make: Callable[[OutOfOffice, Due], str], said: str
) -> None:
    due = _due(_at("2026-11-11"), _at("2026-11-14"), HalfDay(date(2026, 11, 16)))

    text = make(_settings(), due)

    assert said in text
    assert text.lower().count("worried") == 1


def test_a_reminder_to_staff_is_not_a_reply_to_parents() -> None:
    due = _due(_at("2026-11-11"), _at("2026-11-13 12:00"), HalfDay(date(2026, 11, 13), afternoon=True))

    text = absence_reminder(_settings(), due, CONTEXT)

    assert "you are away from Wednesday 11 November to midday on Friday 13 November" in text
    assert TURN not in text


CLOSURES = {
    "2026-10-20": "for Autumn half-term from the end of Friday 23 October "
    "and reopens on the morning of Monday 2 November.",
    "2026-12-14": "for Christmas from the end of Friday 18 December and reopens on the morning of Monday 4 January "
    "(for pupils on Tuesday 5 January).",
    "2027-07-12": "for the summer from the end of Friday 16 July "
    "and reopens on the morning of Thursday 2 September 2027.",
}


@pytest.mark.parametrize(("now", "said"), CLOSURES.items())
@pytest.mark.parametrize("own", [None, "Closed until {back}."])
def test_a_closure_reply_says_when_the_school_reopens_and_where_to_turn(now: str, said: str, own: str | None) -> None:
    wanted = ClosureReply.model_validate(
        {
            "mailboxes": ["office@example-primary.example"],
            "emergency": "01632 960001",
            "safeguarding": "the local authority, 01632 960555",
            **({"text_file": own} if own else {}),
        }
    )
    holiday = next(one for one in CALENDAR.closures() if _at(now) < one.ends)
    (due,) = replies_due_for_holiday(holiday, CALENDAR, [PERSON], Mailboxes({"1": Reply()}))

    text = closure_reply(wanted, due, CONTEXT)

    reopens = said.partition("reopens on ")[2]
    assert (f"Closed until {reopens}" if own else f"Example Primary School is closed {said}") in text
    assert f"{TURN}the local authority, 01632 960555." in text


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_place_to_turn_is_refused(blank: str) -> None:
    with pytest.raises(ValueError, match="at least 1 character"):
        OutOfOffice.model_validate({"for": EVERYONE, "safeguarding": blank})
