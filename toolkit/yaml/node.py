"""What stands in a YAML file: plain values, each with the line it was written on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import Problem
from toolkit.sdk.resource import Origin
from toolkit.values import Json

Step: TypeAlias = "str | int"
"""One step down the tree: a key of a table, or the position of an item."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value."""

    line: int
    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class MappingItem:
    """A key's line, and what was written behind it."""

    line: int
    node: "Node"


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys with what was written behind them, in the order of the file."""

    line: int
    entries: Mapping[str, MappingItem]

    def lines(self) -> Mapping[str, int]:
        """Give the line of each key."""
        return {key: entry.line for key, entry in self.entries.items()}


Node: TypeAlias = Scalar | Items | MappingNode


@dataclass(frozen=True, slots=True)
class Source:
    """One YAML file: its path as people wrote it, its bytes, and the table it holds."""

    file: Path
    relative: str  # to the directory of the playbooks, in digests
    content: bytes = field(repr=False)
    root: MappingNode

    @property
    def path(self) -> str:
        """Give the path as it stands in problems."""
        return str(self.file)

    @property
    def first(self) -> str:
        """Give the key that says what the file is."""
        return next(iter(self.root.entries))

    def problem(self, line: int, message: str) -> Problem:
        return Problem(self.path, line, message)

    def origin(self, line: int) -> Origin:
        return Origin(self.path, line)


def plain(node: Node) -> Json:
    """Give the values alone."""
    match node:
        case Scalar():
            return node.value
        case Items():
            return [plain(item) for item in node.nodes]
        case MappingNode():
            return plain_table(node)


def plain_table(table: MappingNode) -> Mapping[str, Json]:
    """Give the keys of a table with their values alone."""
    return {key: plain(entry.node) for key, entry in table.entries.items()}


def find(node: Node, path: Sequence[Step]) -> Node | None:
    """Go down to a node; None where the path leaves the tree."""
    for step in path:
        below = _below(node, step)
        if below is None:
            return None
        node = below.node
    return node


def line_of(node: Node, path: Sequence[Step], *, otherwise: int) -> int:
    """Give the line of the last step of a path that was written, or another one where none was."""
    line = otherwise
    for step in path:
        below = _below(node, step)
        if below is None:
            return line
        line, node = below.line, below.node
    return line


def _below(node: Node, step: Step) -> MappingItem | None:
    match node, step:
        case MappingNode(), str():
            return node.entries.get(step)
        case Items(), int() if 0 <= step < len(node.nodes):
            return MappingItem(node.nodes[step].line, node.nodes[step])
        case _:
            return None
