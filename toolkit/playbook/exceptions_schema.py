"""The schema of a file of exceptions."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from toolkit.playbook.playbook_schema import Clause, Day, FileForm, Line, RoleOrPerson, Slug
from toolkit.school.absence_cells import DateForm, begin, read_end

ZONE = "zone"
"""The key in the validation context for the school's time zone."""


def _check_beginning(written: str, info: ValidationInfo) -> str:
    return begin(written, DateForm.ISO, (info.context or {})[ZONE]).isoformat()


def _check_end(written: str, info: ValidationInfo) -> str:
    ends = read_end(written, DateForm.ISO, (info.context or {})[ZONE]).isoformat()
    if ends <= info.data.get("starts", ""):
        raise ValueError("does not come after `starts`")
    return ends


class _ExceptionsForm(FileForm):
    model_config = ConfigDict(populate_by_name=True)


class DepartureForm(_ExceptionsForm):
    """An approved exception from a control, for a role and a time."""

    exception: Slug = Field(description="A short name, such as trip-november.")
    control: Line = Field(description="The control, such as web.chat_im_block.", examples=["web.chat_im_block"])
    audience: Line = Field(alias="for", description="The role of the school file to which the exception applies.")
    within: Line | None = Field(
        default=None,
        description="The audience from which the role is excepted. Required if playbooks have the control "
        "several times.",
    )
    change: dict[str, object] | Literal["off"] = Field(
        description="The settings that differ for the role, or off if the control does not apply to the role.",
        examples=[{"without": ["whatsapp"]}],
    )
    reason: Line = Field(description="The reason in one line, without names or health information.")
    starts: Annotated[str, AfterValidator(_check_beginning)] = Field(
        description="The first day, or day and time by the school's clock, of the exception: 2026-11-25 07:00."
    )
    ends: Annotated[str, AfterValidator(_check_end)] = Field(
        description="The last day, or day and time, of the exception. Afterwards the control applies to the role again."
    )
    by: RoleOrPerson = Field(
        description="Who approved the exception: a role of `approvers:` in the school file. No name is needed."
    )
    requested_by: RoleOrPerson | None = Field(
        default=None, description="The role that requested the exception, which must not be the role of the approver."
    )
    on: Day = Field(description="The day of the approval.")
    clauses: list[Clause] | None = Field(
        default=None, description="The clauses of the policy from which the exception departs."
    )
    dpia: Line | None = Field(
        default=None,
        description="The impact assessment that covers the exception. Required if data can reach third parties.",
    )


class AcceptedForm(_ExceptionsForm):
    """A difference that is accepted until a date. `toolkit accept` writes the entry."""

    object: Line = Field(
        description="The object, as `toolkit drift` names it.",
        examples=["microsoft365.transport_rule[School disclaimer]"],
    )
    setting: Line | None = Field(
        default=None,
        description="The setting that may differ. Without a setting, the object may be missing or additional.",
    )
    property: Line | None = Field(
        default=None,
        description="A property that toolkit does not manage, under the service's name for it. Use this instead of "
        "`setting`.",
    )
    value: Line | None = Field(
        default=None,
        description="The fingerprint of the accepted value. A different value is a finding again. Without a "
        "fingerprint, as in entries of earlier versions, any value is accepted.",
    )
    reason: Line = Field(description="The reason in one line, without names or health information.")
    ends: Annotated[str, AfterValidator(_check_end)] = Field(
        description="The last day, or day and time, of the acceptance. Afterwards the difference is a finding again."
    )
    by: RoleOrPerson = Field(
        description="Who accepted the difference: a role of `approvers:` in the school file. No name is needed."
    )
    on: Day = Field(description="The day of the acceptance.")


class DeparturesForm(_ExceptionsForm):
    """A file of exceptions."""

    exceptions: Slug = Field(description="A short name, such as trips.")
    approved: list[DepartureForm] | None = Field(default=None, description="Approved exceptions, one entry each.")
    accepted: list[AcceptedForm] | None = Field(default=None, description="Accepted differences, one entry each.")
