"""The control `mail.authentication`: its settings, and its parts about DNS records."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, Reviewed, read_day
from toolkit.sdk import Part, checked, declare

_Date = Annotated[date, BeforeValidator(read_day)]
_Domain = Annotated[str, Field(pattern=r"^([a-z0-9_-]+\.)+[a-z0-9-]+$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class OtherSender(_Entry):
    """A service that sends mail in the school's name, such as the MIS or a parent app."""

    name: str = Field(min_length=1, description="The school's own name for the service.")
    include: _Domain = Field(description="The domain that the supplier asks the school to include in SPF.")


class Authentication(ControlSettings):
    """DNS records and settings that show receivers which mail really comes from the school."""

    dmarc: Literal["none", "quarantine", "reject"] = declare(
        "The weakest DMARC policy that passes: none (only reports), quarantine or reject.", default="none"
    )
    reports_since: _Date | None = declare(
        "The date since which DMARC reports have shown that every sender passes (is aligned). p=reject is advised "
        "60 days later.",
        "2026-08-01",
    )
    reports_to: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = declare(
        "The mailbox for DMARC and TLS reports. The e-mail to the DNS operator names it.",
        "dmarc@example-primary.example",
    )
    senders: list[OtherSender] = declare(
        "Services that send as the school. SPF must include each of them.",
        [{"name": "Parent app", "include": "spf.parent-app.example"}],
        default=[],
    )
    sends_nothing: list[_Domain] = declare(
        "Domains that never send mail. Their records must tell receivers to refuse all mail from them.",
        ["old-name.example"],
        default=[],
    )
    google_selector: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = declare(
        "The name of Google's DKIM key in the DNS.", default="google"
    )
    direct_send: Literal["leave", "count", "refuse"] = declare(
        "Mail in the school's name that reaches Exchange without signing in or using a connector. Copiers, payroll "
        "and alarms may send this way. count: `toolkit check` counts such mail, by message trace without subjects "
        "(Microsoft 365). refuse: Exchange refuses it.",
        default="leave",
    )
    senders_reviewed: Reviewed | None = declare(
        "Who reviewed 30 days of senders (message trace and connectors). Required for `direct_send: refuse`.",
        {"by": "School Business Manager", "on": "2026-11-02"},
    )

    @model_validator(mode="after")
    def _check_direct_send(self) -> Self:
        if self.direct_send == "refuse" and self.senders_reviewed is None:
            raise ValueError(
                "`direct_send: refuse` needs `senders_reviewed: {by: ROLE, on: DATE}`. Write `direct_send: count` "
                "first and review the senders that `toolkit check` counts, because copiers, payroll and alarms may "
                "send this way"
            )
        return self


CONTROLS = (
    Control(
        name="mail.authentication",
        title="SPF, DKIM and DMARC",
        clauses=("GEN-11",),
        settings=Authentication,
        reaches_people=False,
        asks=("dns_operator", "outside_senders", "direct_senders"),
    ),
)

SPF, DKIM, DMARC, MTA_STS, TLS = "SPF", "DKIM", "DMARC", "MTA-STS", "TLS reporting"


def dns_parts() -> Iterator[Part]:
    """Return the parts about DNS records, which are the same on every cloud."""
    reason = "`toolkit check` reads the DNS and prints an e-mail with the records to publish"
    yield checked(SPF, "which servers may send in the name of the school's domains", reason)
    yield checked(DKIM, "mail in the school's name has a valid signature", reason)
    yield checked(DMARC, "the treatment of mail that falsely claims to come from the school", reason)
    for name, covers, limit in (
        (MTA_STS, "mail to the school is sent encrypted", "senders that do not support MTA-STS ignore it"),
        (TLS, "reports on encrypted delivery are requested", "the check does not show whether reports arrive"),
    ):
        yield checked(name, covers, reason, limit, needed=False)
