"""Reads the files of the policy: its clauses, their minimums and whether those can be compared, the document."""

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
    """Read all files of the policy as one; what is wrong goes to the problems."""
    clauses: list[Clause] = []
    document: PolicyDocument | None = None
    for source in sources:
        form = read_form(PolicyForm, source, "the file of the policy", problems)
        if form is None:
            continue
        problems += _strange(form, source, school, words, apps)
        clauses += [_clause(one, form, source, n) for n, one in enumerate(form.clauses)]
        if form.document is None:
            continue
        written = form.document.place(source.origin(line_of(source.root, ("document",), otherwise=source.root.line)))
        if document is not None:
            message = f"the document is described twice, first at {document.origin}"
            problems.append(source.problem(written.origin.line, message))
        document = document or written
    problems += _twice(clauses)
    return Policy(tuple(clauses), document)


def unknown_clauses(policy: Policy, sources: Iterable[Source]) -> Iterator[Problem]:
    """Give a problem for each clause that files name and the policy has not; without a policy any can be named."""
    known = [clause.name for clause in policy.clauses]
    for source in sources if known else ():
        for path, name in _named(plain_table(source.root)):
            if name not in known:
                line = line_of(source.root, path, otherwise=source.root.line)
                yield source.problem(line, f"the policy has no clause {quoted(name)}{did_you_mean(name, known)}")


def _named(table: Json, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Find clauses: entries of `clauses:` and words behind `clause:`, in the file itself or in a list of it."""
    for step, below in table.items() if isinstance(table, dict) else ():
        match step, below:
            case "clauses", [*names]:
                yield from (((*path, step, n), name) for n, name in enumerate(names) if isinstance(name, str))
            case "clause", str() as name:
                yield (*path, step), name
            case _, [*items] if not path:
                for n, item in enumerate(items):
                    yield from _named(item, (step, n))


def _strange(
    form: PolicyForm, source: Source, school: School | None, words: Vocabulary, apps: Catalogue
) -> Iterator[Problem]:
    """Find controls and roles that are unknown, and comparisons that a setting does not allow."""
    for n, clause in enumerate(form.clauses):
        for position, name in enumerate(clause.controls):
            if name not in words.controls:
                line = _line(source, n, "controls", position)
                yield source.problem(line, f"unknown control {quoted(name)}{did_you_mean(name, words.controls)}")
        for position, floor in enumerate(clause.floor):
            line = _line(source, n, "floor", position)
            if floor.covers and school and floor.covers not in (*school.roles, EVERYONE):
                meant = did_you_mean(floor.covers, (*school.roles, EVERYONE))
                yield source.problem(line, f"unknown role {quoted(floor.covers)}{meant}")
            control = words.controls.get(floor.control)
            if control and floor.setting and (wrong := misfit(_floor(floor, source, line), control, apps)):
                yield source.problem(line, wrong)


def _line(source: Source, clause: int, *below: Step) -> int:
    return line_of(source.root, ("clauses", clause, *below), otherwise=source.root.line)


def _clause(one: ClauseForm, form: PolicyForm, source: Source, n: int) -> Clause:
    return Clause(
        name=one.clause,
        says=one.says,
        of_class=one.of_class,
        owner=one.owner or form.owner,
        place=ClausePlace(one.place.section or form.section, one.place.paragraph, one.place.begins),
        controls=tuple(one.controls),
        parts={control: tuple(parts) for control, parts in one.parts.items()},
        resources=tuple(one.resources),
        evidence=tuple(one.evidence),
        floor=tuple(_floor(floor, source, _line(source, n, "floor", m)) for m, floor in enumerate(one.floor)),
        uncovered=tuple(one.uncovered),
        origin=source.origin(_line(source, n)),
    )


def _floor(one: FloorForm, source: Source, line: int) -> Floor:
    value: Json = one.model_dump(mode="json")[one.test]
    setting = "for" if one.test is Test.COVERS else str(one.setting)
    return Floor(control=one.control, setting=setting, test=one.test, value=value, origin=Origin(source.path, line))


def _twice(clauses: Iterable[Clause]) -> Iterator[Problem]:
    first: dict[str, Clause] = {}
    for clause in clauses:
        if other := first.get(clause.name):
            message = f"{clause.name} is also at {other.origin}: keep one"
            yield Problem(clause.origin.path, clause.origin.line, message)
        first.setdefault(clause.name, clause)


BLOCK = "block"
"""The setting whose entries are apps, by name or by category."""


def choices_of(value: Json) -> list[str | OfCategory]:
    """Read the apps and categories that a floor names, as a block list does."""
    items = value if isinstance(value, list) else []
    return [OfCategory.model_validate(item) if isinstance(item, dict) else str(item) for item in items]


def misfit(floor: Floor, control: Control, apps: Catalogue) -> str:
    """Say what is wrong with a floor of a control; nothing where it can be compared."""
    fields = {field.alias or name: field for name, field in control.settings.model_fields.items()}
    if floor.setting not in fields:
        return f"{control.name} has no setting {quoted(floor.setting)}{did_you_mean(floor.setting, fields)}"
    found = shapes(fields[floor.setting].annotation)
    match floor.test:
        case Test.AT_LEAST | Test.AT_MOST:
            wrong = "" if int in found or float in found else "is not a number"
        case Test.INCLUDES:
            wrong = _list(floor, control, found, apps)
        case Test.EQUALS:
            wrong = _value(floor.value, found)
        case Test.ONE_OF:
            each = floor.value if isinstance(floor.value, list) else []
            wrong = next((said for one in each if (said := _value(one, found))), "")
        case Test.DECIDED:
            wrong = "" if str in found else "cannot be left undecided"
        case Test.COVERS:
            wrong = ""
    return f"{quoted(floor.setting)} of {control.name} {wrong}" if wrong else ""


def _list(floor: Floor, control: Control, found: Sequence[Shape], apps: Catalogue) -> str:
    if not any(get_origin(shape) is list for shape in found):
        return "is not a list"
    if issubclass(control.settings, Blocking) and floor.setting == BLOCK:
        try:
            resolve(choices_of(floor.value), apps)
        except ValueError as unknown:
            return f"knows no such entry: {unknown}"
    elif any(isinstance(item, dict) for item in (floor.value if isinstance(floor.value, list) else ())):
        return "knows no categories"
    return ""


def _value(value: Json, found: Sequence[Shape]) -> str:
    """Say that a setting can never be this."""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    if written in choices(found) or type(value) in found:
        return ""
    return f"is never {shown(value)}: it is {one_of(expected(found))}"
