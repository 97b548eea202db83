"""Reminding people who lack a reply, and giving back replies that nothing asks for any more."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.controls.replies import OUT_OF_OFFICE, OutOfOffice, person_label
from toolkit.controls.reply_text import absence_reminder
from toolkit.engine.journal import Journal
from toolkit.errors import BadAnswer, RequestFailed, Transient
from toolkit.playbook.entries import ControlIdentity, Playbooks
from toolkit.records import dataclass
from toolkit.replies.model import overlap
from toolkit.school.signals import Due, Message, Signals
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, Audience, Scope
from toolkit.sdk.form import parse_instant
from toolkit.sdk.lending import without_people
from toolkit.sdk.part import ControlContext
from toolkit.sdk.resource import Address, Mode

if TYPE_CHECKING:
    from toolkit.ledger.memory import LedgerMemory

from toolkit.controls.control import controls
from toolkit.controls.replies import ClosureReply
from toolkit.engine.extension import RunReads, TenantSignals
from toolkit.planning.matching import Known
from toolkit.replies.model import given_back
from toolkit.replies.read_signals import reply_kind
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY
from toolkit.values import Json, Settings

KIND = "reminder"
_SUBJECT = "Please set an automatic reply before you are away"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message that is to be sent."""

    provider: str
    due: Due
    message: Message
    shown: str  # who is away, as the playbook allows it to be said

    @property
    def address(self) -> Address:
        """Name the act as the ledger does: by the person's id."""
        return Address(self.provider, KIND, self.due.person.id, self.shown)

    @property
    def control(self) -> str:
        return OUT_OF_OFFICE.name


def reminded(memory: "LedgerMemory | None", address: Address) -> Sequence[tuple[datetime, datetime]]:
    """Recall what a tenant sent a person a message for; one of which no one saw the end counts as sent."""
    sent = (begun.sent or {} for begun in memory.acts(address)) if memory else ()
    return [(parse_instant(str(one["begins"])), parse_instant(str(one["ends"]))) for one in sent]


def was_sent(memory: "LedgerMemory | None", one: Reminder) -> bool:
    """Return whether a message was sent for the same absence, or may have been."""
    return any(overlap(one.due, begins, ends) for begins, ends in reminded(memory, one.address))


def reminders(provider: str, playbooks: Playbooks, seeing: Mapping[ControlIdentity, Signals]) -> Iterator[Reminder]:
    """Give a message for each who lacks a reply, sent or not."""
    for entry in (entry for playbook in playbooks.playbooks for entry in playbook.controls):
        settings, signals = entry.settings, seeing.get(entry.identity)
        if not isinstance(settings, OutOfOffice) or settings.act != "remind" or not signals or not settings.sender:
            continue
        if entry.mode is not Mode.ENFORCE or not signals.sender:
            continue
        context = ControlContext(playbooks.school, Scope(Audience(EVERYONE)))
        for due in signals.missing_replies:
            text = absence_reminder(settings, due, context)
            message = Message(settings.sender, due.person, _SUBJECT, text)
            yield Reminder(provider, due, message, person_label(settings, due))


def send(wanted: Sequence[Reminder], connections: Mapping[str, Connection], journal: Journal) -> Sequence[str]:
    """Send each message between its two entries, and give what went wrong; nothing is sent again in a later run."""
    wrong: list[str] = []
    for one in wanted:
        step = journal.begin_act(one.address, {"begins": _text(one.due.begins), "ends": _text(one.due.ends)})
        try:
            connections[one.provider].send(one.message)
        except (Transient, BadAnswer) as error:
            journal.unknown(step, without_people(str(error)))
            wrong.append(f"{one.address.told}: whether the reminder was sent is not known: {_said(one, error)}")
        except RequestFailed as error:
            journal.failed(step, without_people(str(error)))
            wrong.append(f"{one.address.told}: the reminder was not sent: {_said(one, error)}")
        else:
            journal.ended(step, None, None)
    return wrong


def _said(one: Reminder, error: RequestFailed) -> str:
    return without_people(str(error).replace(one.due.person.id, "(a person)"))


def _text(moment: datetime) -> str:
    return moment.isoformat()


WordsBefore = Callable[[Mapping[str, Mapping[str, Json]]], Mapping[Address, Settings]]
"""Gives, for some kinds and what gives one of them back, what was there before we first set an object."""


def lent(known: Mapping[Address, Known]) -> Sequence[Address]:
    """List the replies that toolkit set and has not given back."""
    return [
        address
        for address, one in known.items()
        if (kind := reply_kind(address.provider)) is not None
        and address.kind == kind.name
        and AUTOMATIC_REPLY.is_timed(one.sent)
    ]


def replies_wait(playbooks: Playbooks) -> bool:
    """Say whether a control of replies waits for a decision: until then it is unknown which replies go on."""
    known = controls()
    return any(issubclass(known[one.name].settings, OutOfOffice | ClosureReply) for one in playbooks.waiting)


def give_back(borrowed: Sequence[Address], reads: RunReads, before: WordsBefore) -> Sequence[Desired]:
    """Plan to give back what was lent and nothing asks for any more, as far as it still is ours."""
    if not borrowed:
        return ()
    back = {one.of_kind: kinds(one.provider)[one.kind].lifecycle.withdrawn({}) or {} for one in borrowed}
    objects = [one for kind in back for one in reads.seen.objects.get(kind, ())]
    wanted = {one.address for one in reads.expansion.wanted}
    unknown = {one for one in borrowed if _is_unknown(reads.signals.get(one.provider, {}), one.name)}
    return given_back(wanted, unknown, objects, reads.known, before(back), now=reads.now)


def _is_unknown(seen: TenantSignals, person: str) -> bool:
    """Return whether it could not be read if a person is away; a reason that names no one is everyone's."""
    return any(person in signals.unknown or "" in signals.unknown for signals in seen.values())
