"""Remind people without an automatic reply, and end replies that no playbook requires any more."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.controls.replies import OUT_OF_OFFICE, OutOfOffice, person_label
from toolkit.controls.reply_text import absence_reminder
from toolkit.engine.journal import Journal
from toolkit.errors import BadAnswer, RequestFailed, Transient
from toolkit.playbook.entries import ControlIdentity, Playbooks
from toolkit.records import dataclass
from toolkit.replies.model import does_overlap
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
from toolkit.planning.matching import LastApplied
from toolkit.replies.model import end_replies_no_longer_required
from toolkit.replies.read_signals import reply_kind
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY
from toolkit.values import Json, Settings

KIND = "reminder"
_SUBJECT = "Please set an automatic reply before you are away"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message that reminds a person to set an automatic reply."""

    provider: str
    due: Due
    message: Message
    display_name: str  # the absent person, as far as the playbook allows names

    @property
    def address(self) -> Address:
        """Return the address of the message in the ledger, from the person's id."""
        return Address(self.provider, KIND, self.due.person.id, self.display_name)

    @property
    def control(self) -> str:
        return OUT_OF_OFFICE.name


def read_reminded_periods(memory: "LedgerMemory | None", address: Address) -> Sequence[tuple[datetime, datetime]]:
    """Return the absences about which a person was already reminded. A message that may have been sent counts."""
    sent = (begun.sent or {} for begun in memory.acts(address)) if memory else ()
    return [
        (parse_instant(str(sent_period["begins"])), parse_instant(str(sent_period["ends"]))) for sent_period in sent
    ]


def was_sent(memory: "LedgerMemory | None", reminder: Reminder) -> bool:
    """Return whether a reminder about the same absence was sent, or may have been sent."""
    return any(
        does_overlap(reminder.due, begins, ends) for begins, ends in read_reminded_periods(memory, reminder.address)
    )


def find_reminders(
    provider: str, playbooks: Playbooks, seeing: Mapping[ControlIdentity, Signals]
) -> Iterator[Reminder]:
    """Yield a reminder for each person without an automatic reply, whether or not it was sent already."""
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


def send(unsent: Sequence[Reminder], connections: Mapping[str, Connection], journal: Journal) -> Sequence[str]:
    """Send each reminder, with a journal entry before and after it, and return the failures.

    Failed reminders are not sent again.
    """
    wrong: list[str] = []
    for reminder in unsent:
        step = journal.begin_act(
            reminder.address, {"begins": _to_text(reminder.due.begins), "ends": _to_text(reminder.due.ends)}
        )
        try:
            connections[reminder.provider].send(reminder.message)
        except (Transient, BadAnswer) as error:
            journal.record_step_unknown(step, without_people(str(error)))
            why = _error_text(reminder, error)
            wrong.append(f"{reminder.address.display_text}: whether the reminder was sent is not known: {why}")
        except RequestFailed as error:
            journal.record_step_failure(step, without_people(str(error)))
            wrong.append(f"{reminder.address.display_text}: the reminder was not sent: {_error_text(reminder, error)}")
        else:
            journal.record_step_end(step, None, None)
    return wrong


def _error_text(reminder: Reminder, error: RequestFailed) -> str:
    return without_people(str(error).replace(reminder.due.person.id, "(a person)"))


def _to_text(moment: datetime) -> str:
    return moment.isoformat()


WordsBefore = Callable[[Mapping[str, Mapping[str, Json]]], Mapping[Address, Settings]]
"""Returns the settings of objects before toolkit first set them, for some kinds with their withdrawal settings."""


def replies_not_ended(known_objects: Mapping[Address, LastApplied]) -> Sequence[Address]:
    """Return the replies that toolkit set and has not ended yet."""
    return [
        address
        for address, known_object in known_objects.items()
        if (kind := reply_kind(address.provider)) is not None
        and address.kind == kind.name
        and AUTOMATIC_REPLY.is_timed(known_object.sent)
    ]


def has_waiting_reply_control(playbooks: Playbooks) -> bool:
    """Return whether an automatic-reply control waits for a decision. It is then unknown which replies go on."""
    all_controls = controls()
    return any(issubclass(all_controls[entry.name].settings, OutOfOffice | ClosureReply) for entry in playbooks.waiting)


def end_replies(reply_addresses: Sequence[Address], reads: RunReads, before: WordsBefore) -> Sequence[Desired]:
    """Return the settings that end replies which no playbook requires any more, unless their owners changed them."""
    if not reply_addresses:
        return ()
    back = {
        address.kind_path: kinds(address.provider)[address.kind].lifecycle.withdrawn({}) or {}
        for address in reply_addresses
    }
    objects = [observed for kind in back for observed in reads.observed.objects.get(kind, ())]
    desired_addresses = {desired.address for desired in reads.expansion.wanted}
    unknown = {
        address for address in reply_addresses if _is_unknown(reads.signals.get(address.provider, {}), address.name)
    }
    return end_replies_no_longer_required(
        desired_addresses, unknown, objects, reads.known_objects, before(back), now=reads.now
    )


def _is_unknown(seen: TenantSignals, person: str) -> bool:
    """Return whether a person's absences could not be read. A reason without a person applies to everyone."""
    return any(person in signals.unknown or "" in signals.unknown for signals in seen.values())
