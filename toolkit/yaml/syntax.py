"""Says in plain words what a YAML parser complains about, and finds tabs used for indentation."""

import re
from collections.abc import Iterable, Sequence

from ruamel.yaml.error import MarkedYAMLError

TAB = "tab used for indentation: use spaces"
_CHARACTER = re.compile(r"found character '(.+)' that cannot start any token")
_INDENTED = re.compile(r" *\t[ \t]*[^\s#]")

_ABOUT = [  # the parser's word, ours, whether the place is where the context began
    ("mapping values are not allowed", "a colon where none can stand: check the indentation, or quote the text", False),
    ("could not find expected ':'", "a key without a colon, or text that needs quotes", True),
    ("found unexpected end of stream", "a quotation mark is opened here and never closed", True),
    ("found unexpected document separator", "a quotation mark is opened here and never closed", True),
    ("expected ',' or ']'", "a list opened with [ here is not closed, or lacks a comma", True),
    ("expected ',' or '}'", "a table opened with { here is not closed, or lacks a comma", True),
    ("found '<stream end>'", "something opened with [ or { is never closed", True),
    ("expected <block end>", "the indentation does not fit the lines above", False),
    ("expected the node content", "a value is missing or begins with a sign that needs quotes", False),
    ("found unknown escape character", r"a backslash in double quotes: use single quotes, or write \\", False),
]


def explain(error: MarkedYAMLError, text: str) -> tuple[int, str]:
    """Give the line and the words of a syntax error."""
    where = error.problem_mark or error.context_mark
    line = where.line + 1 if where else 1
    lines = text.split("\n")
    said = f"{error.context or ''} {error.problem or ''}".strip()
    if line <= len(lines) and re.match(r" *\t", lines[line - 1]):
        return line, TAB
    if found := _CHARACTER.search(said):
        if found[1] in {"\\t", "\t"}:
            return line, "a tab where none can stand: use spaces"
        return line, f"a value cannot begin with {found[1]}: put it in quotes"
    for theirs, ours, at_context in _ABOUT:
        if theirs in said:
            began = error.context_mark if at_context else None
            return (began.line + 1 if began else line), ours
    return line, f"not valid YAML: {said}"


def tabs(text: str, quotes: Sequence[tuple[int, int]]) -> Iterable[tuple[int, str]]:
    """Find the lines that a tab indents; within quoted and block text (first and last line) it is text."""
    indented = [number for number, line in enumerate(text.split("\n"), 1) if _INDENTED.match(line)]
    return [(line, TAB) for line in indented if not any(first < line <= last for first, last in quotes)]
