"""Delivers a message as Exchange Online would, by the settings that the tenant stores.

The order is the service's own: connection filter, Direct Send, number of recipients, file types of the malware policy,
resolving of the recipient (who may send to it, moderation, expansion of lists), mail flow rules, automatic forwarding
and remote domains, the spam policy for a level that a rule set, and Outlook's label. See learn.microsoft.com/
defender-office-365/eop-about. A delivery leaves out the verdicts of the provider's own filters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.emulator.delivery.message import Message
from connectors.emulator.delivery.outcome import REJECTED, UNKNOWN, DeliveryOutcome, Step
from connectors.emulator.microsoft365.delivery.actions import Applied
from connectors.emulator.microsoft365.delivery.directory import ExchangeDirectory, read_directory
from connectors.emulator.microsoft365.delivery.notes import Notes, read_notes
from connectors.emulator.microsoft365.delivery.policies import ExchangePolicies, read_policies
from connectors.emulator.microsoft365.delivery.restrictions import apply_restrictions
from connectors.emulator.microsoft365.delivery.rules import run_rules
from connectors.emulator.microsoft365.delivery.situation import Situation
from connectors.emulator.store import Body, Store

_CLOUD = "microsoft365"
_DIRECTORY = "directory"


def deliver(store: Store, tenant_id: str, messages: Sequence[Message]) -> list[list[DeliveryOutcome]]:
    """Return the outcomes of each message, for every recipient in the order of To, Cc and Bcc."""
    directory = read_directory(store, tenant_id)
    service = _ExchangeService(
        directory=directory,
        policies=read_policies(store, tenant_id, directory),
        rules=store.all(tenant_id, "exchange.transportRules"),
        notes=read_notes(store, tenant_id, directory),
    )
    return [list(service.deliver(message)) for message in messages]


@dataclass(frozen=True, slots=True)
class _ExchangeService:
    directory: ExchangeDirectory
    policies: ExchangePolicies
    rules: Sequence[Body]
    notes: Notes

    def deliver(self, message: Message) -> Iterator[DeliveryOutcome]:
        """Yield the outcomes of a message. No one gets it twice."""
        reached: set[str] = set()
        copies: dict[str, str] = {}
        for address in message.recipients:
            for outcome in self._deliver_to(message, address):
                if outcome.recipient not in reached:
                    reached.add(outcome.recipient)
                    copies |= outcome.copies
                    yield outcome
        for address, rule in copies.items():
            if address not in reached:
                yield DeliveryOutcome(_CLOUD, address, subject=message.subject, added_by=rule)

    def _deliver_to(self, message: Message, address: str) -> Iterator[DeliveryOutcome]:
        recipient = self.directory.primary_address(address)
        situation = Situation(message, self.directory, recipient, message.subject, message.headers, message.scl)
        outcome = DeliveryOutcome(_CLOUD, address, subject=message.subject)
        for check in (
            self.policies.check_connection,
            self.policies.check_direct_send,
            self.policies.check_recipient_count,
            self.policies.check_files,
        ):
            outcome = check(situation, outcome) if outcome.is_delivered else outcome
        if not outcome.is_delivered:
            yield outcome
        elif self.directory.is_inside(address) and not self.directory.exists(address):
            yield outcome.decide(REJECTED, _DIRECTORY, "", why="no such recipient")
        else:
            yield from self._resolve(situation, outcome, ())

    def _resolve(
        self, situation: Situation, outcome: DeliveryOutcome, path: tuple[str, ...]
    ) -> Iterator[DeliveryOutcome]:
        """Yield the outcome for a recipient, or for each member if it is a list."""
        address = situation.recipient
        row = self.directory.lists.get(address) or self.directory.mailboxes.get(address)
        if row:
            outcome = apply_restrictions(row, situation, outcome)
        if not outcome.is_delivered:
            yield outcome
        elif self.directory.is_list(address):
            yield from self._expand(situation, outcome, (*path, address))
        else:
            yield self._send(situation, outcome)

    def _expand(
        self, situation: Situation, outcome: DeliveryOutcome, path: tuple[str, ...]
    ) -> Iterator[DeliveryOutcome]:
        members = self.directory.direct_members(path[-1])
        if members is None:
            yield outcome.decide(UNKNOWN, _DIRECTORY, path[-1], text="the members of a dynamic list")
        elif not members:
            yield outcome.add_step(Step(_DIRECTORY, path[-1], is_match=True, why="the list has no members"))
        for member in members or ():
            if member not in path:
                inner = replace(outcome, recipient=member, via=path[-1])
                yield from self._resolve(replace(situation, recipient=member), inner, path)

    def _send(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        applied = run_rules(self.rules, situation, outcome, self._apply_later_policies)
        outcome = replace(self._apply_later_policies(applied), tag=self.policies.is_tagged(applied.situation))
        return self.notes.add_to(applied.situation, outcome) if outcome.is_delivered else outcome

    def _apply_later_policies(self, applied: Applied) -> DeliveryOutcome:
        outcome = applied.outcome
        for check in (self.policies.check_forwarding, self.policies.check_spam_level):
            if outcome.is_delivered:
                outcome = check(applied.situation, outcome)
        return outcome
