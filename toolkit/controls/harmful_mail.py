"""Controls about harmful mail: scanning for it, and the way to report it."""

from typing import Self

from pydantic import model_validator

from toolkit.controls.control import Control
from toolkit.controls.outgoing_mail import Address, TenantWideSettings
from toolkit.sdk.part import manual
from toolkit.sdk.spec import declare

IN_USE = frozenset(
    {"admin", "admissions", "dsl", "enquiries", "governors", "head", "headteacher", "info", "office", "safeguarding"}
)
"""Mailboxes that people read every day: a reported message can be live malware."""


class Antimalware(TenantWideSettings):
    """All mail is scanned, in both directions, and what turns out to be harmful later is taken back out of mailboxes.

    Where another product filters mail before it reaches the tenant, the tenant judges that product's address instead of
    the sender's: ask who runs it.
    """

    notify: Address | None = declare(
        "Who gets a notice when an account of the school sends malware: its owner's computer may be infected.",
        "office@example-primary.example",
    )
    files: bool = declare(
        "Whether files of SharePoint, OneDrive and Teams are opened in a sandbox, where the licences include it.",
        default=True,
    )


class ReportChannel(TenantWideSettings):
    """Where a message goes that a person reports from their mail program."""

    to_microsoft: bool = declare("Whether Microsoft gets reports, and learns from them.", default=True)
    mailbox: Address | None = declare(
        "A shared mailbox of its own for reports, which only those who look into them open. Never the office's, the "
        "head's, the DSL's or a person's: what is reported can be live malware.",
        "reported-mail@example-primary.example",
    )

    @model_validator(mode="after")
    def _reports_arrive_safely(self) -> Self:
        if not (self.to_microsoft or self.mailbox):
            raise ValueError("mailbox: name one, or leave `to_microsoft: true`: reports would go nowhere")
        if self.mailbox and self.mailbox.partition("@")[0].casefold() in IN_USE:
            raise ValueError(
                f"mailbox: {self.mailbox} is read every day, and a report can be live malware: give reports a shared "
                "mailbox of their own"
            )
        return self


CONTROLS = (
    Control(
        name="mail.antimalware",
        title="Scanning of all e-mail for malware",
        clauses=("SYS-04", "SYS-07", "SYS-16"),
        settings=Antimalware,
        reaches_people=False,
        asks=("mail_filter",),
    ),
    Control(
        name="mail.report_channel",
        title="A way to report suspicious and abusive e-mail",
        clauses=("SYS-18", "EML-23", "EML-24", "GEN-15", "GEN-19"),
        settings=ReportChannel,
        reaches_people=False,
        asks=("report_mailbox",),
        by_people=(
            manual(
                "staff know how to report",
                "staff know the Report button, and whom they tell about abusive or misdirected e-mail",
                "confirm it with the date on which staff were told, and tell new staff in their first week",
            ),
        ),
    ),
)
