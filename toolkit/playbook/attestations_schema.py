"""The form of a file of attestations: what may be written, and what each word means."""

from datetime import MAXYEAR, date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from toolkit.playbook.playbook_schema import Day, FileForm, Line, Slug, in_order


def _not_before(until: date | None, info: ValidationInfo) -> date | None:
    return None if until is None else in_order(until, info.data.get("on"), "on")


def last_day(on: date) -> date:
    """Give the last day of the year that begins on a day."""
    if on.year == MAXYEAR:
        return date.max
    month, day = (3, 1) if (on.month, on.day) == (2, 29) else (on.month, on.day)
    return date(on.year + 1, month, day) - timedelta(days=1)


class ConfirmedForm(FileForm):
    """One manual part of one control, confirmed for some time."""

    control: Line = Field(description="The control, as in mail.personal_label.", examples=["mail.personal_label"])
    provider: Line = Field(description="The cloud, as in microsoft365.", examples=["microsoft365"])
    part: Line = Field(
        description="The name of a part of the control that is manual there; `toolkit check` lists them.",
        examples=["mail without the label"],
    )
    by: Line = Field(description="Who confirmed it: a role, such as Head Teacher; no name is needed.")
    on: Day = Field(description="The day on which it was confirmed.")
    until: Annotated[Day | None, AfterValidator(_not_before)] = Field(
        default=None, description="The last day on which that counts; a whole year, `on` included, if left out."
    )
    note: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="How it was confirmed.")
    operator: bool = Field(
        default=False,
        description="true where whoever runs toolkit confirmed it: reports call it the operator's word.",
    )


class TriedForm(FileForm):
    """One time that a part of a control was tried out; every one stays, so that there is a history."""

    control: Line = Field(description="The control, as in web.harmful_filter.", examples=["web.harmful_filter"])
    part: Line = Field(description="What was tested: filtering, or monitoring.", examples=["filtering"])
    by: Line = Field(description="Who tested it: a role, such as Designated Safeguarding Lead; no name is needed.")
    on: Day = Field(description="The day on which it was tested.")
    devices: list[Line] = Field(
        min_length=1, description="On which sorts of device, as the control calls them.", examples=[["staff laptop"]]
    )
    networks: list[Line] = Field(
        min_length=1, description="On which networks, as the control calls them.", examples=[["guest Wi-Fi"]]
    )
    result: Literal["passed", "failed"] = Field(description="passed where all of it worked; else failed.")
    next_due: Annotated[Day | None, AfterValidator(_not_before)] = Field(
        default=None,
        description="The last day by which it has to be tested again; what the control says, where that is sooner.",
    )
    note: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="What did not work, and what is done about it; no names, no addresses of harm."
    )
    operator: bool = Field(
        default=False, description="true where whoever runs toolkit tested it: reports call it the operator's word."
    )


class AttestationsForm(FileForm):
    """A file of attestations."""

    attestations: Slug = Field(description="A short name, as in mail-on-google.")
    confirmed: list[ConfirmedForm] | None = Field(default=None, description="What people confirmed, one entry a part.")
    tested: list[TriedForm] | None = Field(
        default=None, description="What people tested, one entry a time, such as the school's filter."
    )
