"""Reminds people who are going to be away without a reply: one message an absence, and never a second one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.controls.mail.out_of_office import CONTROL as OUT_OF_OFFICE
from toolkit.controls.mail.out_of_office import OutOfOffice
from toolkit.controls.reply_text import absence_reminder
from toolkit.engine.journal import Journal
from toolkit.errors import BadAnswer, ServiceError, Transient
from toolkit.playbook.entries import Playbooks
from toolkit.replies.model import overlap
from toolkit.sdk.address import Address
from toolkit.sdk.audience import EVERYONE, Audience, Scope
from toolkit.sdk.connector import Connection
from toolkit.sdk.form import parse_instant
from toolkit.sdk.part import ControlContext
from toolkit.sdk.resource import Mode, Origin
from toolkit.sdk.signals import Due, Message, Signals

if TYPE_CHECKING:
    from toolkit.ledger.memory import LedgerMemory

KIND = "reminder"
_SUBJECT = "Please set an automatic reply before you are away"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message that is to be sent."""

    provider: str
    due: Due
    message: Message

    @property
    def address(self) -> Address:
        """Name the act as the ledger does: by the person's id."""
        return Address(self.provider, KIND, self.due.person.id, self.due.person.address)

    @property
    def control(self) -> str:
        """Return the control that asks for it."""
        return OUT_OF_OFFICE.name


Reminded = Callable[[Address], Sequence[tuple[datetime, datetime]]]
"""Says for what times a person was reminded, or may have been."""


def reminded(memory: "LedgerMemory | None", address: Address) -> Sequence[tuple[datetime, datetime]]:
    """Recall what a tenant sent somebody a message for; one of which nobody saw the end counts as sent."""
    sent = (begun.sent or {} for begun in memory.acts(address)) if memory else ()
    return [(parse_instant(str(one["begins"])), parse_instant(str(one["ends"]))) for one in sent]


def reminders(
    provider: str, playbooks: Playbooks, seeing: Mapping[Origin, Signals], before: Reminded
) -> Iterator[Reminder]:
    """Give a message for each who lacks a reply, unless one was sent for the same absence."""
    for entry in (entry for playbook in playbooks.playbooks for entry in playbook.controls):
        settings, signals = entry.settings, seeing.get(entry.origin)
        if not isinstance(settings, OutOfOffice) or settings.act != "remind" or not signals or not settings.sender:
            continue
        if entry.mode is not Mode.ENFORCE or not signals.sender:
            continue
        context = ControlContext(playbooks.school, Scope(Audience(EVERYONE)))
        for due in signals.lacking:
            text = absence_reminder(settings, due, context)
            one = Reminder(provider, due, Message(settings.sender, due.person, _SUBJECT, text))
            if not any(overlap(due, begins, ends) for begins, ends in before(one.address)):
                yield one


def send(wanted: Sequence[Reminder], connections: Mapping[str, Connection], journal: Journal) -> Sequence[str]:
    """Send each message between its two entries, and give what went wrong; nothing is sent again in a later run."""
    wrong: list[str] = []
    for one in wanted:
        step = journal.begin_act(one.address, {"begins": _text(one.due.begins), "ends": _text(one.due.ends)})
        try:
            connections[one.provider].send(one.message)
        except (Transient, BadAnswer) as error:
            journal.unknown(step, str(error))
            wrong.append(f"{one.address.told}: whether the reminder was sent is not known: {error}")
        except ServiceError as error:
            journal.failed(step, str(error))
            wrong.append(f"{one.address.told}: the reminder was not sent: {error}")
        else:
            journal.ended(step, None, None)
    return wrong


def _text(moment: datetime) -> str:
    return moment.isoformat()
