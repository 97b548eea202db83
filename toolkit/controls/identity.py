"""Controls about accounts and sign-in: idle screens, multi-factor authentication and passwords."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings
from toolkit.sdk import declare


class IdleLock(ControlSettings):
    """The times after which an idle screen locks and idle web apps sign out."""

    minutes: Annotated[int, Field(ge=1, le=60)] = declare(
        "After how many minutes without use a computer locks its screen.", default=5
    )
    web_minutes: Annotated[int, Field(ge=5, le=1440)] | None = declare(
        "After how many minutes without use the web apps sign out. If left out: not changed.", 60
    )


SEPARATE = ("leaders", "sensitive_data", "governors")
"""The groups that `identity.mfa` counts separately for governors. Pupils are left out."""


class Mfa(ControlSettings):
    """How many people have registered a second factor, and how many must use it at sign-in. A run only checks.

    Administrators are counted separately. So are accounts that the school file protects, such as emergency accounts.
    These never fail.
    """

    under_conditions: Literal["fails", "counts"] = declare(
        "Whether it is enough that a person is asked under conditions alone, such as away from the "
        "school's network; of an administrator it never is.",
        default="fails",
    )
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the people for whom it fails. Reports for others never do.",
        default="none",
    )
    pupils: str | None = declare("The role of pupils: each other enabled account is counted for governors.", "pupils")
    leaders: str | None = declare("The role of senior leaders, counted separately.", "leadership")
    sensitive_data: str | None = declare("The role of people with sensitive data, counted separately.", "safeguarding")
    governors: str | None = declare("The role of governors, counted separately.", "governors")

    @property
    def counted_roles(self) -> Mapping[str, str]:
        named = {name: getattr(self, name) for name in ("pupils", *SEPARATE)}
        return {name: role for name, role in named.items() if role}


class PasswordPolicy(ControlSettings):
    """Length, strength and expiry of passwords, as far as each cloud shows them."""

    length: Annotated[int, Field(ge=8, le=100)] = declare("The least number of characters.", default=8)
    strong: bool = declare("Whether a password that is easy to guess is refused.", default=True)
    composition: Literal["policy_literal", "strength_equivalent"] = declare(
        "Letters, numbers and special characters as the policy says, which no cloud asks for, or what is "
        "as hard to guess, as the school decided.",
        default="policy_literal",
    )
    expires_after_days: Annotated[int, Field(ge=14, le=730)] | Literal["never"] | None = declare(
        "After how many days a password must be changed, or never. If left out: not changed.", "never"
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
