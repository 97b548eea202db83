"""A file of attestations: who confirmed or tested which manual part of a control, and until when."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from toolkit.errors import Problem
from toolkit.playbook.attestations_schema import AttestationsForm, ConfirmedForm, TriedForm, last_day
from toolkit.playbook.entries import Attestation, Trial
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.school import School
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import MappingNode, Scalar, Source


def read_attestations(
    source: Source, school: School | None, vocabulary: Vocabulary, problems: list[Problem]
) -> tuple[Sequence[Attestation], Sequence[Trial]]:
    """Read what was confirmed and what was tested; what is wrong goes to the problems, and then there is nothing."""
    confirmed, tested = source.tables("confirmed"), source.tables("tested")
    wrong = [problem for table in confirmed for problem in _unknown_names(table, source, school, vocabulary)]
    wrong += [problem for table in tested for problem in _unknown_control(table, source, vocabulary)]
    form = read_form(AttestationsForm, source, "the file of attestations", problems)
    problems += wrong
    if form is None or wrong:
        return (), ()
    return (
        [_attestation(entry, table, source) for entry, table in zip(form.confirmed or [], confirmed, strict=True)],
        [_trial(entry, table, source) for entry, table in zip(form.tested or [], tested, strict=True)],
    )


def _unknown_names(table: MappingNode, source: Source, school: School | None, words: Vocabulary) -> Iterable[Problem]:
    """Find unknown controls and clouds, and clouds that the school has no tenant of."""
    yield from _unknown_control(table, source, words)
    provider = _word(table, "provider")
    if provider == SCHOOL:
        return
    if provider and provider not in words.kinds:
        message = f"unknown provider {quoted(provider)}{did_you_mean(provider, words.kinds)}"
        yield source.problem(table.entries["provider"].line, message)
    elif provider and school and provider not in school.tenants:
        message = f"{school.origin.path} names no tenant of {provider}: delete the entry, or add the tenant"
        yield source.problem(table.entries["provider"].line, message)


def _unknown_control(table: MappingNode, source: Source, words: Vocabulary) -> Iterable[Problem]:
    control = _word(table, "control")
    if control and control not in words.controls:
        message = f"unknown control {quoted(control)}{did_you_mean(control, words.controls)}"
        yield source.problem(table.entries["control"].line, message)


def _word(table: MappingNode, key: str) -> str:
    entry = table.entries.get(key)
    return entry.node.value if entry and isinstance(entry.node, Scalar) and isinstance(entry.node.value, str) else ""


def _attestation(form: ConfirmedForm, table: MappingNode, source: Source) -> Attestation:
    return Attestation(
        control=form.control,
        provider=form.provider,
        part=form.part,
        by=form.by,
        on=form.on,
        until=form.until or last_day(form.on),
        note=form.note,
        operator=form.operator,
        origin=source.origin(table.line),
        lines=table.lines(),
    )


def overlapping(attestations: Iterable[Attestation]) -> Iterable[Problem]:
    """Give a problem for each attestation of a part that another one, named too, confirms for the same days."""
    together: dict[tuple[str, str, str], list[Attestation]] = {}
    for one in attestations:
        together.setdefault((one.control, one.provider, one.part), []).append(one)
    for first, second in (pair for same in together.values() for pair in combinations(same, 2)):
        if first.on <= second.until and second.on <= first.until:
            message = (
                f"{quoted(second.part)} of {second.control} on {second.provider} is confirmed twice for the same days, "
                f"first at {first.origin}: end the older one with `until`, or delete it"
            )
            yield Problem(second.origin.path, second.origin.line, message)


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
