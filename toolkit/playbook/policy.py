"""Reads the files of the policy: its clauses, what is enough for each, and the document they are in."""

from collections.abc import Iterable, Iterator, Sequence

from toolkit.catalogue.catalogue import Catalogue
from toolkit.errors import Problem
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.minimum_words import misfit
from toolkit.playbook.policy_entries import Clause, ClausePlace, Floor, Policy, PolicyDocument, Test
from toolkit.playbook.policy_schema import ClauseForm, FloorForm, PolicyForm
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.sdk.audience import EVERYONE
from toolkit.sdk.resource import Origin
from toolkit.sdk.school import School
from toolkit.values import Json
from toolkit.yaml.messages import did_you_mean, quoted
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
        clauses += _clauses(form, source)
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


def _clauses(form: PolicyForm, source: Source) -> Sequence[Clause]:
    return [_clause(one, form, source, n) for n, one in enumerate(form.clauses)]


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
            message = f"{clause.name} is there twice, first at {other.origin}: keep one"
            yield Problem(clause.origin.path, clause.origin.line, message)
        first.setdefault(clause.name, clause)
