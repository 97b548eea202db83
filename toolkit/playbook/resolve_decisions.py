"""Fills in what was decided where a setting of a control refers to a decision."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from toolkit.playbook.choices import CHOICES, UNDECIDED
from toolkit.playbook.decisions import REFERENCE, Decisions
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Items, MappingItem, MappingNode, Node, Scalar

Complain = Callable[[int, str], None]
"""Takes a line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The settings of a control with what was decided in the place of every reference, and what is still open."""

    table: MappingNode
    waits_for: tuple[str, ...]  # choices without which nothing of it is asked for
    goes_on: tuple[str, ...]  # choices without which the rest of it is asked for


def fill(table: MappingNode, decisions: Decisions, *, going_on: Collection[str], complain: Complain) -> Filled:
    """Put what was decided in the place of `{decision: C16.lock_minutes}`; what is open stays as it is written.

    Settings that a control goes on without become `undecided`, which is a word of theirs.
    """
    entries: dict[str, MappingItem] = {}
    waits: dict[str, None] = {}
    goes_on: dict[str, None] = {}
    for key, entry in table.entries.items():
        entries[key] = entry
        reference = _reference(entry.node)
        if reference is None:
            continue
        name, _, parameter = reference.partition(".")
        if wrong := _wrong(name, parameter):
            complain(entry.line, f"{key}: {wrong}")
        elif (value := decisions.value(name, parameter)) is not None:
            entries[key] = MappingItem(entry.line, _at(value, entry.line))
        elif key in going_on:
            entries[key] = MappingItem(entry.line, Scalar(entry.line, UNDECIDED))
            goes_on[name] = None
        else:
            waits[name] = None
    return Filled(MappingNode(table.line, entries), tuple(waits), tuple(goes_on))


def _reference(node: Node) -> str | None:
    match node:
        case MappingNode(entries=entries) if list(entries) == [REFERENCE]:
            written = entries[REFERENCE].node
            return written.value if isinstance(written, Scalar) and isinstance(written.value, str) else None
        case _:
            return None


def _wrong(name: str, parameter: str) -> str:
    """Say what is wrong with a reference."""
    if name not in CHOICES:
        return f"unknown decision {quoted(name)}{did_you_mean(name, CHOICES)}"
    known = CHOICES[name].parameters
    if parameter and parameter not in known:
        return f"{name} decides no {quoted(parameter)}{did_you_mean(parameter, known)}"
    if known and not parameter:
        return f"{name} decides several things: write one of {', '.join(f'{name}.{one}' for one in known)}"
    return ""


def _at(node: Node, line: int) -> Node:
    """Write a value as if it stood at the line that refers to it."""
    match node:
        case Scalar(value=value):
            return Scalar(line, value)
        case Items(nodes=nodes):
            return Items(line, tuple(_at(one, line) for one in nodes))
        case MappingNode(entries=entries):
            return MappingNode(line, {key: MappingItem(line, _at(entry.node, line)) for key, entry in entries.items()})
