"""Delivers a message as Gmail would, by the settings that the customer stores.

The rules of the sender's unit come first, then a group's permission to post and its moderation, then the rules of each
recipient's unit. A delivery leaves out routing, footers and restricted delivery, because no API shows these
settings. It leaves out the verdicts of the provider's own filters too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.emulator.delivery.message import Message
from connectors.emulator.delivery.outcome import DROPPED, REJECTED, DeliveryOutcome, Step
from connectors.emulator.google_workspace.delivery.directory import GoogleMailDirectory, Member, read_directory
from connectors.emulator.google_workspace.delivery.groups import Posting
from connectors.emulator.google_workspace.delivery.rules import Flow, apply_rules
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body, Store

_CLOUD = "google_workspace"
_DIRECTORY = "directory"


def deliver(store: Store, tenant_id: str, messages: Sequence[Message]) -> list[list[DeliveryOutcome]]:
    """Return the outcomes of each message, for every recipient in the order of To, Cc and Bcc."""
    service = _GoogleService(read_directory(store, tenant_id))
    return [list(service.deliver(message)) for message in messages]


@dataclass(frozen=True, slots=True)
class _GoogleService:
    directory: GoogleMailDirectory

    def deliver(self, message: Message) -> Iterator[DeliveryOutcome]:
        """Yield the outcomes of a message. No one gets it twice."""
        reached: set[str] = set()
        for address in message.recipients:
            for outcome in self._deliver_to(message, address):
                if outcome.recipient not in reached:
                    reached.add(outcome.recipient)
                    yield outcome

    def _deliver_to(self, message: Message, address: str) -> Iterator[DeliveryOutcome]:
        outcome = DeliveryOutcome(_CLOUD, address, subject=message.subject)
        inside = self.directory.is_inside(address)
        if self._is_sent_from_inside(message):
            flow = Flow(message.sender, "InternalSending" if inside else "Outbound")
            outcome = self._check_forwarding(message, outcome)
            outcome = apply_rules(flow, message, self.directory, outcome) if outcome.is_delivered else outcome
            warns = self.directory.setting("gmail.external_recipient_warning", message.sender).get("enabled") is True
            outcome = replace(outcome, tag=warns and not inside)
        if not outcome.is_delivered or not inside:
            yield outcome
        else:
            yield from self._resolve(message, address, outcome, ())

    def _check_forwarding(self, message: Message, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome of a forwarded message: where forwarding is off, existing filters do not forward either.

        Follows support.google.com/a/answer/2491924.
        """
        setting = self.directory.setting("gmail.auto_forwarding", message.sender)
        if message.type != "AutoForward" or setting.get("enableAutoForwarding") is not False:
            return outcome
        return outcome.decide(DROPPED, "auto_forwarding", "", why="automatic forwarding is off in the sender's unit")

    def _is_sent_from_inside(self, message: Message) -> bool:
        return message.is_authenticated and self.directory.is_inside(message.sender)

    def _resolve(
        self, message: Message, address: str, outcome: DeliveryOutcome, path: tuple[str, ...]
    ) -> Iterator[DeliveryOutcome]:
        """Yield the outcome for a person, or for each member of a group."""
        if group := self.directory.groups.get(address):
            outcome = Posting(group, message, self.directory).check(outcome)
            yield from self._expand(message, group, outcome, path) if outcome.is_delivered else [outcome]
        elif user := self.directory.users.get(address):
            yield self._receive(message, user, outcome)
        else:
            yield outcome.decide(REJECTED, _DIRECTORY, "", why="no such recipient")

    def _expand(
        self, message: Message, group: Body, outcome: DeliveryOutcome, path: tuple[str, ...]
    ) -> Iterator[DeliveryOutcome]:
        name, settings = text(group["email"]).lower(), self.directory.settings_of(group)
        if settings.get("includeCustomFooter") == "true" and settings.get("customFooterText"):
            outcome = replace(outcome, disclaimers=(*outcome.disclaimers, name))
        members = self.directory.members_of(group)
        if not members:
            yield outcome.add_step(Step(_DIRECTORY, name, is_match=True, why="the group has no members"))
        for member in members:
            if member.address not in (*path, name):
                yield from self._deliver_to_member(message, member, replace(outcome, via=name), (*path, name))

    def _deliver_to_member(
        self, message: Message, member: Member, outcome: DeliveryOutcome, path: tuple[str, ...]
    ) -> Iterator[DeliveryOutcome]:
        outcome = replace(outcome, recipient=member.address)
        if not member.receives:
            yield outcome.decide(DROPPED, _DIRECTORY, outcome.via, why="the member does not receive the group's mail")
        elif self.directory.is_inside(member.address):
            yield from self._resolve(message, member.address, outcome, path)
        else:
            yield outcome

    def _receive(self, message: Message, user: Body, outcome: DeliveryOutcome) -> DeliveryOutcome:
        address = text(user["primaryEmail"]).lower()
        if user.get("suspended"):
            return outcome.decide(REJECTED, _DIRECTORY, "", why="the account is suspended")
        if self.directory.setting("gmail.service_status", address).get("serviceState") == "DISABLED":
            return outcome.decide(REJECTED, "service_status", "Gmail", why="Gmail is off for the person's unit")
        direction = "InternalReceiving" if self._is_sent_from_inside(message) else "Inbound"
        outcome = apply_rules(Flow(address, direction, bool(outcome.via)), message, self.directory, outcome)
        replies = self.directory.replies_automatically(user, message.sender, message.at)
        if outcome.is_delivered and replies is not False:
            outcome = outcome.add_step(Step("automatic_reply", address, replies))
        return outcome
