"""The control for passwords: length, strength and expiry."""

from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class PasswordPolicy(ControlSettings):
    """Length, strength and expiry of passwords, as far as each cloud shows them."""

    length: Annotated[int, Field(ge=8, le=100)] = Field(default=8, description="The least number of characters.")
    strong: bool = Field(default=True, description="Whether a password that is easy to guess is refused.")
    composition: Literal["policy_literal", "strength_equivalent"] = Field(
        default="policy_literal",
        description="Letters, numbers and special characters as the policy says, which no cloud asks for, or what is "
        "as hard to guess, as somebody decided.",
    )
    expires_after_days: Annotated[int, Field(ge=14, le=730)] | Literal["never"] | None = Field(
        default=None,
        description="After how many days a password has to be changed, or never; left alone unless said.",
        examples=["never"],
    )


CONTROL = Control(
    name="identity.password_policy",
    title="Long passwords that are hard to guess",
    clauses=("SEC-03",),
    settings=PasswordPolicy,
)
