"""The registers: approvals, incidents without content, acknowledgements as counts, confirmed clauses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from toolkit.errors import Problem
from toolkit.playbook.attestations import last_day
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import Clause, Day, FileEntry, FileForm, Line, Slug, in_order
from toolkit.sdk.school import School
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Source, line_of


class _Counting(FileEntry):
    on: Day = Field(description="The day of it.")
    last: Day | None = Field(
        default=None,
        alias="until",
        description="The last day on which it counts; a whole year, `on` included, if left out.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last:
            in_order(self.last, self.on, "on")
        return self

    @property
    def until(self) -> date:
        return self.last or last_day(self.on)


class Approval(_Counting):
    """Something that was allowed."""

    clause: Clause = Field(description="The clause that leaves it to them.")
    what: Line = Field(description="What sort of thing; no names.", examples=["software for phonics"])
    by: Line = Field(description="Who allowed it: a role.")
    reference: Line | None = Field(default=None, description="Where the paper is.", examples=["DPIA-2026-04"])


class Incident(FileEntry):
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


class Acknowledgement(FileEntry):
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


class Attested(_Counting):
    """A clause that was looked into."""

    clause: Clause = Field(description="The clause.")
    by: Line = Field(description="Who confirmed it: a role.")
    note: Line | None = Field(default=None, description="How it was confirmed.")
    operator: bool = Field(default=False, description="true where the person who runs toolkit confirmed it.")


class RegistersForm(FileForm):
    """A file of registers."""

    registers: Slug = Field(description="A short name, as in autumn-2026.")
    approvals: list[Approval] | None = Field(default=None, description="What was allowed.")
    incidents: list[Incident] | None = Field(default=None, description="What happened, without content.")
    acknowledgements: list[Acknowledgement] | None = Field(
        default=None, description="How many know the policy, by role and day."
    )
    attested: list[Attested] | None = Field(default=None, description="Clauses that people confirmed.")


@dataclass(frozen=True, slots=True)
class Registers:
    """What no service can show."""

    approvals: tuple[Approval, ...] = ()
    incidents: tuple[Incident, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    attested: tuple[Attested, ...] = ()


_Entry = TypeVar("_Entry", bound=FileEntry)


def read_registers(sources: Iterable[Source], school: School | None, problems: list[Problem]) -> Registers:
    """Read all files of registers as one; what is wrong goes to the problems."""
    forms = [
        (form, source)
        for source in sources
        if (form := read_form(RegistersForm, source, "the file of registers", problems)) is not None
    ]
    problems += [problem for form, source in forms for problem in _unknown_roles(form, source, school)]
    return Registers(
        tuple(entry for form, source in forms for entry in _placed("approvals", form.approvals, source)),
        tuple(entry for form, source in forms for entry in _placed("incidents", form.incidents, source)),
        tuple(entry for form, source in forms for entry in _placed("acknowledgements", form.acknowledgements, source)),
        tuple(entry for form, source in forms for entry in _placed("attested", form.attested, source)),
    )


def _placed(key: str, entries: Sequence[_Entry] | None, source: Source) -> Iterator[_Entry]:
    for position, entry in enumerate(entries or ()):
        yield entry.place(source.origin(line_of(source.root, (key, position), otherwise=source.root.line)))


def _unknown_roles(form: RegistersForm, source: Source, school: School | None) -> Iterator[Problem]:
    for position, one in enumerate(form.acknowledgements or ()):
        if school and one.role not in school.roles:
            line = line_of(source.root, ("acknowledgements", position, "role"), otherwise=source.root.line)
            yield source.problem(line, f"unknown role {quoted(one.role)}{did_you_mean(one.role, school.roles)}")
