"""Which mail a rule can apply to: the directions in which it looks, and whether it can meet one mailbox's mail."""

from collections.abc import Callable
from enum import Enum

from toolkit.values import Settings, Value, entries


class Flow(Enum):
    """A direction of mail, seen from the organisation."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"


_FROM_INSIDE = frozenset({Flow.OUTGOING, Flow.INTERNAL})
_TO_INSIDE = frozenset({Flow.INCOMING, Flow.INTERNAL})
_FROM_OUTSIDE = frozenset({Flow.INCOMING})
_TO_OUTSIDE = frozenset({Flow.OUTGOING})


def flows(settings: Settings) -> frozenset[Flow]:
    """List the directions in which a rule looks, exceptions for a whole direction left out."""
    possible = frozenset(Flow)
    match settings.get("from_scope"):
        case "InOrganization":
            possible &= _FROM_INSIDE
        case "NotInOrganization":
            possible &= _FROM_OUTSIDE
    match settings.get("sent_to_scope"):
        case "InOrganization":
            possible &= _TO_INSIDE
        case str():
            possible &= _TO_OUTSIDE
    match settings.get("except_if_from_scope"):
        case "InOrganization":
            possible -= _FROM_INSIDE
        case "NotInOrganization":
            possible -= _FROM_OUTSIDE
    match settings.get("except_if_sent_to_scope"):
        case "InOrganization":
            possible -= _TO_INSIDE
        case "NotInOrganization":
            possible -= _TO_OUTSIDE
    return possible


def meets_mail_to(settings: Settings, address: str) -> bool:
    """Say whether a rule can apply to mail that a mailbox of the school receives."""
    return bool(flows(settings) & _TO_INSIDE) and _can_be(settings, "sent_to", "recipient_domain_is", address)


def meets_mail_from(settings: Settings, address: str) -> bool:
    """Say whether a rule can apply to mail that a mailbox of the school sends."""
    return bool(flows(settings) & _FROM_INSIDE) and _can_be(settings, "from", "sender_domain_is", address)


def _can_be(settings: Settings, party: str, domains: str, address: str) -> bool:
    """Say whether the conditions and exceptions on one party leave an address in."""
    address = address.lower()
    within = _below(address)
    if address in entries(settings.get(f"except_if_{party}")):
        return False
    if any(map(within, entries(settings.get(f"except_if_{domains}")))):
        return False
    named, asked = _bounds(settings.get(party)), _bounds(settings.get(domains))
    return (not named or address in named) and (not asked or any(map(within, asked)))


def _bounds(value: Value) -> tuple[str, ...]:
    """List the entries of a condition; where others may add theirs, it bounds nothing."""
    return value if isinstance(value, tuple) else ()


def _below(address: str) -> Callable[[str], bool]:
    host = address.rpartition("@")[2]
    return lambda domain: host == domain or host.endswith(f".{domain}")
