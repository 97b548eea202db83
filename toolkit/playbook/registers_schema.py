"""The form of a file of registers: what may be written, and what each word means."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.playbook.field_types import Day, Line, in_order
from toolkit.playbook.playbook_schema import Clause, Slug


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
    """Something that somebody allowed."""

    clause: Clause = Field(description="The clause that leaves it to them.")
    what: Line = Field(description="What sort of thing; no names.", examples=["software for phonics"])
    by: Line = Field(description="Who allowed it: a role.")
    reference: Line | None = Field(default=None, description="Where the paper is.", examples=["DPIA-2026-04"])


class IncidentForm(_RegistersForm):
    """Something that happened; never its content, and nobody's name."""

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
    """A clause that somebody looked into."""

    clause: Clause = Field(description="The clause.")
    by: Line = Field(description="Who confirmed it: a role.")
    note: Line | None = Field(default=None, description="How it was confirmed.")
    operator: bool = Field(default=False, description="true where whoever runs toolkit confirmed it.")


class RegistersForm(_RegistersForm):
    """A file of registers."""

    registers: Slug = Field(description="A short name, as in autumn-2026.")
    approvals: list[ApprovalForm] | None = Field(default=None, description="What was allowed.")
    incidents: list[IncidentForm] | None = Field(default=None, description="What happened, without content.")
    acknowledgements: list[AcknowledgementForm] | None = Field(
        default=None, description="How many know the policy, by role and day."
    )
    attested: list[AttestedForm] | None = Field(default=None, description="Clauses that people confirmed.")
