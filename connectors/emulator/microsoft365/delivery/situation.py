"""A message on its way to one recipient, with the changes of earlier rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.delivery.message import Message
from connectors.emulator.microsoft365.delivery.directory import ExchangeDirectory
from connectors.emulator.store import Body, Json


@dataclass(frozen=True, slots=True)
class Situation:
    """A message as a rule sees it: the headers and the subject may differ from the original."""

    message: Message
    directory: ExchangeDirectory
    recipient: str  # primary address
    subject: str
    headers: Mapping[str, str]  # by name in lower case
    scl: int | None  # None until a rule sets it, if the provider's own value is not known
    is_scl_set: bool = False  # by a rule

    @property
    def is_sent_from_inside(self) -> bool:
        """Return whether the sender is in the organisation.

        FromScope of New-TransportRule: an authenticated connection and an address of an accepted domain.
        """
        return self.message.is_authenticated and self.directory.is_inside(self.message.sender)

    def primary_addresses(self, addresses: Sequence[str]) -> list[str]:
        return [self.directory.primary_address(address) for address in addresses]

    def header(self, name: str) -> str | None:
        """Return the value of a header. None if the message does not have it."""
        message = self.message
        derived = {
            "from": message.sender,
            "to": ", ".join(message.to_addresses),
            "cc": ", ".join(message.cc_addresses),
            "subject": self.subject,
            "importance": message.importance if message.importance != "Normal" else "",
        }
        return self.headers.get(name.lower(), derived.get(name.lower()) or None)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition or exception of a rule, with its value."""

    name: str  # without ExceptIf
    value: Json
    rule: Body
    prefix: str  # "" or ExceptIf

    def sibling(self, name: str) -> Json:
        """Return the value of the parameter that belongs to this one, such as the header whose words are sought."""
        return self.rule.get(self.prefix + name)

    @property
    def texts(self) -> list[str]:
        if isinstance(self.value, str):
            return [self.value]
        return [str(entry) for entry in self.value] if isinstance(self.value, Sequence) else []
