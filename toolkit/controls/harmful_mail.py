"""Controls about harmful mail: scanning for it, and the way to report it."""

from typing import Self

from pydantic import model_validator

from toolkit.controls.control import Control, TenantWideSettings
from toolkit.controls.outgoing_mail import Address
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Measurement,
    Part,
    ReasonCode,
    Status,
    Things,
    checked,
    declare,
    manual,
    same_words,
)

IN_USE = frozenset(
    {"admin", "admissions", "dsl", "enquiries", "governors", "head", "headteacher", "info", "office", "safeguarding"}
)
"""Mailboxes that people read every day. Reports must not reach them, because they can be live malware."""


class Antimalware(TenantWideSettings):
    """All mail is scanned in both directions, and mail that later proves harmful is removed from mailboxes.

    If another product filters mail before it reaches the tenant, the tenant judges that product's address instead of
    the sender's. Ask the people who run it.
    """

    notify: Address | None = declare(
        "Who gets a notice when an account of the school sends malware: its owner's computer may be infected.",
        "office@example-primary.example",
    )
    files: bool = declare(
        "Whether files of SharePoint, OneDrive and Teams are opened in a sandbox, if the licences include it.",
        default=True,
    )
    attachments: bool = declare(
        "Whether attachments of all mail to the school's domains are opened in a sandbox first, where the licences "
        "include it; harmful ones are blocked, and mail with attachments arrives some minutes later.",
        default=False,
    )


class ReportChannel(TenantWideSettings):
    """The destination of messages that people report from their mail program."""

    to_microsoft: bool = declare("Whether Microsoft gets reports, and learns from them.", default=True)
    mailbox: Address | None = declare(
        "A shared mailbox of its own for reports, which only those who look into them open. Never the office's, the "
        "head's, the DSL's or a person's: what is reported can be live malware. Left alone unless said; null for none.",
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


UNFILTERED = "mailbox for reports is not filtered"
_PLACE = (
    "Defender portal > Email & collaboration > Policies & rules > Threat policies > Advanced delivery > SecOps mailbox"
)
_SPARED = ReasonCode(
    "report_mailbox_unfiltered",
    admin="reports reach {mailbox} unfiltered; other mailboxes that are not filtered: {others}",
    governor="reported messages reach the mailbox for reports",
)
_FILTERED = ReasonCode(
    "report_mailbox_filtered",
    admin="{mailbox} is filtered, so harmful messages that people report are quarantined before anyone sees them: in "
    "the {place}, add it",
    governor="messages that people report are filtered before anyone sees them",
)
_IN_USE = ReasonCode(
    "used_mailbox_unfiltered",
    admin="mailboxes that are read every day and not filtered, so that they receive live malware: {count}; in the "
    "{place}, take them out",
    governor="mailboxes that are read every day and get harmful mail unfiltered: {count}",
)
_AND = same_words("unfiltered_and", "; {also}")


def unfiltered_part(mailbox: str) -> Part:
    """Return the part about the mailbox that must not be filtered, and mailboxes that must be."""
    place = f"`toolkit check` reads it; a person adds {mailbox} in the {_PLACE}"
    limit = "it then holds live malware, which only trained staff open"
    return checked(
        UNFILTERED, f"reports that reach {mailbox} whole, and no mailbox in daily use that does", place, limit
    )


class UnfilteredMailboxes(Measurement):
    """Whether the mailbox for reports is unfiltered, with counts of other unfiltered and used mailboxes."""

    spared: bool
    others: int
    in_use: int


def unfiltered_found(settings: ReportChannel, context: CheckOccasion, spared: frozenset[str]) -> Finding:
    """Return the finding about unfiltered mailboxes. Mailboxes in daily use are only counted, not named."""
    mailbox = (settings.mailbox or "").lower()
    people = {person.address.lower() for person in context.scope.audience.people}
    protected = {address.lower() for address in context.school.protected.mailboxes}
    others = spared - {mailbox}
    used = [address for address in others if address.partition("@")[0] in IN_USE or address in people | protected]
    measurement = UnfilteredMailboxes(spared=mailbox in spared, others=len(others), in_use=len(used))
    if used:
        reason = _IN_USE(count=Things(len(used)), place=_PLACE)
        also = None if mailbox in spared else _AND(also=_FILTERED(mailbox=mailbox, place=_PLACE))
        return Finding(UNFILTERED, Status.FAIL, reason.then(also), measurement=measurement)
    if mailbox not in spared:
        reason = _FILTERED(mailbox=mailbox, place=_PLACE)
        return Finding(UNFILTERED, Status.FAIL, reason, measurement=measurement)
    reason = _SPARED(mailbox=mailbox, others=Things(len(others)))
    return Finding(UNFILTERED, Status.PASS, reason, measurement=measurement)


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
