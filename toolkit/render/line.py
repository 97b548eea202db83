"""Lines of text for a terminal, and values as JSON.

Signs and words carry the meaning of a line, and a colour only repeats the meaning. A feature may add lines and keys to
the output of a run.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum, StrEnum, auto
from operator import attrgetter, methodcaller
from pathlib import Path
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from toolkit.records import dataclass
from toolkit.sdk.lending import without_person
from toolkit.sdk.reason import Reason, admin_text
from toolkit.sdk.resource import Address
from toolkit.sdk.stored_fields import StoredFields
from toolkit.values import AtLeast, Body, Json, plain

if TYPE_CHECKING:  # commands that only print lines, such as `validate`, do not load the engine
    from toolkit.engine.run_report import Report

_FORMS: Mapping[type, Callable[[Any], Json]] = {
    Address: lambda address: str(without_person(address)),
    AtLeast: plain,
    Path: str,
    Reason: admin_text,
    StoredFields: StoredFields.to_json,
    StrEnum: str,
    date: methodcaller("isoformat"),
}


def to_body(answer: Mapping[str, object]) -> Body:
    return {key: to_json(value) for key, value in answer.items()}


def row(value: object, *columns: str) -> Body:
    """Return some attributes of a value as a JSON object.

    A column is the name of an attribute, or `key=path` if the key has another name or the attribute is nested. A
    question mark after the key turns an empty value into null.
    """
    return {
        key.removesuffix("?"): _json_cell(value, key, path)
        for key, _, path in (column.partition("=") for column in columns)
    }


def rows(values: Iterable[object], *columns: str) -> list[Body]:
    """Return some attributes of each value as JSON objects, with the columns of `row`."""
    return [row(value, *columns) for value in values]


def _json_cell(value: object, key: str, path: str) -> Json:
    content = attrgetter(path or key.removesuffix("?"))(value)
    return to_json((content or None) if key.endswith("?") else content)


def to_json(value: object) -> Json:
    """Convert a value to JSON, a dataclass field by field.

    Raise TypeError for other types. A field whose key is a Python keyword ends with an underscore: `class_`.
    """
    for type_, write in _FORMS.items():
        if isinstance(value, type_):
            return write(value)
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): to_json(entry) for key, entry in value.items()}
        case Sequence():
            return [to_json(entry) for entry in value]
        case _ if is_dataclass(value):
            return {field.name.removesuffix("_"): to_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no JSON: {value!r}")


FORMAT: Final = 1
"""The format of each JSON answer of a command. Later versions of a format only add keys."""

_HANG: Final = 4
_QUOTED: Final = re.compile("`[^`]*`")
_WORD: Final = re.compile(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+""")  # as a shell divides a command


class Tone(Enum):
    """The possible meanings of a line, which a terminal may show as colours."""

    PLAIN = None
    HEADING = "bold"
    ADDED = "green"
    CHANGED = "yellow"
    REMOVED = "red"
    WARNING = "magenta"
    QUIET = "bright_black"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, with the meaning that a terminal may show as a colour."""

    text: str = ""
    tone: Tone = Tone.PLAIN
    hang: int = 0  # the column at which it continues on a narrow terminal, or 0 for an indent of four
    essential: bool = False  # a summary or an error, which --quiet shows too
    command: bool = False  # it ends with a command, which must work when it is copied from a narrow terminal


def leave_out_quiet_lines(lines: Iterable[Line], *, quiet: bool) -> Iterator[Line]:
    """Yield the lines that a command prints. With `quiet`, only the summaries and the errors are printed."""
    return (line for line in lines if line.essential or not quiet)


def wrap_command(text: str, width: int) -> str:
    """Break a command over several lines at spaces outside quotes.

    Each break has a backslash, so that a shell reads the lines as one command.
    """
    begins = len(text) - len(text.lstrip(" "))
    lines = [" " * begins]
    for word in _WORD.findall(text):
        if lines[-1].strip() and len(lines[-1]) + len(word) + len(" \\ ") > width:
            lines.append(" " * (begins + _HANG))
        lines[-1] += word if not lines[-1].strip() else f" {word}"
    return " \\\n".join(lines)


def wrap_line(text: str, indent_of_rest: int, width: int) -> str:
    """Break a line of text at spaces to fit the width of the terminal, and indent the following lines.

    A command in backticks is not broken.
    """
    indent = " " * (indent_of_rest or len(text) - len(text.lstrip(" ")) + _HANG)
    if len(text) <= width or len(indent) > width // 2:
        return text
    wrapper = TextWrapper(
        width,
        subsequent_indent=indent,
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    whole = _QUOTED.sub(lambda command: command[0].replace(" ", "\0"), text)
    return "\n".join(wrapper.wrap(whole)).replace("\0", " ")


class Stage(Enum):
    """The points in the output of a run at which an extension adds lines."""

    PLAN = auto()  # before the changes of a plan
    PLAN_END = auto()  # after them
    DRIFT = auto()  # before the changes of a drift
    DRIFT_END = auto()  # before its last line
    OUTCOME = auto()  # after the outcomes of an apply


@runtime_checkable
class Section(Protocol):
    """A feature's result that adds lines and keys to the output of a run."""

    def lines(self, report: "Report", stage: Stage) -> Iterator[Line]:
        """Return the lines that a feature's result adds to the output of a run at a given point."""
        ...

    def answer(self, report: "Report") -> Body:
        """Return the keys that a feature's result adds to the JSON of a run."""
        ...


def extension_lines(report: "Report", stage: Stage) -> Iterator[Line]:
    """Yield the lines that the features' results add to the output of a run at a given point."""
    for result in report.results:
        if isinstance(result, Section):
            yield from result.lines(report, stage)


def extension_keys(report: "Report") -> Body:
    """Return the keys that the features' results add to the JSON of a run."""
    sections = [result for result in report.results if isinstance(result, Section)]
    return {key: value for section in sections for key, value in section.answer(report).items()}
