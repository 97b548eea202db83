"""Read a YAML file safely, and explain its syntax errors in plain words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from toolkit.errors import PlaybookError, Problem
from toolkit.messages import quoted
from toolkit.yaml.node import Items, MappingItem, MappingNode, Node, Scalar, Source, find_unprintable, resolve

DEEPEST = 40
_MOST_PROBLEMS = 100  # in one file, which is enough for a reader
_YES_OR_NO = {"yes", "no"}

_DASH = "the line begins with a long dash, as word processors write it: write a hyphen"
_LOOK_ALIKES = {"\u00a0": "the line begins with a no-break space: write spaces", "–": _DASH, "—": _DASH}
_TYPOGRAPHIC = re.compile("[“„].*[”“]|[‘‚].*[’‘]", re.DOTALL)


class Tree:
    """Builds the tree of a file and collects its problems, without the file's name."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.quotes: list[tuple[int, int]] = []  # first and last line of text in which a tab is text
        self.line = 1  # how far the file was understood

    def build(self, events: Iterator[Event]) -> None:
        """Build the tree. Raise PlaybookError at a problem after which the rest of the file cannot be read."""
        documents = 0
        for event in events:
            match event:
                case DocumentStartEvent():
                    documents += 1
                    self._begin_document(event, documents)
                case NodeEvent():
                    node = self._build_node(event, events, 1)
                    self.root = None if node == Scalar(node.line, None) else node

    def _begin_document(self, event: DocumentStartEvent, documents: int) -> None:
        if documents > 1:
            self._raise_problem(_line_number(event), "a second document begins with ---: a file can have only one")
        if event.version or event.tags:
            self._add_problem(_line_number(event), "a line above begins with %, which is not supported: delete it")

    def _build_node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        self.line = line = _line_number(event)
        if depth > DEEPEST:
            self._raise_problem(line, f"nested more than {DEEPEST} levels deep")
        self._refuse_extras(event, line)
        match event:
            case MappingStartEvent():
                return self._build_table(line, events, depth + 1)
            case SequenceStartEvent():
                return Items(line, tuple(self._build_node(entry, events, depth + 1) for entry in _first_events(events)))
            case ScalarEvent():
                return self._build_scalar(event, line)
            case _:
                return Scalar(line, None)

    def _refuse_extras(self, event: Event, line: int) -> None:
        if isinstance(event, AliasEvent):
            self._add_problem(
                line, f"{quoted(f'*{event.anchor}')} repeats another part of the file: write that part out"
            )
        elif isinstance(event, NodeEvent) and event.anchor:
            message = "marks a part of the file to repeat: delete it, and write out each repetition"
            self._add_problem(line, f"{quoted(f'&{event.anchor}')} {message}")
        if getattr(event, "tag", None):
            self._add_problem(line, "a type written with ! is not supported: delete it")

    def _build_table(self, line: int, events: Iterator[Event], depth: int) -> MappingNode:
        entries: dict[str, MappingItem] = {}
        for event in _first_events(events):
            at = _line_number(event)
            key = self._read_key(event, events, depth)
            value = next(events)
            node = self._build_node(value, events, depth)
            if isinstance(value, ScalarEvent) and value.start_mark.index == value.end_mark.index:
                node = Scalar(at, None)  # nothing is written: parsers place that on this line or a later one
            if key is None:
                continue
            if key in entries:
                self._add_problem(at, f"{quoted(key)} is written twice, first in line {entries[key].line}")
            else:
                entries[key] = MappingItem(at, node, (event.start_mark.index, event.end_mark.index))
        return MappingNode(line, entries)

    def _read_key(self, event: Event, events: Iterator[Event], depth: int) -> str | None:
        node = self._build_node(event, events, depth)
        unquoted = isinstance(event, ScalarEvent) and event.implicit[0]
        match node:
            case Scalar(value="<<") if unquoted:
                self._add_problem(node.line, "`<<` copies another part of the file: write that part out in full")
            case Scalar(value=str() as key) if unquoted and key[:1] in _LOOK_ALIKES:
                self._add_problem(node.line, _LOOK_ALIKES[key[:1]])
            case Scalar(value=str() as key) if not (unquoted and key.lower() in _YES_OR_NO):
                return key
            case Scalar(value=value):
                written = event.value if isinstance(event, ScalarEvent) else value
                self._add_problem(node.line, f"{quoted(str(written))} cannot be a key without quotes: put it in quotes")
            case _:
                self._add_problem(node.line, "a key must be a word, not a list or a table")
        return None

    def _build_scalar(self, event: ScalarEvent, line: int) -> Scalar:
        if event.style:
            self.quotes.append((line, event.end_mark.line + 1))
        if match := find_unprintable(event.value):
            character = f"U+{ord(match[0]):04X}"
            self._add_problem(line, f"an escape for a character that is not allowed in text ({character}): delete it")
            return Scalar(line, "")
        if not event.implicit[0]:
            return Scalar(line, event.value)
        if _TYPOGRAPHIC.fullmatch(event.value):
            self._add_problem(line, f"{quoted(event.value)} is in typographic quotation marks: write \" or ' instead")
        try:
            return Scalar(line, resolve(event.value))
        except ValueError as error:
            self._add_problem(line, str(error))
            return Scalar(line, 0)

    def _add_problem(self, line: int, message: str) -> None:
        self.problems.append(Problem("", line, message))
        if len(self.problems) >= _MOST_PROBLEMS:
            raise PlaybookError(self.problems)

    def _raise_problem(self, line: int, message: str) -> None:
        self._add_problem(line, message)
        raise PlaybookError(self.problems)


def _first_events(events: Iterator[Event]) -> Iterator[Event]:
    """Yield the first event of each list item or table key. The caller must consume the events inside it."""
    for event in events:
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            return
        yield event


def _line_number(event: Event) -> int:
    return int(event.start_mark.line) + 1


LARGEST = 1_000_000  # bytes
_READ_DIFFERENTLY = re.compile("[\t\x85\u2028\u2029\ufeff]|[|>][-+1-9]*#")  # by the compiled parser


def read_source(file: Path, *, relative: str) -> Source:
    """Read a file into a tree of values with line numbers.

    Raise PlaybookError with all problems. `relative` is the path relative to the directory of the playbooks.
    """
    shown = str(file)
    content = read_at_most(LARGEST, file, shown, "is larger than 1 MB: a playbook is a page or two")
    try:
        root = _parse_cached(_decode(content, shown))
    except PlaybookError as error:
        raise PlaybookError([replace(problem, path=shown) for problem in error.problems]) from error
    return Source(file=file, relative=relative, content=content, root=root)


@lru_cache(maxsize=128)
def _parse_cached(text: str) -> MappingNode:
    """Parse a text and cache the result for the process. Raise PlaybookError, with problems that have no path.

    The compiled parser is 15 times as fast as the Python parser, which is used if the text has a problem to explain.
    """
    if not _READ_DIFFERENTLY.search(text):
        try:
            return _build_table(text, compiled=True)
        except (PlaybookError, MarkedYAMLError, YAMLError, ValueError):
            pass
    return _build_table(text, compiled=False)


def _build_table(text: str, *, compiled: bool) -> MappingNode:
    tree = Tree()
    tree.build(YAML(typ="safe").parse(text) if compiled else _parse_events(text, tree))
    problems = [*tree.problems, *(Problem("", line, message) for line, message in tab_problems(text, tree.quotes))]
    match tree.root:
        case MappingNode() as root if root.entries and not problems:
            return root
        case None:
            message = "the file is empty: delete it, or begin with `playbook:`"
        case _:
            message = "a file must begin with a key for its type, such as `playbook:`"
    raise PlaybookError(problems or [Problem("", 1, message)])


def read_at_most(most: int, file: Path, shown_path: str, too_large: str) -> bytes:
    """Return the bytes of a file. Raise PlaybookError if it cannot be read or is larger than `most` bytes."""
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError as error:
        raise PlaybookError([Problem(shown_path, 1, f"cannot be read: {error.strerror}")]) from error
    if len(content) > most:
        raise PlaybookError([Problem(shown_path, 1, too_large)])
    return content


def _decode(content: bytes, shown_path: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 text (byte 0x{content[error.start]:02X}): save the file as UTF-8"
        raise PlaybookError([Problem(shown_path, line, message)]) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if match := find_unprintable(text):
        line = text.count("\n", 0, match.start()) + 1
        message = f"a character that is not allowed in text (U+{ord(match[0]):04X}): delete it"
        raise PlaybookError([Problem(shown_path, line, message)])
    return text


def _parse_events(text: str, tree: Tree) -> Iterator[Event]:
    """Yield the parse events one by one, so that the caller can stop early. Explain syntax errors in plain words."""
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        raise PlaybookError([*tree.problems, Problem("", *explain_error(error, text))]) from error
    except (YAMLError, ValueError, OverflowError) as error:  # an escape for an unknown character raises the last two
        message = "not valid YAML: an escape sequence in double quotes is not a character"
        raise PlaybookError([*tree.problems, Problem("", tree.line, message)]) from error


TAB = "tab used for indentation: use spaces"
_CHARACTER = re.compile(r"found character '(.{1,12})' that cannot start any token")
_INDENTED = re.compile(r" *\t[ \t]*[^\s#]")

_ABOUT = [  # the parser's words, ours, and whether the problem is at the beginning of the context
    ("mapping values are not allowed", "unexpected colon: check this line and the one above, or quote the text", False),
    ("could not find expected ':'", "a key without a colon, or text that needs quotes", True),
    ("found unexpected end of stream", "a quotation mark is opened here and never closed", True),
    ("found unexpected document separator", "a quotation mark is opened here and never closed", True),
    ("expected ',' or ']'", "a list opened with [ here is not closed, or lacks a comma", True),
    ("expected ',' or '}'", "a table opened with { here is not closed, or lacks a comma", True),
    ("found '<stream end>'", "a list or table opened with [ or { is never closed", True),
    ("expected <block end>", "the indentation does not fit the lines above", False),
    ("expected the node content", "a value is missing or begins with a character that needs quotes", False),
    ("found unknown escape character", r"a backslash in double quotes: use single quotes, or write \\", False),
]


def explain_error(error: MarkedYAMLError, text: str) -> tuple[int, str]:
    """Return the line of a syntax error and a message about it."""
    where = error.problem_mark or error.context_mark
    line = where.line + 1 if where else 1
    lines = text.split("\n")
    said = f"{error.context or ''} {error.problem or ''}".strip()
    if line <= len(lines) and re.match(r" *\t", lines[line - 1]):
        return line, TAB
    quote = where and "expected <block end>" in said and lines[line - 1][: where.column].rstrip().endswith(("'", '"'))
    if quote and not _quote_hint(lines[:line]):
        return line, "text after a closing quotation mark: in single quotes, write an apostrophe twice"
    if match := _CHARACTER.search(said):
        if match[1] in {"\\t", "\t"}:
            return line, "unexpected tab: use spaces"
        return line, f"a value cannot begin with {match[1]}: put it in quotes"
    for theirs, ours, at_context in _ABOUT:
        if theirs in said:
            began = error.context_mark if at_context else None
            return (began.line + 1 if began else line), f"{ours}{_quote_hint(lines[:line]) if not at_context else ''}"
    return line, f"not valid YAML: {said}"


def _quote_hint(lines_above: Sequence[str]) -> str:
    """Return a hint that names an earlier line whose quotation mark may not be closed, or ""."""
    odd = [number for number, line in enumerate(lines_above, 1) if line.count('"') % 2]
    last = len(lines_above)
    return (
        f", or the quotation mark of line {odd[-1]} is not closed"
        if odd and odd[-1] != last and '"' in lines_above[-1]
        else ""
    )


def tab_problems(text: str, quotes: Sequence[tuple[int, int]]) -> Iterable[tuple[int, str]]:
    """Return a problem for each line indented with a tab. `quotes` has the first and last lines of texts to skip."""
    indented = [number for number, line in enumerate(text.split("\n"), 1) if _INDENTED.match(line)]
    return [(line, TAB) for line in indented if not any(first < line <= last for first, last in quotes)]
