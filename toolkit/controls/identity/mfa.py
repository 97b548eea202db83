"""The control for multi-factor authentication (MFA)."""

from typing import Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class Mfa(ControlSettings):
    """How many people have registered a second factor, and how many must use it at sign-in. A run only checks.

    Administrators are counted separately. So are accounts that the school file protects, such as emergency accounts;
    these never fail.
    """

    under_conditions: Literal["fails", "counts"] = Field(
        default="fails",
        description="Whether it is enough that somebody is asked under conditions alone, such as away from the "
        "school's network; of an administrator it never is.",
    )
    names: Literal["none", "listed"] = Field(
        default="none",
        description="listed: `toolkit check` names those of whom it fails to whoever runs it; reports for others never "
        "do.",
    )


CONTROL = Control(
    name="identity.mfa",
    title="Multi-factor authentication (MFA) at sign-in",
    clauses=("SEC-02", "EML-20"),
    settings=Mfa,
)
