"""Controls for harmful mail: malware scanning, and a way for people to report mail."""

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
"""Names of mailboxes in daily use. Reported messages must not go there, because they may contain live malware."""


class Antimalware(TenantWideSettings):
    """All incoming and outgoing mail is scanned for malware.

    Mail that later proves harmful is removed from mailboxes. If another product filters mail first, the tenant sees the
    product's address instead of the sender's. Ask the people who run the product.
    """

    notify: Address | None = declare(
        "Who gets a notice if a school account sends malware, because its owner's computer may be infected.",
        "office@example-primary.example",
    )
    files: bool = declare(
        "Whether files in SharePoint, OneDrive and Teams are tested in a sandbox, if the licences include it.",
        default=True,
    )
    attachments: bool = declare(
        "Whether attachments to the school's domains are tested in a sandbox, if the licences include it. Harmful "
        "attachments are blocked. Mail with attachments arrives some minutes later.",
        default=False,
    )


class ReportChannel(TenantWideSettings):
    """The destination of messages that people report with the button in their mail program."""

    to_microsoft: bool = declare("Whether reports are also sent to Microsoft, which improves its filter.", default=True)
    mailbox: Address | None = declare(
        "A shared mailbox only for reports, opened only by the people who investigate them. Never use the mailbox of "
        "the office, the head, the DSL or a person, because a report may contain live malware. null: no mailbox. "
        "Default: not changed.",
        "reported-mail@example-primary.example",
    )

    @model_validator(mode="after")
    def _check_mailbox(self) -> Self:
        if not (self.to_microsoft or self.mailbox):
            raise ValueError(
                "`mailbox` is missing, so reports would go nowhere. Name a mailbox, or keep `to_microsoft: true`"
            )
        if self.mailbox and self.mailbox.partition("@")[0].casefold() in IN_USE:
            raise ValueError(
                f"`mailbox`: {self.mailbox} is in daily use, but a report may contain live malware. Use a shared "
                "mailbox only for reports"
            )
        return self


UNFILTERED = "mailbox for reports is not filtered"
_PLACE = (
    "Defender portal > Email & collaboration > Policies & rules > Threat policies > Advanced delivery > SecOps mailbox"
)
_SPARED = ReasonCode(
    "report_mailbox_unfiltered",
    admin="reports reach {mailbox} unfiltered. Number of other unfiltered mailboxes: {others}",
    governor="reported messages reach the mailbox for reports",
)
_FILTERED = ReasonCode(
    "report_mailbox_filtered",
    admin="{mailbox} is filtered, so reported harmful messages are quarantined before anyone sees them. Add it in "
    "the {place}",
    governor="messages that people report are filtered before anyone sees them",
)
_IN_USE = ReasonCode(
    "used_mailbox_unfiltered",
    admin="unfiltered mailboxes in daily use, which receive live malware: {count}. Remove them in the {place}",
    governor="mailboxes in daily use that get harmful mail unfiltered: {count}",
)
_AND = same_words("unfiltered_and", "; {also}")


def unfiltered_part(mailbox: str) -> Part:
    """Return the part that checks that the mailbox for reports, and no other mailbox, is unfiltered."""
    place = f"`toolkit check` reads the setting, and a person adds {mailbox} in the {_PLACE}"
    limit = "the mailbox then contains live malware, so only trained staff may open it"
    return checked(
        UNFILTERED, f"reports reach {mailbox} unfiltered, and no mailbox in daily use is unfiltered", place, limit
    )


class UnfilteredMailboxes(Measurement):
    """Whether the mailbox for reports is unfiltered, and counts of other unfiltered mailboxes."""

    spared: bool
    others: int
    in_use: int


def unfiltered_mailboxes_finding(settings: ReportChannel, context: CheckOccasion, spared: frozenset[str]) -> Finding:
    """Return the finding about unfiltered mailboxes, which counts mailboxes in daily use without naming them."""
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
                "staff know the Report button, and whom to tell about abusive or misdirected e-mail",
                "confirm this with the date on which staff were informed, and inform new staff in their first week",
            ),
        ),
    ),
)
