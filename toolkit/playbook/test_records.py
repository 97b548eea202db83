"""Reads from a file of attestations what people tried out."""

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from toolkit.errors import Problem
from toolkit.playbook.attestations_schema import AttestationsForm
from toolkit.playbook.entries import Trial
from toolkit.playbook.test_records_schema import TriedForm
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Items, MappingNode, Scalar, Source, plain_table


def read_trials(source: Source, vocabulary: Vocabulary, problems: list[Problem]) -> Sequence[Trial]:
    """Read what was tried; what is no form of a file of attestations is told where the rest of the file is read."""
    tables = _tables(source)
    wrong = [problem for table in tables for problem in _unknown_control(table, source, vocabulary)]
    problems += wrong
    try:
        form = AttestationsForm.model_validate(plain_table(source.root))
    except ValidationError:
        return ()
    written = zip(form.tested or [], tables, strict=True)
    return () if wrong else [_trial(one, table, source) for one, table in written]


def _tables(source: Source) -> Sequence[MappingNode]:
    entry = source.root.entries.get("tested")
    items = entry.node.nodes if entry and isinstance(entry.node, Items) else ()
    return [item for item in items if isinstance(item, MappingNode)]


def _unknown_control(table: MappingNode, source: Source, words: Vocabulary) -> Iterable[Problem]:
    entry = table.entries.get("control")
    name = entry.node.value if entry and isinstance(entry.node, Scalar) else None
    if entry and isinstance(name, str) and name not in words.controls:
        message = f"unknown control {quoted(name)}{did_you_mean(name, words.controls)}"
        yield source.problem(entry.line, message)


def _trial(form: TriedForm, table: MappingNode, source: Source) -> Trial:
    return Trial(
        control=form.control,
        part=form.part,
        by=form.by,
        on=form.on,
        devices=tuple(form.devices),
        networks=tuple(form.networks),
        passed=form.result == "passed",
        next_due=form.next_due,
        note=form.note,
        operator=form.operator,
        origin=source.origin(table.line),
        lines=table.lines(),
    )
