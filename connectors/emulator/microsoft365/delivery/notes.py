"""Steps that follow the delivery to a mailbox and do not change its result: the automatic reply and retention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.emulator.delivery.outcome import DeliveryOutcome, Step
from connectors.emulator.microsoft365.delivery.directory import ExchangeDirectory
from connectors.emulator.microsoft365.delivery.situation import Situation
from connectors.emulator.microsoft365.graph.outlook.mailbox import SETTINGS, read_instant
from connectors.emulator.microsoft365.graph.outlook.settings import END, REPLIES, START
from connectors.emulator.microsoft365.retention_rules import POLICIES, as_sequence
from connectors.emulator.store import Body, Json, Store

_REPLY, _RETENTION = "automatic_reply", "retention"
_AUDIENCES: Mapping[str, bool | None] = {"none": False, "contactsOnly": None}
"""Whether a sender outside the school gets a reply. Contacts of a mailbox are not stored."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The automatic replies by address, and the enabled retention policies of a tenant."""

    replies: Mapping[str, Body]
    retention: Sequence[Body]

    def add_to(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome with a step for an automatic reply and for each retention policy of the mailbox."""
        reply = self.replies.get(situation.recipient, {})
        if _is_on(reply, situation.message.at):
            audience = str(reply.get("externalAudience"))
            replied = True if situation.is_sent_from_inside else _AUDIENCES.get(audience, True)
            outcome = outcome.add_step(Step(_REPLY, situation.recipient, replied))
        for policy in self.retention:
            places = [str(place["Name"]).lower() for place in _places(policy)]
            if {"all", situation.recipient} & set(places):
                outcome = outcome.add_step(Step(_RETENTION, str(policy.get("Name")), is_match=True))
        return outcome


def read_notes(store: Store, tenant_id: str, directory: ExchangeDirectory) -> Notes:
    """Read the automatic replies and the retention policies of a tenant."""
    stored = store.all_by_key(tenant_id, SETTINGS)
    replies = {
        directory.addresses[key]: _mapping(kept.get(REPLIES))
        for key, kept in stored.items()
        if key in directory.addresses
    }
    return Notes(replies, [policy for policy in store.all(tenant_id, POLICIES) if policy.get("Enabled")])


def _is_on(reply: Body, at: datetime) -> bool:
    if reply.get("status") == "scheduled":
        return read_instant(reply[START]) <= at < read_instant(reply[END])
    return reply.get("status") == "alwaysEnabled"


def _places(policy: Body) -> list[Body]:
    return [place for place in as_sequence(policy.get("ExchangeLocation")) if isinstance(place, Mapping)]


def _mapping(value: Json) -> Body:
    return value if isinstance(value, Mapping) else {}
