"""Fills in the texts of automatic replies and of reminders."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from toolkit.controls.replies import ClosureReply, OutOfOffice
from toolkit.school.calendar import HalfDay
from toolkit.school.school import School
from toolkit.school.signals import Due
from toolkit.sdk import ControlContext

WORRY = "If you are worried about a child, call {safeguarding}. If a child is in danger, call 999."
_AUGUST = 8  # an English school year ends in July


def absence_reply(settings: OutOfOffice, text: str, due: Due, context: ControlContext) -> str:
    """Return the text of the reply for an absence, which always includes a contact for worries about a child."""
    return fill_words(_add_safeguarding(text), _absence_words(settings, due, context))


def absence_reminder(settings: OutOfOffice, due: Due, context: ControlContext) -> str:
    """Return the text of the reminder that asks a person who will be away to set a reply."""
    return fill_words(settings.reminder_file, _absence_words(settings, due, context))


def closure_reply(settings: ClosureReply, due: Due, context: ControlContext) -> str:
    """Return the text of the reply for a holiday, which always includes a contact for worries about a child."""
    last = due.begins.astimezone(ZoneInfo(context.school.time_zone)).date()
    back = half_day_text(due.back, last)
    if due.pupils_back and due.pupils_back != due.back.day:
        back += f" (for pupils on {day_text(due.pupils_back, last)})"
    return fill_words(
        _add_safeguarding(settings.text_file),
        {
            "school": context.school.name,
            "holiday": due.title,
            "last_day": day(last),
            "back": back,
            "emergency": settings.emergency,
            "safeguarding": settings.safeguarding,
        },
    )


def _absence_words(settings: OutOfOffice, due: Due, context: ControlContext) -> Mapping[str, str]:
    zone = ZoneInfo(context.school.time_zone)
    first = due.begins.astimezone(zone).date()
    return {
        "name": due.person.name,
        "from": day(first),
        "to": _end_text(due, first, zone),
        "back": half_day_text(due.back, first),
        "contact": settings.contact or "",
        "safeguarding": settings.safeguarding or _school_contact(context.school),
    }


def _end_text(due: Due, first: date, zone: ZoneInfo) -> str:
    """Return the end of an absence in words that cannot be mistaken for the date of the return."""
    last = (due.ends - timedelta.resolution).astimezone(zone).date()
    if last < due.back.day:
        return day_text(last, first)
    if due.back.afternoon:
        return f"midday on {day_text(last, first)}"
    return day_text(last - timedelta(days=1), first)


def _add_safeguarding(text: str) -> str:
    return text if "{safeguarding}" in text else f"{text.rstrip()}\n\n{WORRY}"


def _school_contact(school: School) -> str:
    office = f"the school on {school.phone}" if school.phone else "the school office"
    return f"{office}, or your local authority's children's services when the school is closed"


def fill_words(text: str, words: Mapping[str, str]) -> str:
    """Return a text in which each name in braces is replaced with its value. Unknown names are left unchanged."""
    return re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], match[0]), text).strip()


def half_day_text(half: HalfDay, reference: date) -> str:
    """Return a half day in words, such as "the afternoon of Friday 27 November"."""
    return f"the {'afternoon' if half.afternoon else 'morning'} of {day_text(half.day, reference)}"


def day_text(moment: date, reference: date) -> str:
    """Return a date in words, with the year if the date is in a different school year from the reference."""
    same = _start_of_school_year(moment) == _start_of_school_year(reference)
    return day(moment) if same else f"{day(moment)} {moment.year}"


def day(moment: date) -> str:
    """Return a date in words, such as "Friday 27 November"."""
    return f"{moment:%A} {moment.day} {moment:%B}"


def _start_of_school_year(moment: date) -> int:
    return moment.year if moment.month >= _AUGUST else moment.year - 1
