"""E-mail is looked at every working day."""

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class DailyAccess(ControlSettings):
    """How many people opened their mail of late; nobody is named, and nothing is counted before a DPIA covers it."""

    working_days: int = Field(default=1, ge=1, le=20, description="Within how many working days mail is opened.")
    dpia: str | None = Field(
        default=None,
        min_length=1,
        description="The impact assessment that covers looking at this; until it is named nothing is looked at.",
        examples=["DPIA-2026-04"],
    )


CONTROL = Control(
    name="mail.daily_access",
    title="E-mail is looked at every working day",
    clauses=("EML-19",),
    settings=DailyAccess,
)
