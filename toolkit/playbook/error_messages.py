"""Convert pydantic's errors to problems with a line and a plain message."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from toolkit.errors import Problem
from toolkit.messages import closest, did_you_mean, one_of, quoted, sentence, shown
from toolkit.playbook.describe_type import choices, example_of, expected, keys, types_at_path
from toolkit.records import dataclass
from toolkit.sdk.dates import guess_date
from toolkit.yaml.node import MappingNode, Scalar, Source, Step, find, line_of, plain_table

_LIST = "a list"  # the phrase that `expected` returns


@dataclass(frozen=True, slots=True)
class Complaint:
    """A validation error and its place in the file. `branch` is the alternative of a union that raised it."""

    path: tuple[Step, ...]
    union: tuple[Step, ...] | None  # the path of the outermost union above it
    branch: str
    error: ErrorDetails

    @property
    def kind(self) -> str:
        return self.error["type"]

    @property
    def is_type_error(self) -> bool:
        """Return whether the error is that the value has another type than the alternative."""
        return self.kind.endswith(("_type", "_parsing")) or self.kind in {"enum", "is_instance_of", "literal_error"}


def collect_complaints(error: ValidationError, table: MappingNode) -> Sequence[Complaint]:
    """Return the errors with their places in the file. Errors that other errors cause are left out."""
    all_complaints = [_complaint_in_file(details, table) for details in error.errors(include_url=False)]
    unions: dict[tuple[Step, ...], list[Complaint]] = {}
    for complaint in all_complaints:
        if complaint.union is not None:
            unions.setdefault(complaint.union, []).append(complaint)
    best = [complaint for alternatives in unions.values() for complaint in _intended_alternative(alternatives)]
    return [*(complaint for complaint in all_complaints if complaint.union is None), *best]


def _complaint_in_file(error: ErrorDetails, table: MappingNode) -> Complaint:
    """Return an error with its path in the file, in which pydantic's names of alternatives are left out."""
    path: tuple[Step, ...] = ()
    union: tuple[Step, ...] | None = None
    branch = ""
    last = len(error["loc"]) - 1
    for position, step in enumerate(error["loc"]):
        if find(table, (*path, step)) is not None or (position == last and error["type"] == "missing"):
            path = (*path, step)
        elif union is None:
            union, branch = path, str(step)
    return Complaint(path, union, branch, error)


def _intended_alternative(alternatives: Iterable[Complaint]) -> Sequence[Complaint]:
    """Return the errors of the alternative that fits the value best, because the writer probably meant this
    alternative.
    """
    branches: dict[str, list[Complaint]] = {}
    for complaint in alternatives:
        branches.setdefault(complaint.branch, []).append(complaint)
    return max(branches.values(), key=_fit_of_alternative)


def _fit_of_alternative(branch: Sequence[Complaint]) -> tuple[int, bool, bool, int]:
    """Return a sort key that shows how well an alternative fits: the depth of its errors, its keys, and its types."""
    depth = max(len(complaint.path) for complaint in branch)
    other_keys = any(complaint.kind in {"missing", "extra_forbidden"} for complaint in branch)
    other_types = any(complaint.is_type_error for complaint in branch)
    return depth, not other_keys, not other_types, -len(branch)


FormModel = TypeVar("FormModel", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPlace:
    """The model against which settings are validated, and their place in the file."""

    source: Source
    table: MappingNode
    line: int  # of the key above the table
    subject: str  # the subject of "needs" in a message, such as `mail.disclaimer`
    model: type[BaseModel]
    word: str = "setting"
    also: tuple[str, ...] = ()  # other keys that the table may have


def read_form(
    model: type[FormModel],
    source: Source,
    subject: str,
    problems: list[Problem],
    context: object = None,
    *,
    table: MappingNode | None = None,
) -> FormModel | None:
    """Return a validated file, or a validated table of a file.

    If the content is invalid, add the problems to `problems` and return None.
    """
    table = table or source.root
    try:
        return model.model_validate(plain_table(table), context=context, by_alias=True, by_name=False)
    except ValidationError as error:
        place = SettingsPlace(source=source, table=table, line=table.line, subject=subject, model=model, word="key")
        problems += problems_of(error, place)
        return None


def problems_of(error: ValidationError, place: SettingsPlace) -> Sequence[Problem]:
    """Return the problems of a validation error, at most one for each place in the file."""
    all_complaints = collect_complaints(error, place.table)
    unknown = [complaint for complaint in all_complaints if complaint.kind == "extra_forbidden"]
    complaints = [
        complaint
        for complaint in all_complaints
        if not any(_is_caused_by_misspelling(complaint, unknown_word, place) for unknown_word in unknown)
    ]
    return [
        place.source.problem(
            line_of(place.table, complaint.path, otherwise=place.line), _describe_error(complaint, place)
        )
        for complaint in complaints
    ]


def _is_caused_by_misspelling(complaint: Complaint, unknown_key: Complaint, place: SettingsPlace) -> bool:
    """Return whether a setting is missing only because another setting is misspelt."""
    if complaint.kind != "missing" or complaint.path[:-1] != unknown_key.path[:-1]:
        return False
    return (
        complaint.union is not None
        or closest(str(unknown_key.path[-1]), _known_words(unknown_key, place)) == complaint.path[-1]
    )


def _describe_error(complaint: Complaint, place: SettingsPlace) -> str:
    context: Mapping[str, Any] = complaint.error.get("ctx", {})
    name = _describe_path(complaint.path) or place.subject
    if complaint.kind == "missing":
        return f"{_describe_path(complaint.path[:-1]) or place.subject} needs {quoted(str(complaint.path[-1]))}"
    if complaint.kind == "extra_forbidden":
        return _describe_unknown_key(complaint, place)
    if complaint.is_type_error:
        return _describe_wrong_type(complaint, place, name)
    return _describe_wrong_value(complaint, place, name, context)


def _describe_wrong_value(complaint: Complaint, place: SettingsPlace, name: str, context: Mapping[str, Any]) -> str:
    if complaint.kind in {"value_error", "assertion_error"}:
        return f"{name}: {sentence(context['error'])}"
    if complaint.kind == "string_pattern_mismatch":
        return f"{name}: {_describe_wrong_form(complaint, place)}"
    if limit := _LIMITS.get(complaint.kind):
        return f"{name} {limit(context)}"
    return f"{name}: {sentence(complaint.error['msg'].removeprefix('Input '))}"


def _describe_unknown_key(complaint: Complaint, place: SettingsPlace) -> str:
    key = str(complaint.path[-1])
    known_words = _known_words(complaint, place)
    table = find(place.table, complaint.path[:-1])
    others = [quoted(other) for other in table.entries if other != key] if isinstance(table, MappingNode) else []
    if key in known_words and others:
        return f"{quoted(key)} cannot be combined with {one_of(others, 'and')}"
    return f"unknown {place.word} {quoted(key)}{did_you_mean(key, known_words)}"


def _known_words(complaint: Complaint, place: SettingsPlace) -> Sequence[str]:
    above = complaint.path[:-1]
    names = [name for shape in types_at_path(place.model, above) for name in keys(shape)]
    return names if above else [*names, *place.also]


def _describe_wrong_type(complaint: Complaint, place: SettingsPlace, name: str) -> str:
    alternatives = types_at_path(place.model, complaint.path)
    expected_types = one_of(expected(alternatives)) if alternatives else "another kind of value"
    node = find(place.table, complaint.path)
    if not isinstance(node, Scalar):
        entries = ". Begin each entry with `- `" if expected_types == _LIST and isinstance(node, MappingNode) else ""
        return f"{name} must be {expected_types}{entries}"
    message = f"{name} must be {expected_types}, not {shown(node.value)}"
    if isinstance(node.value, str):
        intended = closest(node.value, choices(alternatives)) or _intended_value(node.value, complaint, place)
        return f"{message}: did you mean `{intended}`?" if intended else message
    return f"{message}. Put it in quotes" if str in alternatives and node.value is not None else message


def _intended_value(text: str, complaint: Complaint, place: SettingsPlace) -> str:
    """Return the value that the writer probably meant, or "".

    It is a valid date, a number without a unit, or a list with the written entry.
    """
    alternatives = types_at_path(place.model, complaint.path)
    if date in alternatives:
        return str(guess_date(text) or "")
    if expected(alternatives) == [_LIST] and str in types_at_path(place.model, (*complaint.path, 0)):
        return f"[{text}]" if text.isprintable() else ""
    number = re.match(r"\d+ ", text)
    return number[0].strip() if number and int in alternatives else ""


def _describe_wrong_form(complaint: Complaint, place: SettingsPlace) -> str:
    node = find(place.table, complaint.path)
    value = shown(node.value) if isinstance(node, Scalar) else "this"
    example = example_of(place.model, complaint.path)
    right = f"; an example is {example}" if example else f": {complaint.error['ctx']['pattern']}"
    return f"{value} does not have the right form{right}"


def _describe_path(path: Sequence[Step]) -> str:
    """Return a path as a person would say it, such as entry 2 of `sent_to`. The path of the table itself is ""."""
    if not path:
        return ""
    *above, last = path
    if isinstance(last, int):
        return f"entry {last + 1} of {_describe_path(above)}"
    dotted = [str(step) for step in takewhile(lambda step: isinstance(step, str), reversed(path))][::-1]
    rest = path[: len(path) - len(dotted)]
    return f"{quoted('.'.join(dotted))} of {_describe_path(rest)}" if rest else quoted(".".join(dotted))


def _describe_minimum_length(context: Mapping[str, Any]) -> str:
    least = context["min_length"]
    return "must not be empty" if least == 1 else f"must have at least {least} characters"


def _count_entries(number: int) -> str:
    return f"{number} entry" if number == 1 else f"{number} entries"


_LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "string_too_short": _describe_minimum_length,
    "string_too_long": lambda c: f"can have at most {c['max_length']} characters",
    "too_short": lambda c: f"must have at least {_count_entries(c['min_length'])}, not {c['actual_length']}",
    "too_long": lambda c: f"can have {_count_entries(c['max_length'])} at most, not {c['actual_length']}",
    "greater_than": lambda c: f"must be more than {c['gt']}",
    "greater_than_equal": lambda c: f"must be {c['ge']} or more",
    "less_than": lambda c: f"must be less than {c['lt']}",
    "less_than_equal": lambda c: f"must be {c['le']} or less",
    "multiple_of": lambda c: f"must be a multiple of {c['multiple_of']}",
}
