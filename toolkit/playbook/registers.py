"""Reads a file of registers: approvals, incidents without content, acknowledgements as counts, confirmed clauses."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import TypeVar

from pydantic import ValidationError

from toolkit.errors import Problem
from toolkit.playbook.attestations_schema import last_day
from toolkit.playbook.error_messages import SettingsPlace, problems_of
from toolkit.playbook.policy_entries import Acknowledgement, Approval, Attested, Incident, Registers
from toolkit.playbook.registers_schema import RegistersForm
from toolkit.sdk.resource import Origin
from toolkit.sdk.school import School
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Source, line_of, plain_table

_Form = TypeVar("_Form")


def read_registers(sources: Iterable[Source], school: School | None, problems: list[Problem]) -> Registers:
    """Read all files of registers as one; what is wrong goes to the problems."""
    return reduce(_together, (_read(source, school, problems) for source in sources), Registers())


def _together(first: Registers, second: Registers) -> Registers:
    return Registers(
        (*first.approvals, *second.approvals),
        (*first.incidents, *second.incidents),
        (*first.acknowledgements, *second.acknowledgements),
        (*first.attested, *second.attested),
    )


def _read(source: Source, school: School | None, problems: list[Problem]) -> Registers:
    try:
        form = RegistersForm.model_validate(plain_table(source.root))
    except ValidationError as error:
        place = SettingsPlace(
            source=source,
            table=source.root,
            line=source.root.line,
            subject="the file of registers",
            model=RegistersForm,
            word="key",
        )
        problems += problems_of(error, place)
        return Registers()
    problems += _unknown_roles(form, source, school)
    return Registers(
        approvals=tuple(
            Approval(
                clause=one.clause,
                what=one.what,
                by=one.by,
                on=one.on,
                until=one.until or last_day(one.on),
                reference=one.reference,
                origin=at,
            )
            for one, at in _placed("approvals", form.approvals, source)
        ),
        incidents=tuple(
            Incident(clause=one.clause, what=one.what, on=one.on, closed=one.closed, origin=at)
            for one, at in _placed("incidents", form.incidents, source)
        ),
        acknowledgements=tuple(
            Acknowledgement(role=one.role, on=one.on, signed=one.signed, of=one.of, origin=at)
            for one, at in _placed("acknowledgements", form.acknowledgements, source)
        ),
        attested=tuple(
            Attested(
                clause=one.clause,
                by=one.by,
                on=one.on,
                until=one.until or last_day(one.on),
                note=one.note,
                operator=one.operator,
                origin=at,
            )
            for one, at in _placed("attested", form.attested, source)
        ),
    )


def _placed(key: str, forms: Sequence[_Form] | None, source: Source) -> Iterator[tuple[_Form, Origin]]:
    for position, form in enumerate(forms or ()):
        yield form, source.origin(line_of(source.root, (key, position), otherwise=source.root.line))


def _unknown_roles(form: RegistersForm, source: Source, school: School | None) -> Iterator[Problem]:
    for position, one in enumerate(form.acknowledgements or ()):
        if school and one.role not in school.roles:
            line = line_of(source.root, ("acknowledgements", position, "role"), otherwise=source.root.line)
            yield source.problem(line, f"unknown role {quoted(one.role)}{did_you_mean(one.role, school.roles)}")
