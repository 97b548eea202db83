"""Deliver messages to notification channels. The ledger records every message before and after it is sent."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from uuid import uuid4

from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.notices.transports import PlainMessage, reason_channel_is_withheld, send_message
from toolkit.errors import BadAnswer, Exit, LeaseHeld, ToolkitError, Transient
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.notifications_sent import HELD_BACK, ChannelState, channel_address, read_reported_findings
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.notices import Channel
from toolkit.sdk.resource import Address

COMMAND = "notify"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a channel, with all facts that the channel will then have received."""

    message: PlainMessage
    facts: Mapping[str, str]


class DeliveryResult(StrEnum):
    """The possible results of sending a message."""

    SENT = "sent"
    NOT_SENT = "not sent"
    NOT_KNOWN = "it is unknown whether the message was sent"
    WITHHELD = "not used"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of a message to a channel: its result, and the reason if the message was not sent."""

    channel: Channel
    result: DeliveryResult
    reason: str = ""


AddressOfChannel = Callable[[str], Address]
"""A function that returns the ledger's address of the act for a channel."""

Compose = Callable[[ChannelState], "Notice | None"]
"""A function that writes the message for a channel. It returns None if the channel knows all facts."""


def deliver_notices(
    context: RunContext,
    playbooks: Playbooks,
    ledger: Ledger,
    channels: Sequence[Channel],
    compose: Compose,
    *,
    find_ledger_address: AddressOfChannel = channel_address,
) -> Sequence[Delivery]:
    """Send each channel the facts that it has not received yet, and record this in the ledger as a run of its own.

    A channel that fails is tried again at the next call. `find_ledger_address` is a function that returns the address
    under which the ledger records a message to a channel.
    """
    notices = {
        channel: notice
        for channel in channels
        if (notice := compose(read_reported_findings(ledger, channel.name))) is not None
    }
    reasons = {channel: reason_channel_is_withheld(channel, context.target) for channel in notices}
    used = {channel: notice for channel, notice in notices.items() if not reasons[channel]}
    unused = [Delivery(channel, DeliveryResult.WITHHELD, reason) for channel, reason in reasons.items() if reason]
    if not used:
        return unused
    context = replace(context, run=uuid4().hex[:12])
    try:
        with Lease(ledger, run=context.run):
            return [*unused, *_deliver_notices(context, playbooks, ledger, used, find_ledger_address)]
    except LeaseHeld as held:
        return [*unused, *(Delivery(channel, DeliveryResult.NOT_SENT, str(held)) for channel in used)]


def record_delayed_facts(
    context: RunContext, playbooks: Playbooks, ledger: Ledger, facts: Mapping[str, str], reason: str
) -> None:
    """Record the facts of a message that is sent later.

    If another run is writing to the ledger, nothing is recorded, and the next drift run reports the facts again.
    """
    context = replace(context, run=uuid4().hex[:12])
    with suppress(LeaseHeld), Lease(ledger, run=context.run):
        journal = _begin_run_of_messages(context, playbooks, ledger)
        journal.record_step_failure(journal.begin_act(HELD_BACK, facts), reason)
        journal.record_end(code=Exit.AS_WANTED, summary={}, unmanaged={})


def _begin_run_of_messages(context: RunContext, playbooks: Playbooks, ledger: Ledger) -> Journal:
    journal = Journal(ledger, context.run, context.now)
    journal.record_start(
        replace(context, command=COMMAND, flags=(), override=""),
        playbooks,
        {name: tenant.id for name, tenant in playbooks.school.tenants.items()},
    )
    return journal


def _deliver_notices(
    context: RunContext,
    playbooks: Playbooks,
    ledger: Ledger,
    notices: Mapping[Channel, Notice],
    find_ledger_address: AddressOfChannel,
) -> Sequence[Delivery]:
    journal = _begin_run_of_messages(context, playbooks, ledger)
    deliveries = [
        _deliver_notice(context, playbooks, journal, channel, notice, find_ledger_address=find_ledger_address)
        for channel, notice in notices.items()
    ]
    failed = any(delivery.result is not DeliveryResult.SENT for delivery in deliveries)
    journal.record_end(code=Exit.FAILED if failed else Exit.AS_WANTED, summary={}, unmanaged={})
    return deliveries


def _deliver_notice(
    context: RunContext,
    playbooks: Playbooks,
    journal: Journal,
    channel: Channel,
    notice: Notice,
    *,
    find_ledger_address: AddressOfChannel,
) -> Delivery:
    """Send a message, and record it in the ledger before and after.

    A message that may not have arrived is sent again, because a repeated message is better than a lost message.
    """
    context.progress(f"sending a message to {channel.name}")
    step = journal.begin_act(find_ledger_address(channel.name), notice.facts)
    try:
        send_message(notice.message, channel, playbooks.school, context.target)
    except (Transient, BadAnswer) as error:
        journal.record_step_unknown(step, str(error))
        return Delivery(channel, DeliveryResult.NOT_KNOWN, str(error))
    except ToolkitError as error:
        journal.record_step_failure(step, str(error))
        return Delivery(channel, DeliveryResult.NOT_SENT, str(error))
    journal.record_step_end(step, None, None)
    return Delivery(channel, DeliveryResult.SENT)
