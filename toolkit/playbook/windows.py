"""The forms of `windows:`, `freezes:` and `schedule:` in the school file, and their conversion."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo

from toolkit.errors import Problem
from toolkit.messages import closest, quoted
from toolkit.playbook.calendar import CalendarForm
from toolkit.playbook.playbook_schema import Clock, Day, FileForm, Line, check_not_before_from
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.school.calendar import WEEK, Days
from toolkit.school.schedule import Freeze, Reports, Schedule, Window, Windows
from toolkit.yaml.node import Source, Step, line_of


def _check_closing_time(shuts: time, info: ValidationInfo) -> time:
    opens = info.data.get("opens")
    if opens is not None and time.min != shuts <= opens:
        raise ValueError(
            f"{shuts:%H:%M} does not come after {opens:%H:%M}, the time in `from`. For a night write two windows, one "
            "until 00:00 and one from 00:00"
        )
    return shuts


_Named = Annotated[list[Line], Field(min_length=1)]


class WindowForm(FileForm):
    """Hours of the week in which `toolkit apply` writes, in the school's time zone."""

    days: list[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]] = Field(
        min_length=1, description="The days of the week."
    )
    opens: Clock = Field(alias="from", description="For example 16:30.")
    shuts: Annotated[Clock, AfterValidator(_check_closing_time)] = Field(
        alias="to", description="For example 22:00. 00:00 is the end of the day."
    )
    controls: _Named | None = Field(
        default=None, description="Controls and kinds of the window. Default: all that are not in another window."
    )


class FreezeForm(FileForm):
    """Days on which `toolkit apply` does not write."""

    first: Day = Field(alias="from", description="The first day.")
    last: Annotated[Day, AfterValidator(check_not_before_from)] = Field(
        alias="to", description="The last day of the closure."
    )
    why: Line = Field(description="For example Key Stage 2 tests.")
    controls: _Named | None = Field(default=None, description="Controls and kinds of the freeze. Default: all.")


class ScheduleForm(FileForm):
    """The times at which the jobs of `toolkit schedule` run."""

    drift: Clock = Field(default=time(2, 30), description="When `toolkit drift` runs each day. Default: 02:30.")
    due: Literal["5 minutes", "10 minutes", "15 minutes", "20 minutes", "30 minutes", "60 minutes"] = Field(
        default="15 minutes", description="How often `toolkit due` runs."
    )
    export: Literal["monthly", "termly"] | None = Field(
        default=None,
        description="When a report for governors is made and sent: on the 1st of each month, or on the "
        "15th of each month in which a term of the calendar begins (without a calendar: September, "
        "January, April). Default: never.",
    )


_MIDDLE = 15
_TERMS = (1, 4, 9)
"""The months in which terms begin in most schools."""


def to_windows(windows: Mapping[str, WindowForm], freezes: Sequence[FreezeForm], zone: str) -> Windows | None:
    """Return the windows of a validated school file, or None if apply may write at any time."""
    if not (windows or freezes):
        return None
    return Windows(
        ZoneInfo(zone),
        tuple(
            Window(
                name,
                frozenset(WEEK.index(day) for day in window.days),
                window.opens,
                window.shuts,
                frozenset(window.controls or ()),
            )
            for name, window in windows.items()
        ),
        tuple(
            Freeze(Days(freeze.first, freeze.last), freeze.why, frozenset(freeze.controls or ())) for freeze in freezes
        ),
    )


def to_schedule(written: ScheduleForm | None, calendar: CalendarForm | None, zone: str) -> Schedule | None:
    """Return the schedule of a school file, or None if it does not have one."""
    if written is None:
        return None
    reports = {"monthly": Reports(), "termly": _reports_each_term(calendar)}.get(written.export or "")
    return Schedule(ZoneInfo(zone), written.drift, int(written.due.split()[0]), reports)


def _reports_each_term(calendar: CalendarForm | None) -> Reports:
    """Return a schedule with reports in the middle of each month in which a term begins, because governors meet later
    in term.
    """
    begins = {term.first.month for term in calendar.terms} if calendar else set()
    return Reports(_MIDDLE, tuple(sorted(begins or _TERMS)))


def window_problems(
    windows: Mapping[str, WindowForm], freezes: Sequence[FreezeForm], source: Source, vocabulary: Vocabulary
) -> Iterator[Problem]:
    """Yield a problem for each window whose controls or kinds do not exist."""
    named: list[tuple[tuple[Step, ...], list[str] | None]] = [
        *((("windows", name, "controls"), window.controls) for name, window in windows.items()),
        *((("freezes", place, "controls"), freeze.controls) for place, freeze in enumerate(freezes)),
    ]
    for path, words in named:
        for place, word in enumerate(words or ()):
            if not _is_known(word, vocabulary):
                line = line_of(source.root, (*path, place), otherwise=source.root.line)
                meant = closest(word, [*vocabulary.controls, *vocabulary.kind_names()])
                hint = f": did you mean `{meant}`?" if meant else ""
                yield source.problem(line, f"no control and no kind is called {quoted(word)}{hint}")


def _is_known(word: str, vocabulary: Vocabulary) -> bool:
    """Return whether a word names a control or a kind, even if its module cannot be loaded."""
    return bool(word in vocabulary.controls or vocabulary.kind(word) or vocabulary.find_broken_module(word))
