"""Builds the tree of a file from parse events, refusing what YAML can do and a playbook does not need."""

from collections.abc import Iterator

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
from toolkit.yaml.messages import quoted
from toolkit.yaml.node import Items, MappingItem, MappingNode, Node, Scalar, resolve, unprintable

DEEPEST = 40
_MOST_PROBLEMS = 100  # in one file; after that a reader has seen enough
_YES_OR_NO = {"yes", "no"}


class Tree:
    """The tree of one file while it grows, and what is wrong with it, without the file's name."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.quotes: list[tuple[int, int]] = []  # first and last line of text in which a tab is text
        self.line = 1  # how far the file was understood

    def build(self, events: Iterator[Event]) -> None:
        """Take in all events of a file; PlaybookError where going on makes no sense."""
        documents = 0
        for event in events:
            match event:
                case DocumentStartEvent():
                    documents += 1
                    self._document(event, documents)
                case NodeEvent():
                    node = self._node(event, events, 1)
                    self.root = None if node == Scalar(node.line, None) else node

    def _document(self, event: DocumentStartEvent, documents: int) -> None:
        if documents > 1:
            self._give_up(_line(event), "a second document begins with ---: one file holds one")
        if event.version or event.tags:
            self._complain(_line(event), "a line above begins with %, which is not supported: delete it")

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        self.line = line = _line(event)
        if depth > DEEPEST:
            self._give_up(line, f"nested more than {DEEPEST} levels deep")
        self._refuse_extras(event, line)
        match event:
            case MappingStartEvent():
                return self._table(line, events, depth + 1)
            case SequenceStartEvent():
                return Items(line, tuple(self._node(item, events, depth + 1) for item in _until_end(events)))
            case ScalarEvent():
                return self._scalar(event, line)
            case _:
                return Scalar(line, None)

    def _refuse_extras(self, event: Event, line: int) -> None:
        if isinstance(event, AliasEvent):
            self._complain(line, f"{quoted(f'*{event.anchor}')} repeats another place: write it out")
        elif isinstance(event, NodeEvent) and event.anchor:
            self._complain(
                line, f"{quoted(f'&{event.anchor}')} marks a place to repeat: delete it and write things out"
            )
        if getattr(event, "tag", None):
            self._complain(line, "a type written with ! is not supported: delete it")

    def _table(self, line: int, events: Iterator[Event], depth: int) -> MappingNode:
        entries: dict[str, MappingItem] = {}
        for event in _until_end(events):
            at = _line(event)
            key = self._key(event, events, depth)
            value = next(events)
            node = self._node(value, events, depth)
            if isinstance(value, ScalarEvent) and value.start_mark.index == value.end_mark.index:
                node = Scalar(at, None)  # nothing is written: parsers place that on this line or a later one
            if key is None:
                continue
            if key in entries:
                self._complain(at, f"{quoted(key)} is written twice, first in line {entries[key].line}")
            else:
                entries[key] = MappingItem(at, node, (event.start_mark.index, event.end_mark.index))
        return MappingNode(line, entries)

    def _key(self, event: Event, events: Iterator[Event], depth: int) -> str | None:
        node = self._node(event, events, depth)
        unquoted = isinstance(event, ScalarEvent) and event.implicit[0]
        match node:
            case Scalar(value="<<") if unquoted:
                self._complain(node.line, "<< takes over another place: write it out")
            case Scalar(value=str() as key) if not (unquoted and key.lower() in _YES_OR_NO):
                return key
            case Scalar(value=value):
                written = event.value if isinstance(event, ScalarEvent) else value
                self._complain(node.line, f"{quoted(str(written))} is no name for a key: put it in quotes")
            case _:
                self._complain(node.line, "a key must be a word, not a list or a table")
        return None

    def _scalar(self, event: ScalarEvent, line: int) -> Scalar:
        if event.style:
            self.quotes.append((line, event.end_mark.line + 1))
        if found := unprintable(event.value):
            self._complain(line, f"an escape for a character that no text holds (U+{ord(found[0]):04X}): delete it")
            return Scalar(line, "")
        if not event.implicit[0]:
            return Scalar(line, event.value)
        try:
            return Scalar(line, resolve(event.value))
        except ValueError as error:
            self._complain(line, str(error))
            return Scalar(line, 0)

    def _complain(self, line: int, message: str) -> None:
        self.problems.append(Problem("", line, message))
        if len(self.problems) >= _MOST_PROBLEMS:
            raise PlaybookError(self.problems)

    def _give_up(self, line: int, message: str) -> None:
        self._complain(line, message)
        raise PlaybookError(self.problems)


def _until_end(events: Iterator[Event]) -> Iterator[Event]:
    """Give the first events of a list's items or a table's keys; what they begin is taken in between."""
    for event in events:
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            return
        yield event


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1
