"""Read the files of the policy: its clauses, their minimums and its document."""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_origin

from toolkit.catalogue.naming import Catalogue, OfCategory, resolve
from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control
from toolkit.errors import Problem
from toolkit.messages import did_you_mean, one_of, quoted, shown
from toolkit.playbook.describe_type import Shape, choices, expected, shapes
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.policy_entries import Clause, ClausePlace, Floor, Policy, PolicyDocument, Test
from toolkit.playbook.policy_schema import ClauseForm, FloorForm, PolicyForm
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.school.school import School
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.resource import Origin
from toolkit.values import Json
from toolkit.yaml.node import Source, Step, line_of, plain_table


def read_policy(
    sources: Iterable[Source], school: School | None, words: Vocabulary, apps: Catalogue, problems: list[Problem]
) -> Policy:
    """Combine all files of the policy. Problems are added to `problems`."""
    clauses: list[Clause] = []
    document: PolicyDocument | None = None
    for source in sources:
        form = read_form(PolicyForm, source, "the file of the policy", problems)
        if form is None:
            continue
        problems += _unknown_name_problems(form, source, school, words, apps)
        clauses += [_to_clause(clause, form, source, n) for n, clause in enumerate(form.clauses)]
        if form.document is None:
            continue
        written = form.document.place(source.origin(line_of(source.root, ("document",), otherwise=source.root.line)))
        if document is not None:
            message = f"the document is described twice. The first description is at {document.origin}"
            problems.append(source.problem(written.origin.line, message))
        document = document or written
    problems += _duplicate_clause_problems(clauses)
    return Policy(tuple(clauses), document)


def unknown_clauses(policy: Policy, sources: Iterable[Source]) -> Iterator[Problem]:
    """Yield a problem for each reference to a clause that the policy does not have.

    Without a policy, every clause is accepted.
    """
    clause_names = [clause.name for clause in policy.clauses]
    for source in sources if clause_names else ():
        for path, name in _clause_references(plain_table(source.root)):
            if name not in clause_names:
                line = line_of(source.root, path, otherwise=source.root.line)
                yield source.problem(line, f"the policy has no clause {quoted(name)}{did_you_mean(name, clause_names)}")


def _clause_references(table: Json, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Yield the path and the name of each clause under `clauses:` and `clause:` at any depth."""
    for step, below in table.items() if isinstance(table, dict) else ():
        match step, below:
            case "clauses", [*names]:
                yield from (((*path, step, n), name) for n, name in enumerate(names) if isinstance(name, str))
            case "clause", str() as name:
                yield (*path, step), name
            case _, [*entries] if not path:
                for n, entry in enumerate(entries):
                    yield from _clause_references(entry, (step, n))


def _unknown_name_problems(
    form: PolicyForm, source: Source, school: School | None, vocabulary: Vocabulary, apps: Catalogue
) -> Iterator[Problem]:
    """Yield a problem for each unknown control or role, and for each comparison that a setting does not support."""
    for n, clause in enumerate(form.clauses):
        for position, name in enumerate(clause.controls):
            if name not in vocabulary.controls and not vocabulary.find_broken_module(name):
                line = _line_in_clause(source, n, "controls", position)
                yield source.problem(line, f"unknown control {quoted(name)}{did_you_mean(name, vocabulary.controls)}")
        for name in clause.proposed.controls if clause.proposed else ():
            if name not in vocabulary.controls:
                line = _line_in_clause(source, n, "proposed", "controls")
                yield source.problem(line, f"unknown control {quoted(name)}{did_you_mean(name, vocabulary.controls)}")
        for position, floor in enumerate(clause.floor):
            line = _line_in_clause(source, n, "floor", position)
            if floor.covers and school and floor.covers not in (*school.roles, EVERYONE):
                meant = did_you_mean(floor.covers, (*school.roles, EVERYONE))
                yield source.problem(line, f"unknown role {quoted(floor.covers)}{meant}")
            control = vocabulary.controls.get(floor.control)
            if control and floor.setting and (wrong := floor_error(_to_floor(floor, source, line), control, apps)):
                yield source.problem(line, wrong)


def _line_in_clause(source: Source, index: int, *below: Step) -> int:
    return line_of(source.root, ("clauses", index, *below), otherwise=source.root.line)


def _to_clause(clause: ClauseForm, form: PolicyForm, source: Source, index: int) -> Clause:
    return Clause(
        name=clause.clause,
        says=clause.says,
        of_class=clause.of_class,
        owner=clause.owner or form.owner,
        place=ClausePlace(
            clause.place.section or form.section,
            clause.place.paragraph,
            clause.place.begins,
            clause.place.number,
            clause.place.page,
        ),
        controls=tuple(clause.controls),
        parts={control: tuple(parts) for control, parts in clause.parts.items()},
        resources=tuple(clause.resources),
        evidence=tuple(clause.evidence),
        floor=tuple(
            _to_floor(floor, source, _line_in_clause(source, index, "floor", m)) for m, floor in enumerate(clause.floor)
        ),
        uncovered=tuple(clause.uncovered),
        origin=source.origin(_line_in_clause(source, index)),
    )


def _to_floor(floor: FloorForm, source: Source, line: int) -> Floor:
    value: Json = floor.model_dump(mode="json")[floor.test]
    setting = "for" if floor.test is Test.COVERS else str(floor.setting)
    return Floor(control=floor.control, setting=setting, test=floor.test, value=value, origin=Origin(source.path, line))


def _duplicate_clause_problems(clauses: Iterable[Clause]) -> Iterator[Problem]:
    first: dict[str, Clause] = {}
    for clause in clauses:
        if other := first.get(clause.name):
            message = f"{clause.name} is also at {other.origin}. Keep one of them"
            yield Problem(clause.origin.path, clause.origin.line, message)
        first.setdefault(clause.name, clause)


BLOCK = "block"
"""The setting whose entries are apps or categories."""


def parse_block_entries(value: Json) -> list[str | OfCategory]:
    """Parse the apps and categories that a minimum requires in a block list."""
    entries = value if isinstance(value, list) else []
    return [OfCategory.model_validate(entry) if isinstance(entry, dict) else str(entry) for entry in entries]


def floor_error(floor: Floor, control: Control, apps: Catalogue) -> str:
    """Return a message if a minimum cannot be compared with the setting of its control, or "" if it can."""
    fields = {field.alias or name: field for name, field in control.settings.model_fields.items()}
    if floor.setting not in fields:
        return f"{control.name} has no setting {quoted(floor.setting)}{did_you_mean(floor.setting, fields)}"
    accepted = shapes(fields[floor.setting].annotation)
    match floor.test:
        case Test.AT_LEAST | Test.AT_MOST:
            wrong = "" if int in accepted or float in accepted else "is not a number"
        case Test.INCLUDES:
            wrong = _list_error(floor, control, accepted, apps)
        case Test.EQUALS:
            wrong = _value_error(floor.value, accepted)
        case Test.ONE_OF:
            values = floor.value if isinstance(floor.value, list) else []
            wrong = next((error for value in values if (error := _value_error(value, accepted))), "")
        case Test.DECIDED:
            wrong = "" if str in accepted else "cannot be left undecided"
        case Test.COVERS:
            wrong = ""
    return f"{quoted(floor.setting)} of {control.name} {wrong}" if wrong else ""


def _list_error(floor: Floor, control: Control, accepted: Sequence[Shape], apps: Catalogue) -> str:
    if not any(get_origin(shape) is list for shape in accepted):
        return "is not a list"
    if issubclass(control.settings, Blocking) and floor.setting == BLOCK:
        try:
            resolve(parse_block_entries(floor.value), apps)
        except ValueError as unknown:
            return f"does not have this entry: {unknown}"
    elif any(isinstance(entry, dict) for entry in (floor.value if isinstance(floor.value, list) else ())):
        return "does not have categories"
    return ""


def _value_error(value: Json, accepted: Sequence[Shape]) -> str:
    """Return a message if a setting cannot have this value, or "" if it can."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text in choices(accepted) or type(value) in accepted:
        return ""
    return f"cannot be {shown(value)}. It must be {one_of(expected(accepted))}"
