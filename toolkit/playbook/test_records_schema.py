"""The form of what people tried out: who did, when, on which devices and networks, and what came of it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from toolkit.playbook.field_types import Day, Line, in_order


def _not_before(due: date | None, info: ValidationInfo) -> date | None:
    return None if due is None else in_order(due, info.data.get("on"), "on")


class TriedForm(BaseModel):
    """One time that a part of a control was tried out; every one stays, so that there is a history."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

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
