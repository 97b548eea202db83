"""Makes the school's windows, freezes and schedule of what its file says, and finds names there that nobody knows."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from toolkit.errors import Problem
from toolkit.playbook.school_schema import SchoolForm
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.sdk.calendar import WEEK, Days
from toolkit.sdk.schedule import Reports, Schedule
from toolkit.sdk.windows import Freeze, Window, Windows
from toolkit.yaml.messages import closest, quoted
from toolkit.yaml.node import Source, Step, line_of

_MIDDLE = 15
_TERMS = (1, 4, 9)
"""The months in which terms begin in most schools."""


def windows_of(form: SchoolForm) -> Windows | None:
    """Make the windows of a school file in which nothing is wrong; None where every time is as good as another."""
    if not (form.windows or form.freezes):
        return None
    return Windows(
        ZoneInfo(form.time_zone),
        tuple(
            Window(
                name,
                frozenset(WEEK.index(day) for day in one.days),
                one.opens,
                one.shuts,
                frozenset(one.controls or ()),
            )
            for name, one in form.windows.items()
        ),
        tuple(Freeze(Days(one.first, one.last), one.why, frozenset(one.controls or ())) for one in form.freezes),
    )


def schedule_of(form: SchoolForm) -> Schedule | None:
    """Make the schedule of a school file; None where it has none."""
    written = form.schedule
    if written is None:
        return None
    reports = {"monthly": Reports(), "termly": _termly(form)}.get(written.export or "")
    return Schedule(ZoneInfo(form.time_zone), written.drift, int(written.due.split()[0]), reports)


def _termly(form: SchoolForm) -> Reports:
    """Give the middle of the month in which each term begins: a board meets after that."""
    begins = {term.first.month for term in form.calendar.terms} if form.calendar else set()
    return Reports(_MIDDLE, tuple(sorted(begins or _TERMS)))


def wrong_in_windows(form: SchoolForm, source: Source, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Find controls and kinds that there are not: a window for them would be for nothing."""
    named: list[tuple[tuple[Step, ...], list[str] | None]] = [
        *((("windows", name, "controls"), one.controls) for name, one in form.windows.items()),
        *((("freezes", place, "controls"), one.controls) for place, one in enumerate(form.freezes)),
    ]
    for path, words in named:
        for place, word in enumerate(words or ()):
            if word not in vocabulary.controls and vocabulary.kind(word) is None:
                line = line_of(source.root, (*path, place), otherwise=source.root.line)
                meant = closest(word, [*vocabulary.controls, *vocabulary.kind_names()])
                hint = f": did you mean `{meant}`?" if meant else ""
                yield source.problem(line, f"no control and no kind is called {quoted(word)}{hint}")
