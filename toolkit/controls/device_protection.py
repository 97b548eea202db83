"""Controls that protect devices: virus protection, sign-in restrictions and the monitoring notice."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, Reviewed, TenantWideSettings, TextFile, read_day
from toolkit.sdk import ControlContext, day, declare

AUDIT = timedelta(days=30)
_Day = Annotated[date, BeforeValidator(read_day)]


class DeviceProtection(ControlSettings):
    """Virus protection on devices, with any vendor's product.

    For the first 30 days toolkit only counts events, because some settings could stop the school's own software, such
    as the MIS client.
    """

    audit_from: _Day | None = declare(
        "The date on which toolkit starts to count devices without blocking anything.", "2026-09-07"
    )
    block_from: _Day | None = declare(
        "The date from which Defender is required and harmful downloads are blocked, at least 30 days after "
        "`audit_from`. Default: never.",
        "2026-10-12",
    )
    browsing: Literal["STANDARD", "ENHANCED"] = declare(
        "Chrome's level of protection against harmful pages. ENHANCED sends the addresses of pages to Google.",
        default="STANDARD",
    )

    asr: Literal["audit", "block"] | None = declare(
        "The mode of the attack surface reduction rules of Windows. audit: only record events. block: record events "
        "until `block_from`, then block. Default: not changed.",
        "block",
    )
    asr_reviewed: Reviewed | None = declare(
        "Who reviewed 30 days of recorded events, and when. Required for `asr: block`.",
        {"by": "IT support", "on": "2026-10-09"},
    )

    @model_validator(mode="after")
    def _check_counting_period(self) -> Self:
        if self.block_from is None:
            return self
        if self.audit_from is None or self.block_from - self.audit_from < AUDIT:
            raise ValueError(f"`block_from` must be at least {AUDIT.days} days after `audit_from`")
        return self

    @model_validator(mode="after")
    def _check_asr_review(self) -> Self:
        if self.asr != "block":
            return self
        if self.block_from is None or self.audit_from is None:
            raise ValueError("`asr: block` needs `audit_from`, and `block_from` at least 30 days later")
        if self.asr_reviewed is None or self.asr_reviewed.on - self.audit_from < AUDIT:
            raise ValueError(
                "`asr: block` needs `asr_reviewed: {by: ROLE, on: DATE}`, at least 30 days after `audit_from`, "
                "because toolkit does not read the recorded events. Look for the MIS client, Office macros and SEN "
                "software in Microsoft Defender > Reports > Attack surface reduction rules, or at event 1122 on the "
                "computers"
            )
        return self

    def waits(self, context: ControlContext) -> str:
        """Return the reason why nothing is blocked yet, or "" if blocking has begun."""
        if self.block_from is None:
            return "devices are only counted, because `block_from` is not set"
        if context.now is not None and context.now.date() < self.block_from:
            return f"devices are only counted until {day(self.block_from)}"
        return ""

    def asr_blocks(self, context: ControlContext) -> bool:
        """Return whether attack surface reduction rules now block software, or only record events."""
        return self.asr == "block" and not self.waits(context)


_ENTRY = re.compile(r"(?:\*|[^\s@*]+)@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")


def _validate_entry(written: str) -> str:
    if not _ENTRY.fullmatch(written.casefold()):
        raise ValueError("must be an e-mail address, or a whole domain such as *@trust.example")
    return written.casefold()


_Entries = Annotated[list[Annotated[str, AfterValidator(_validate_entry)]], Field(min_length=1)]


class SigninRestriction(TenantWideSettings):
    """The accounts that may sign in to the school's devices: no guests, and only listed accounts from outside.

    The list always includes every domain of the school file, so that it is never empty. Sign-in hours are not
    restricted, so staff may sign in at any time.
    """

    also: dict[Annotated[str, Field(min_length=1)], _Entries] = declare(
        "Outside accounts that may sign in, listed by group: trust staff, trainees, visitors, exam accounts.",
        {"trust_staff": ["*@trust.example"], "visitors": ["visitor@example.org"]},
        default={},
    )
    device_units: Annotated[list[Annotated[str, Field(pattern=r"^/")]], Field(min_length=1)] = declare(
        "The Google organisational units that contain the Chromebooks. Chromebooks in other units are not changed.",
        ["/Shared devices"],
        default=["/"],
    )

    def allowed_sign_ins(self, domains: tuple[str, ...]) -> list[str]:
        """Return the addresses and domain patterns that may sign in."""
        own = [f"*@{domain.casefold()}" for domain in domains]
        return sorted({*own, *(entry for entries in self.also.values() for entry in entries)})


class MonitoringNotice(TenantWideSettings):
    """A notice before sign-in that use may be monitored.

    The law requires it if a school monitors. The school writes the text, so ask its Data Protection Officer to check
    it. The notice itself records nothing.
    """

    title: Annotated[str, Field(min_length=1, max_length=100)] = declare(
        "The heading of the notice.", default="Use of the school's systems may be monitored"
    )
    text_file: TextFile = Field(
        description="A text file with the notice, in the folder of the playbook.",
        examples=["text/monitoring-notice.txt"],
    )

    @property
    def lines(self) -> str:
        """Return the text of the notice, with each paragraph on one line."""
        parts = re.split(r"\n\s*\n", self.text_file)
        return "\n".join(" ".join(part.split()) for part in parts if part.strip())


CONTROLS = (
    Control(
        name="gov.monitoring_notice",
        title="Notice that use may be monitored",
        clauses=("INT-03", "INT-04", "INT-05", "INT-08", "PER-09"),
        settings=MonitoringNotice,
        reaches_people=False,
        asks=("automatic_sign_in",),
    ),
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
