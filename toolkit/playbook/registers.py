"""Reads a file of registers: approvals, incidents without content, acknowledgements as counts, confirmed clauses."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from toolkit.errors import Problem
from toolkit.playbook.attestations_schema import last_day
from toolkit.playbook.error_messages import SettingsPlace, problems_of
from toolkit.playbook.field_types import Day, Line, in_order
from toolkit.playbook.playbook_schema import Clause, Slug
from toolkit.playbook.policy_entries import Acknowledgement, Approval, Attested, Incident, Registers
from toolkit.sdk.resource import Origin
from toolkit.sdk.school import School
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Source, line_of, plain_table


class _RegistersForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Counting(_RegistersForm):
    on: Day = Field(description="The day of it.")
    until: Day | None = Field(
        default=None, description="The last day on which it counts; a whole year, `on` included, if left out."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until:
            in_order(self.until, self.on, "on")
        return self


class ApprovalForm(_Counting):
    """Something that was allowed."""

    clause: Clause = Field(description="The clause that leaves it to them.")
    what: Line = Field(description="What sort of thing; no names.", examples=["software for phonics"])
    by: Line = Field(description="Who allowed it: a role.")
    reference: Line | None = Field(default=None, description="Where the paper is.", examples=["DPIA-2026-04"])


class IncidentForm(_RegistersForm):
    """Something that happened; never its content, and never a name."""

    clause: Clause = Field(description="The clause that it is about.")
    what: Line = Field(description="What kind of thing.", examples=["mail to the wrong parent"])
    on: Day = Field(description="The day on which it was reported.")
    closed: Day | None = Field(default=None, description="The day on which it was closed.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closed:
            in_order(self.closed, self.on, "on")
        return self


class AcknowledgementForm(_RegistersForm):
    """How many people of a role said that they know the policy."""

    role: Line = Field(description="A role of the school file.", examples=["staff"])
    on: Day = Field(description="As of which day.")
    signed: Annotated[int, Field(ge=0)] = Field(description="How many did.")
    of: Annotated[int, Field(ge=1)] = Field(description="Of how many.")

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.signed > self.of:
            raise ValueError(f"{self.signed} of {self.of} is more than all")
        return self


class AttestedForm(_Counting):
    """A clause that was looked into."""

    clause: Clause = Field(description="The clause.")
    by: Line = Field(description="Who confirmed it: a role.")
    note: Line | None = Field(default=None, description="How it was confirmed.")
    operator: bool = Field(default=False, description="true where the person who runs toolkit confirmed it.")


class RegistersForm(_RegistersForm):
    """A file of registers."""

    registers: Slug = Field(description="A short name, as in autumn-2026.")
    approvals: list[ApprovalForm] | None = Field(default=None, description="What was allowed.")
    incidents: list[IncidentForm] | None = Field(default=None, description="What happened, without content.")
    acknowledgements: list[AcknowledgementForm] | None = Field(
        default=None, description="How many know the policy, by role and day."
    )
    attested: list[AttestedForm] | None = Field(default=None, description="Clauses that people confirmed.")


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
