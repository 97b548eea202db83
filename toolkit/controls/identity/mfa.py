"""Whoever signs in shows more than a password."""

from typing import Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class Mfa(ControlSettings):
    """Who has registered a second factor, and who is asked for it; a run only looks, and counts administrators apart.

    Accounts that the school file protects, such as those for emergencies, are counted apart and not judged.
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
    title="Whoever signs in shows more than a password",
    clauses=("SEC-02", "EML-20"),
    settings=Mfa,
)
