"""Controls about what harms devices and who signs in to them: virus protection, and guests and outside accounts."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, read_day
from toolkit.controls.outgoing_mail import TenantWideSettings
from toolkit.sdk.part import ControlContext
from toolkit.sdk.spec import declare

AUDIT = timedelta(days=30)
_Day = Annotated[date, BeforeValidator(read_day)]


class DeviceProtection(ControlSettings):
    """Virus protection on devices, by any maker's product.

    What could stop the school's own software, such as the MIS client, is only counted for the first 30 days.
    """

    audit_from: _Day | None = declare("The date from which the devices are counted and nothing is set.", "2026-09-07")
    block_from: _Day | None = declare(
        "The date from which Defender is required and harmful downloads are blocked, at least 30 days after "
        "`audit_from`; never if left out.",
        "2026-10-12",
    )
    browsing: Literal["STANDARD", "ENHANCED"] = declare(
        "The protection that Chrome gives against harmful pages; ENHANCED sends addresses of pages to Google.",
        default="STANDARD",
    )

    @model_validator(mode="after")
    def _counts_first(self) -> Self:
        if self.block_from is None:
            return self
        if self.audit_from is None or self.block_from - self.audit_from < AUDIT:
            raise ValueError(f"block_from: must be at least {AUDIT.days} days after `audit_from`")
        return self

    def waits(self, context: ControlContext) -> str:
        """Return why nothing is blocked yet; "" where it is."""
        if self.block_from is None:
            return "the devices are only counted: `block_from` is left out"
        if context.now is not None and context.now.date() < self.block_from:
            return f"the devices are only counted until {self.block_from.day} {self.block_from:%B %Y}"
        return ""


_ENTRY = re.compile(r"(?:\*|[^\s@*]+)@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")


def _entry(written: str) -> str:
    if not _ENTRY.fullmatch(written.casefold()):
        raise ValueError("must be an address, or all of a domain such as *@trust.example")
    return written.casefold()


_Entries = Annotated[list[Annotated[str, AfterValidator(_entry)]], Field(min_length=1)]


class SigninRestriction(TenantWideSettings):
    """Who may sign in to the school's devices: no guests, and no accounts from outside but those that are listed.

    Every domain of the school file is always on the list, so that it is never empty. There are no hours: staff may
    sign in at any time.
    """

    also: dict[Annotated[str, Field(min_length=1)], _Entries] = declare(
        "Who else may sign in, by what they are: staff of the trust, trainees, visitors, accounts for exams.",
        {"trust_staff": ["*@trust.example"], "visitors": ["visitor@example.org"]},
        default={},
    )
    device_units: Annotated[list[Annotated[str, Field(pattern=r"^/")]], Field(min_length=1)] = declare(
        "The organisational units of Google in which the Chromebooks are; a Chromebook in another has other settings.",
        ["/Shared devices"],
        default=["/"],
    )

    def allowed(self, domains: tuple[str, ...]) -> list[str]:
        """List everyone who may sign in."""
        own = [f"*@{domain.casefold()}" for domain in domains]
        return sorted({*own, *(entry for entries in self.also.values() for entry in entries)})


CONTROLS = (
    Control(
        name="device.antimalware",
        title="Virus protection on devices",
        clauses=("SYS-07",),
        settings=DeviceProtection,
        asks=("protected_software",),
    ),
    Control(
        name="identity.signin_restriction",
        title="No guests or outside accounts on school devices",
        clauses=("SEC-11",),
        settings=SigninRestriction,
        reaches_people=False,
        asks=("who_signs_in",),
    ),
)
