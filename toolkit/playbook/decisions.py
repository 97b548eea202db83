"""Read the decisions on choices that the policy leaves open, and fill in references to decisions."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model

from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.choices import CHOICES, UNDECIDED, Choice
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import Day, FileForm, Line, RoleOrPerson, Slug, check_not_before_on
from toolkit.records import dataclass
from toolkit.sdk.resource import Origin
from toolkit.yaml.node import Items, MappingItem, MappingNode, Node, Scalar, Source, plain

UNNAMED = "who decided it and when. Add `by` and `on`"


class DecisionForm(FileForm):
    """The schema of a decision on a choice that the policy leaves open. Each choice has its own form of the value."""

    decision: Line = Field(description="The choice, such as C16.")
    value: Any = Field(description="The value on which the school decided, or `undecided`.")
    by: RoleOrPerson | None = Field(
        default=None, description="The role or committee that decided it. No name is needed."
    )
    on: Day | None = Field(default=None, description="The day on which it was decided.")
    minute: Line | None = Field(default=None, description="The place in the minutes.")
    review: Annotated[Day | None, AfterValidator(check_not_before_on)] = Field(
        default=None, description="The day by which the decision must be reviewed."
    )


class DecisionsForm(FileForm):
    """The form of a file of decisions."""

    decisions: Slug = Field(description="A short name, such as policy-2026.")
    decided: list[Any] | None = Field(default=None, description="Decisions, one entry for each choice.")


@cache
def forms() -> dict[str, type[DecisionForm]]:
    """Return the schema of a decision for each choice, by the choice's name.

    A schema accepts only the choice's permitted values.
    """
    return {name: _create_form(name, choice) for name, choice in CHOICES.items()}


def _create_form(name: str, choice: Choice) -> type[DecisionForm]:
    clauses = f" It concerns {', '.join(choice.clauses)}." if choice.clauses else " No clause depends on it."
    fields: dict[str, Any] = {
        "decision": (Literal[name], Field(description="The choice.")),
        "value": (choice.value | Literal[UNDECIDED], Field(description=f"{choice.question}.{clauses}")),
    }
    return create_model(f"Decision{name}", __base__=DecisionForm, **fields)


REFERENCE = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision on a choice, with its value as a node of the file."""

    name: str
    value: Node
    by: str
    on: date
    minute: str | None
    review: date | None
    origin: Origin
    lines: Mapping[str, int]  # the line of each key


@dataclass(frozen=True, slots=True)
class Decisions:
    """The school's decisions, by the name of the choice. `listed` is true if the school has a file of decisions."""

    decided: Mapping[str, Decision] = field(default_factory=dict)
    listed: bool = False

    def value(self, name: str, parameter: str) -> Node | None:
        """Return the decided value of a choice, or None if the choice is open."""
        decision = self.decided.get(name)
        if decision is None or not parameter:
            return decision.value if decision else None
        entry = decision.value.entries.get(parameter) if isinstance(decision.value, MappingNode) else None
        return entry.node if entry else None

    def is_open(self, name: str) -> bool:
        """Return whether a choice, or a part of it, is still open."""
        decision = self.decided.get(name)
        return decision is None or (
            isinstance(decision.value, MappingNode) and UNDECIDED in _plain_values(decision.value)
        )


def _plain_values(table: MappingNode) -> Sequence[object]:
    return [entry.node.value for entry in table.entries.values() if isinstance(entry.node, Scalar)]


def read_decisions(sources: Sequence[Source], problems: list[Problem]) -> Decisions:
    """Return the decisions in all files of decisions. An entry with problems is reported and left out."""
    entries = [
        (source, table) for source in sources if _check_head(source, problems) for table in source.tables("decided")
    ]
    decided: dict[str, Decision] = {}
    first_origins: dict[str, Origin] = {}
    for source, table in entries:
        form = _read_form(source, table, problems)
        if form is None:
            continue
        origin = source.origin(table.line)
        if first := first_origins.get(form.decision):
            problems.append(
                source.problem(table.line, f"{form.decision} is decided twice. The first decision is at {first}")
            )
        first_origins.setdefault(form.decision, origin)
        if form.value == UNDECIDED:
            continue
        if form.by is None or form.on is None:
            problems.append(source.problem(table.line, f"{form.decision} does not say {UNNAMED}"))
            continue
        decided[form.decision] = Decision(
            name=form.decision,
            value=table.entries["value"].node,
            by=form.by,
            on=form.on,
            minute=form.minute,
            review=form.review,
            origin=origin,
            lines=table.lines(),
        )
    problems += _contradiction_problems(decided)
    return Decisions(decided, listed=bool(sources))


def _check_head(source: Source, problems: list[Problem]) -> bool:
    if read_form(DecisionsForm, source, "the file of decisions", problems) is None:
        return False
    entry = source.root.entries.get("decided")
    nodes = entry.node.nodes if entry and isinstance(entry.node, Items) else ()
    wrong = [node for node in nodes if not isinstance(node, MappingNode)]
    problems += [
        source.problem(node.line, "an entry must begin with the name of a decision, such as `decision: C16`")
        for node in wrong
    ]
    return not wrong


def _read_form(source: Source, table: MappingNode, problems: list[Problem]) -> DecisionForm | None:
    named = table.entries.get(REFERENCE)
    name = named.node.value if named and isinstance(named.node, Scalar) else None
    if isinstance(name, str) and name not in CHOICES:
        message = f"unknown decision {quoted(name)}{did_you_mean(name, CHOICES)}"
        problems.append(source.problem(named.line if named else table.line, message))
        return None
    model = forms()[name] if isinstance(name, str) else DecisionForm
    subject = name if isinstance(name, str) else "a decision"
    return read_form(model, source, subject, problems, table=table)


def _contradiction_problems(decided: Mapping[str, Decision]) -> Iterable[Problem]:
    """Yield a problem if two decisions contradict each other."""
    offence_choice, use_choice = decided.get("C2"), decided.get("C1")
    if (
        offence_choice
        and use_choice
        and plain(offence_choice.value) == "any"
        and plain(use_choice.value) != "prohibited"
    ):
        message = (
            f"C2: `any` personal use can be an offence only if C1 is `prohibited`, but at {use_choice.origin} C1 has "
            "another value"
        )
        yield Problem(offence_choice.origin.path, offence_choice.lines["value"], message)


Complain = Callable[[int, str], None]
"""Takes a line and the error there."""


@dataclass(frozen=True, slots=True)
class FilledSettings:
    """The settings of a control with decided values in place of references, and the choices that are still open."""

    table: MappingNode
    waits_for: tuple[str, ...]  # open choices that stop the whole control
    goes_on: tuple[str, ...]  # open choices that do not stop the control's other settings


def fill(
    table: MappingNode, decisions: Decisions, *, going_on: Collection[str], add_problem: Complain
) -> FilledSettings:
    """Replace each reference such as `{decision: C16.lock_minutes}` with the decided value. A reference to an open
    choice is kept, or replaced with `undecided` if the setting accepts that value.
    """
    entries: dict[str, MappingItem] = {}
    waits: dict[str, None] = {}
    goes_on: dict[str, None] = {}
    for key, entry in table.entries.items():
        entries[key] = entry
        reference = _reference_name(entry.node)
        if reference is None:
            continue
        name, _, parameter = reference.partition(".")
        if wrong := _reference_error(name, parameter):
            add_problem(entry.line, f"{key}: {wrong}")
            waits[name] = None  # so that the reference is not also validated as a value
        elif (value := decisions.value(name, parameter)) is not None:
            entries[key] = MappingItem(entry.line, _move_to_line(value, entry.line))
        elif key in going_on:
            entries[key] = MappingItem(entry.line, Scalar(entry.line, UNDECIDED))
            goes_on[name] = None
        else:
            waits[name] = None
    return FilledSettings(MappingNode(table.line, entries), tuple(waits), tuple(goes_on))


def _reference_name(node: Node) -> str | None:
    match node:
        case MappingNode(entries=entries) if list(entries) == [REFERENCE]:
            written = entries[REFERENCE].node
            return written.value if isinstance(written, Scalar) and isinstance(written.value, str) else None
        case _:
            return None


def _reference_error(name: str, parameter: str) -> str:
    if name not in CHOICES:
        return f"unknown decision {quoted(name)}{did_you_mean(name, CHOICES)}"
    parameters = CHOICES[name].parameters
    if parameter and parameter not in parameters:
        return f"{name} does not decide {quoted(parameter)}{did_you_mean(parameter, parameters)}"
    if parameters and not parameter:
        return f"{name} decides several values. Write one of {', '.join(f'{name}.{part}' for part in parameters)}"
    return ""


def _move_to_line(node: Node, line: int) -> Node:
    """Return the decided value with the line of the reference, so that problems point to the reference."""
    match node:
        case Scalar(value=value):
            return Scalar(line, value)
        case Items(nodes=nodes):
            return Items(line, tuple(_move_to_line(entry_node, line) for entry_node in nodes))
        case MappingNode(entries=entries):
            return MappingNode(
                line, {key: MappingItem(line, _move_to_line(entry.node, line)) for key, entry in entries.items()}
            )
