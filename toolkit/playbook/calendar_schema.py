"""The form of the calendar in a school file: what may be written, and what each word means."""

import re
from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from toolkit.playbook.field_types import Clock, Day, Line, in_order
from toolkit.yaml.messages import shown

_YEARS = range(2000, 2100)


def _near(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(f"{day} is not between {_YEARS[0]} and {_YEARS[-1]}")
    return day


def _not_before(last: date, info: ValidationInfo) -> date:
    return in_order(last, info.data.get("first"), "from")


def _after(shuts: time, info: ValidationInfo) -> time:
    opens = info.data.get("opens")
    if opens is not None and shuts <= opens:
        raise ValueError(f"{shuts:%H:%M} does not come after {opens:%H:%M}, the time in `from`")
    return shuts


def _country(code: str) -> str:
    from holidays import country_holidays

    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError(f"{shown(code)} is no country's two letters; the United Kingdom's are GB")
    try:
        country_holidays(code)
    except NotImplementedError as error:
        raise ValueError(f"the bank holidays of {shown(code)} are not known: write them as `closures`") from error
    return code


def _subdivision(part: str | None, info: ValidationInfo) -> str | None:
    from holidays import country_holidays

    country = info.data.get("country")
    if country is None or part is None:
        return part
    parts = country_holidays(country).subdivisions
    if part not in parts:
        there_is = f"there is {', '.join(parts)}" if parts else "it has none: leave it out"
        raise ValueError(f"{shown(part)} is no part of {country}; {there_is}")
    return part


NearDay = Annotated[Day, AfterValidator(_near)]
LastDay = Annotated[Day, AfterValidator(_near), AfterValidator(_not_before)]


class _CalendarForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class HalfTermForm(_CalendarForm):
    """A half-term; weekends beside it need not be written."""

    name: Line | None = Field(default=None, description="What it is called; half-term of the term if left out.")
    first: NearDay = Field(alias="from", description="Its first day.")
    last: LastDay = Field(alias="to", description="Its last day, included.")


class TermForm(_CalendarForm):
    """A term."""

    name: Line = Field(description="As in Autumn term 2026.")
    first: NearDay = Field(alias="from", description="The first day on which pupils come.")
    last: LastDay = Field(alias="to", description="The last day on which pupils come.")
    half_terms: list[HalfTermForm] = Field(default=[], description="The half-terms in it.")
    holiday: Line | None = Field(default=None, description="What the holiday after it is called, as in Christmas.")


class ClosureForm(_CalendarForm):
    """Further days on which the school is closed and nobody works."""

    name: Line = Field(description="As in Polling day; replies may show it.")
    first: NearDay = Field(alias="from", description="The first day.")
    last: LastDay = Field(alias="to", description="The last day, included.")


class BankHolidaysForm(_CalendarForm):
    """Whose bank holidays the school keeps."""

    country: Annotated[Line, AfterValidator(_country)] = Field(description="Two letters, as in GB.")
    subdivision: Annotated[Line | None, AfterValidator(_subdivision)] = Field(
        default=None, description="A part of the country where they differ, as in ENG."
    )
    open_on: list[NearDay] = Field(default=[], description="Bank holidays on which the school is open all the same.")


class HoursForm(_CalendarForm):
    """The hours in which everybody who works that day is in."""

    opens: Clock = Field(alias="from", description="As in 09:00.")
    shuts: Annotated[Clock, AfterValidator(_after)] = Field(alias="to", description="As in 15:00.")


class PatternForm(_CalendarForm):
    """Who works when."""

    who: Line = Field(alias="for", description="A role, a person's e-mail address, or everyone.")
    days: list[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]] = Field(
        default=["monday", "tuesday", "wednesday", "thursday", "friday"],
        description="The days of the week; [] for supply staff, whom nobody expects on a certain day.",
    )
    term_time_only: bool = Field(default=True, description="false: works in the holidays too.")


class CalendarForm(_CalendarForm):
    """The school's year."""

    terms: list[TermForm] = Field(min_length=1, description="The terms of this year and, once known, the next.")
    inset_days: list[NearDay] = Field(default=[], description="Days on which staff are in and pupils are not.")
    bank_holidays: BankHolidaysForm | None = Field(default=None, description="Whose bank holidays the school keeps.")
    closures: list[ClosureForm] = Field(default=[], description="Further days on which nobody works.")
    working_hours: HoursForm | None = Field(
        default=None, description="When everybody who works that day is in; 09:00 to 15:00 if left out."
    )
    patterns: list[PatternForm] = Field(
        default=[], description="Who works when; Monday to Friday in term time for whoever is not named."
    )
