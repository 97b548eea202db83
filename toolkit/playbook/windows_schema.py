"""The form of windows, freezes and the schedule in a school file: what may be written, and what each word means."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from toolkit.playbook.field_types import Clock, Day, Line, in_order


def _after(shuts: time, info: ValidationInfo) -> time:
    opens = info.data.get("opens")
    if opens is not None and time.min != shuts <= opens:
        raise ValueError(
            f"{shuts:%H:%M} does not come after {opens:%H:%M}, the time in `from`: for a night write two windows, "
            "one until 00:00 and one from 00:00"
        )
    return shuts


def _not_before(last: date, info: ValidationInfo) -> date:
    return in_order(last, info.data.get("first"), "from")


_Named = Annotated[list[Line], Field(min_length=1)]


class _WindowsForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WindowForm(_WindowsForm):
    """Hours of the week in which `toolkit apply` writes; by the school's clock."""

    days: list[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]] = Field(
        min_length=1, description="The days of the week."
    )
    opens: Clock = Field(alias="from", description="As in 16:30.")
    shuts: Annotated[Clock, AfterValidator(_after)] = Field(
        alias="to", description="As in 22:00; 00:00 is the end of the day."
    )
    controls: _Named | None = Field(
        default=None, description="Controls and kinds that it is for; left out: whatever no window names."
    )


class FreezeForm(_WindowsForm):
    """Days on which nothing is written."""

    first: Day = Field(alias="from", description="The first day.")
    last: Annotated[Day, AfterValidator(_not_before)] = Field(alias="to", description="The last day, included.")
    why: Line = Field(description="As in Key Stage 2 tests.")
    controls: _Named | None = Field(
        default=None, description="Controls and kinds that it is for; everything if left out."
    )


class ScheduleForm(_WindowsForm):
    """When the jobs of `toolkit schedule` run; a run that did not happen is told by the next one."""

    drift: Clock = Field(default=time(2, 30), description="When `toolkit drift` runs each day; 02:30 if left out.")
    due: Literal["5 minutes", "10 minutes", "15 minutes", "20 minutes", "30 minutes", "60 minutes"] = Field(
        default="15 minutes", description="How often `toolkit due` runs."
    )
    export: Literal["monthly", "termly"] | None = Field(
        default=None,
        description="How often a report for governors is made and sent: on the 1st of each month, or on the 15th of "
        "the month in which a term of the calendar begins (without one: September, January, April); never if left out.",
    )
