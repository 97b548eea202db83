"""What the features of a run add to its text and to its JSON."""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Protocol, runtime_checkable

from toolkit.engine.run_report import Report
from toolkit.render.line import Line
from toolkit.values import Body


class Stage(Enum):
    """Where lines of a feature belong."""

    PLAN = auto()  # before the changes of a plan
    PLAN_END = auto()  # after them
    DRIFT = auto()  # before the changes of a drift
    DRIFT_END = auto()  # before its last line
    OUTCOME = auto()  # after the outcomes of an apply


@runtime_checkable
class Section(Protocol):
    """A result of an extension that has something to show."""

    def lines(self, report: Report, stage: Stage) -> Iterator[Line]:
        """Give the lines that belong to one place."""
        ...

    def answer(self, report: Report) -> Body:
        """Give the keys that the feature adds to the JSON of a run."""
        ...


def section_lines(report: Report, stage: Stage) -> Iterator[Line]:
    """Give the lines of all features that belong to one place."""
    for result in report.results:
        if isinstance(result, Section):
            yield from result.lines(report, stage)


def section_answers(report: Report) -> Body:
    """Give the keys of all features."""
    sections = [result for result in report.results if isinstance(result, Section)]
    return {key: value for section in sections for key, value in section.answer(report).items()}
