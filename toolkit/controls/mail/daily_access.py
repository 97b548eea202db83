"""The control for how often staff read their e-mail."""

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class DailyAccess(ControlSettings):
    """How many people opened their e-mail recently, without names. Nothing is counted until a DPIA covers it."""

    working_days: int = Field(default=1, ge=1, le=20, description="Within how many working days mail is opened.")
    dpia: str | None = Field(
        default=None,
        min_length=1,
        description="The impact assessment that covers looking at this; until it is named nothing is looked at.",
        examples=["DPIA-2026-04"],
    )


CONTROL = Control(
    name="mail.daily_access",
    title="Reading e-mail every working day",
    clauses=("EML-19",),
    settings=DailyAccess,
)
