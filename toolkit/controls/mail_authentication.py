"""The control on mail in the school's name: what its domains publish, and what Exchange signs and refuses."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, Reviewed, read_day
from toolkit.sdk.spec import declare

REPORTS_BEFORE_REJECT = 60
"""For how many days DMARC reports must have shown every sender aligned before p=reject is advised."""

_Date = Annotated[date, BeforeValidator(read_day)]
_Domain = Annotated[str, Field(pattern=r"^([a-z0-9_-]+\.)+[a-z0-9-]+$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class OtherSender(_Entry):
    """A service that sends mail in the school's name, such as the MIS or a parent app."""

    name: str = Field(min_length=1, description="What the school calls it.")
    include: _Domain = Field(description="The domain that its supplier has the school include in SPF.")


class Authentication(ControlSettings):
    """What receivers are told about mail in the name of the school's domains."""

    dmarc: Literal["none", "quarantine", "reject"] = declare(
        "The weakest DMARC policy that passes. none: reports are collected; quarantine; reject.", default="none"
    )
    reports_since: _Date | None = declare(
        "Since when DMARC reports have shown every sender aligned; p=reject is advised 60 days later.", "2026-08-01"
    )
    reports_to: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = declare(
        "The mailbox for DMARC and TLS reports, which the e-mail to those who run the DNS names.",
        "dmarc@example-primary.example",
    )
    senders: list[OtherSender] = declare(
        "Services that send as the school; SPF has to include each.",
        [{"name": "Parent app", "include": "spf.parent-app.example"}],
        default=[],
    )
    sends_nothing: list[_Domain] = declare(
        "Domains from which no mail is sent: they must refuse all of it.", ["old-name.example"], default=[]
    )
    google_selector: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = declare(
        "The name of Google's DKIM key in the DNS.", default="google"
    )
    direct_send: Literal["leave", "count", "refuse"] = declare(
        "refuse: Exchange takes no mail in the school's name past a connector. Copiers, payroll and alarms may use it. "
        "count: `toolkit check` first counts who does, by message trace without subjects (Microsoft 365).",
        default="leave",
    )
    senders_reviewed: Reviewed | None = declare(
        "Who looked at the senders of 30 days (message trace and connectors); needed for direct_send: refuse.",
        {"by": "School Business Manager", "on": "2026-11-02"},
    )

    @model_validator(mode="after")
    def _nothing_is_refused_unseen(self) -> Self:
        if self.direct_send == "refuse" and self.senders_reviewed is None:
            raise ValueError(
                "direct_send: refuse needs `senders_reviewed: {by: ROLE, on: DATE}`: first write `direct_send: count` "
                "and look at what `toolkit check` counts, since copiers, payroll and alarms may send this way"
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
