"""Controls for sign-in: idle screens, multi-factor authentication and passwords."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings
from toolkit.sdk import declare


class IdleLock(ControlSettings):
    """The times after which an idle screen locks and idle web apps sign out."""

    minutes: Annotated[int, Field(ge=1, le=60)] = declare(
        "Minutes without use after which a computer locks its screen.", default=5
    )
    web_minutes: Annotated[int, Field(ge=5, le=1440)] | None = declare(
        "Minutes without use after which web apps sign out. Default: not changed.", 60
    )


SEPARATE = ("leaders", "sensitive_data", "governors")
"""The groups that `identity.mfa` counts separately for governors. Pupils are excluded."""


class Mfa(ControlSettings):
    """The number of people who registered a second factor, and who must use it at sign-in.

    A run only checks. Administrators are counted separately. Protected accounts of the school file, such as emergency
    accounts, are also counted separately and never fail.
    """

    under_conditions: Literal["fails", "counts"] = declare(
        "Whether people also pass if they are asked for MFA only under some conditions, such as outside the "
        "school's network. Administrators must always be asked.",
        default="fails",
    )
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the people who fail the check. Reports for other people never name them.",
        default="none",
    )
    pupils: str | None = declare(
        "The role of pupils. Every other enabled account is counted in the figures for governors.", "pupils"
    )
    leaders: str | None = declare("The role of senior leaders. Leaders are counted separately.", "leadership")
    sensitive_data: str | None = declare(
        "The role of people with access to sensitive data. They are counted separately.", "safeguarding"
    )
    governors: str | None = declare("The role of governors. Governors are counted separately.", "governors")

    @property
    def counted_roles(self) -> Mapping[str, str]:
        named = {name: getattr(self, name) for name in ("pupils", *SEPARATE)}
        return {name: role for name, role in named.items() if role}


class PasswordPolicy(ControlSettings):
    """The length, strength and expiry of passwords, as far as each cloud shows them."""

    length: Annotated[int, Field(ge=8, le=100)] = declare("The minimum number of characters.", default=8)
    strong: bool = declare("Whether passwords that are easy to guess are refused.", default=True)
    composition: Literal["policy_literal", "strength_equivalent"] = declare(
        "policy_literal: passwords need letters, numbers and special characters, which no cloud can require. "
        "strength_equivalent: the school has decided that strong passwords are equivalent.",
        default="policy_literal",
    )
    expires_after_days: Annotated[int, Field(ge=14, le=730)] | Literal["never"] | None = declare(
        "Days after which a password must be changed, or `never`. Default: not changed.", "never"
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
