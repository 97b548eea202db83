"""Controls about accounts and sign-in: idle screens, multi-factor authentication and passwords."""

from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class IdleLock(ControlSettings):
    """When an idle screen locks, and when idle web apps sign out."""

    minutes: Annotated[int, Field(ge=1, le=60)] = Field(
        default=5, description="After how many minutes without use a computer locks its screen."
    )
    web_minutes: Annotated[int, Field(ge=5, le=1440)] | None = Field(
        default=None,
        description="After how many minutes without use the web apps sign out; left alone unless said.",
        examples=[60],
    )


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


CONTROLS = (
    Control(
        name="identity.idle_lock",
        title="Automatic lock of idle screens",
        clauses=("SEC-08",),
        settings=IdleLock,
    ),
    Control(
        name="identity.mfa",
        title="Multi-factor authentication (MFA) at sign-in",
        clauses=("SEC-02", "EML-20"),
        settings=Mfa,
    ),
    Control(
        name="identity.password_policy",
        title="Long passwords that are hard to guess",
        clauses=("SEC-03",),
        settings=PasswordPolicy,
    ),
)
