"""The nodes of a YAML file, each with its line. Dates are kept as text."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import Problem
from toolkit.records import dataclass
from toolkit.sdk.resource import Origin
from toolkit.values import Json

Step: TypeAlias = "str | int"
"""A step down the tree: a key of a table, or the position in a list."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A node with a single value."""

    line: int
    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Items:
    """A node with a list of nodes."""

    line: int
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class MappingItem:
    """A key of a table, with its line, its value, and the position of its first character in the file."""

    line: int
    node: "Node"
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A node with a table of keys and values, in the order of the file."""

    line: int
    entries: Mapping[str, MappingItem]

    def lines(self) -> Mapping[str, int]:
        return {key: entry.line for key, entry in self.entries.items()}

    def nested_key_lines(self) -> Mapping[str, int]:
        """Return the line of each key of the nested tables, by names such as `table.key`."""
        tables = {key: entry.node.entries for key, entry in self.entries.items() if isinstance(entry.node, MappingNode)}
        return {f"{key}.{name}": entry.line for key, entries in tables.items() for name, entry in entries.items()}


Node: TypeAlias = Scalar | Items | MappingNode


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML file: its path as the user wrote it, its bytes, and its top-level table."""

    file: Path
    relative: str  # to the directory of the playbooks, in digests
    content: bytes = field(repr=False)
    root: MappingNode

    @property
    def path(self) -> str:
        """Return the path of the file to show in problems."""
        return str(self.file)

    @property
    def first(self) -> str:
        """Return the first key of the file, which is the type of the file."""
        return next(iter(self.root.entries))

    def tables(self, key: str) -> Sequence[MappingNode]:
        """Return the tables in the list under a key.

        Entries that are not tables are left out, and validation reports them.
        """
        entry = self.root.entries.get(key)
        items = entry.node.nodes if entry and isinstance(entry.node, Items) else ()
        return [entry_node for entry_node in items if isinstance(entry_node, MappingNode)]

    def problem(self, line: int, message: str) -> Problem:
        return Problem(self.path, line, message)

    def origin(self, line: int) -> Origin:
        return Origin(self.path, line)


def plain(node: Node) -> Json:
    """Convert a node to plain values without line numbers."""
    match node:
        case Scalar():
            return node.value
        case Items():
            return [plain(entry_node) for entry_node in node.nodes]
        case MappingNode():
            return plain_table(node)


def plain_table(table: MappingNode) -> Mapping[str, Json]:
    """Convert a table to plain values by key, without line numbers."""
    return {key: plain(entry.node) for key, entry in table.entries.items()}


def find(node: Node, path: Sequence[Step]) -> Node | None:
    """Return the node at a path, or None if the file has no such path."""
    for step in path:
        below = _child_at(node, step)
        if below is None:
            return None
        node = below.node
    return node


def line_of(node: Node, path: Sequence[Step], *, otherwise: int) -> int:
    """Return the line of the deepest node of the file on a path, or `otherwise` if no node is on the path."""
    line = otherwise
    for step in path:
        below = _child_at(node, step)
        if below is None:
            return line
        line, node = below.line, below.node
    return line


def _child_at(node: Node, step: Step) -> MappingItem | None:
    match node, step:
        case MappingNode(), str():
            return node.entries.get(step)
        case Items(), int() if 0 <= step < len(node.nodes):
            return MappingItem(node.nodes[step].line, node.nodes[step])
        case _:
            return None


_NULL = {"", "~", "null", "Null", "NULL"}
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# A number with a leading zero stays text: a telephone number would lose it, and YAML 1.1 reads it as octal.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LARGEST = 2**63


def resolve(word: str) -> bool | int | float | str | None:
    """Return the value of an unquoted word. Raise ValueError for a number that cannot be used."""
    if word in _NULL:
        return None
    if word in _FLAGS:
        return _FLAGS[word]
    if _INTEGER.fullmatch(word) or _OTHER_BASE.fullmatch(word):
        return _parse_integer(word)
    if _NOT_FINITE.fullmatch(word):
        raise ValueError(f"{word} is not a number that can be used")
    if _FLOAT.fullmatch(word):
        return _parse_float(word)
    return word


def find_unprintable(text: str) -> re.Match[str] | None:
    """Find the first character that is not allowed in text: a control character or a lone surrogate."""
    return _UNPRINTABLE.search(text)


def _parse_integer(word: str) -> int:
    too_large = ValueError("a number of more than 64 bits cannot be used. If it is text, put it in quotes")
    if len(word) > 32:  # noqa: PLR2004 - longer than 64 bits are in any base, and int() takes its time
        raise too_large
    number = int(word, 0)
    if not -_LARGEST <= number < _LARGEST:
        raise too_large
    return number


def _parse_float(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError("a number as large as this cannot be used. If it is text, put it in quotes")
    return number
