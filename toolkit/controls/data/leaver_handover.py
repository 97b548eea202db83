"""The control for leavers: what is still open after they left."""

from typing import Literal, Self

from pydantic import Field, model_validator

from toolkit.controls.control import Control, ControlSettings
from toolkit.sdk.audience import EVERYONE


class LeaverHandover(ControlSettings):
    """Accounts, groups, mail and files that are still open after a member of staff left.

    A run only checks accounts that are switched off, and changes nothing. It counts each of them as a leaver's, because
    no cloud records more.
    """

    ends_within_days: int = Field(
        default=7, ge=1, le=30, description="How many days before a deleted account ends for good that is a finding."
    )
    names: Literal["none", "listed"] = Field(
        default="none",
        description="listed: `toolkit check` names the accounts to whoever runs it; reports for others never do.",
    )

    @model_validator(mode="after")
    def _for_everybody(self) -> Self:
        if self.audience not in {None, EVERYONE}:
            raise ValueError(
                "it looks at whoever left, and they are in no group any more: leave `for` out, or write `for: everyone`"
            )
        return self


CONTROL = Control(
    name="data.leaver_handover",
    title="Handover and account closure for leavers",
    clauses=("SEC-13", "SEC-14"),
    settings=LeaverHandover,
    reaches_people=False,
)
