"""Reads and writes mail rules in Exchange Online.

https://learn.microsoft.com/powershell/module/exchange/new-transportrule
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound
from toolkit.sdk import ReadScope, Remote, Unreadable, flag, text
from toolkit.values import Body, Json, Settings, Value, entries


class Flow(Enum):
    """A direction of mail: into, out of or within the organisation."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"


_FROM_INSIDE = frozenset({Flow.OUTGOING, Flow.INTERNAL})
_TO_INSIDE = frozenset({Flow.INCOMING, Flow.INTERNAL})
_FROM_OUTSIDE = frozenset({Flow.INCOMING})
_TO_OUTSIDE = frozenset({Flow.OUTGOING})


def flows(settings: Settings) -> frozenset[Flow]:
    """Return the directions of mail to which a rule applies. A direction that an exception excludes is left out."""
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
    """Return whether a rule can apply to mail that a mailbox of the school receives."""
    return bool(flows(settings) & _TO_INSIDE) and _allows_address(settings, "sent_to", "recipient_domain_is", address)


def meets_mail_from(settings: Settings, address: str) -> bool:
    """Return whether a rule can apply to mail that a mailbox of the school sends."""
    return bool(flows(settings) & _FROM_INSIDE) and _allows_address(settings, "from", "sender_domain_is", address)


def _allows_address(settings: Settings, side: str, domains: str, address: str) -> bool:
    """Return whether a rule can apply to an address, by its conditions and exceptions for senders or recipients."""
    address = address.lower()
    within = _make_domain_matcher(address)
    if address in entries(settings.get(f"except_if_{side}")):
        return False
    if any(map(within, entries(settings.get(f"except_if_{domains}")))):
        return False
    allowed_addresses, allowed_domains = (
        _list_limiting_entries(settings.get(side)),
        _list_limiting_entries(settings.get(domains)),
    )
    return (not allowed_addresses or address in allowed_addresses) and (
        not allowed_domains or any(map(within, allowed_domains))
    )


def _list_limiting_entries(value: Value) -> tuple[str, ...]:
    """Return the entries of a condition.

    Return none if others may add entries, because the condition then limits nothing.
    """
    return value if isinstance(value, tuple) else ()


def _make_domain_matcher(address: str) -> Callable[[str], bool]:
    host = address.rpartition("@")[2]
    return lambda domain: host == domain or host.endswith(f".{domain}")


SETTLES = 10.0
"""Seconds in which a read may come from a directory server without our latest write. Microsoft publishes no value."""

_STATE = "State"  # of Get-TransportRule; New-TransportRule calls it Enabled, and Set-TransportRule does not have it


class TransportRules:
    """The tenant's mail rules. A rule's id is its Guid, which does not change if the rule is renamed."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Return all rules in the order in which Exchange applies them. Exchange returns all of them in one page."""
        return selection.select_from(_parse_rule(row) for row in sorted(_read_rules(via), key=_read_rule_priority))

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote | Unreadable:
        """Read one rule. Raise NotFound if it no longer exists."""
        for row in _read_rules(via, Identity=identifier):
            return _parse_rule(row)
        raise NotFound(f"Get-TransportRule: the rule {name!r} with the id {identifier} does not exist")

    def create(self, via: Microsoft365, name: str, body: Body) -> Remote | None:
        """Create a rule that runs after all others."""
        return self._create(via, name, _to_creation_parameters(body))

    def create_at(self, via: Microsoft365, name: str, body: Body, position: int) -> Remote | None:
        return self._create(via, name, {**_to_creation_parameters(body), "Priority": position})

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote | None:
        """Change a rule. A rule is turned off before its other changes, and turned on after them."""
        enabled = body.get(_STATE)
        changes = {key: value for key, value in body.items() if key != _STATE}
        if name != remote.name:
            changes["Name"] = name
        if enabled is False:
            via.exchange.change("Disable-TransportRule", {"Identity": remote.id})
        if changes:
            via.exchange.change("Set-TransportRule", {"Identity": remote.id, **changes})
        if enabled is True:
            via.exchange.change("Enable-TransportRule", {"Identity": remote.id})
        return None

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        via.exchange.delete("Remove-TransportRule", {"Identity": remote.id})

    def move(self, via: Microsoft365, remote: Remote, position: int) -> None:
        via.exchange.change("Set-TransportRule", {"Identity": remote.id, "Priority": position})

    def _create(self, via: Microsoft365, name: str, parameters: Body) -> Remote | None:
        def find_existing() -> Body | None:
            return next((row for row in _read_rules(via) if _has_name(row, name)), None)

        created = via.exchange.create("New-TransportRule", {"Name": name, **parameters}, find_existing, settles=SETTLES)
        return _to_remote(created) if created and created.get("Guid") and created.get("Name") else None


def _read_rules(via: Microsoft365, **parameters: Json) -> Sequence[Body]:
    """Return the rules. Raise BadAnswer if any rule has no Guid or Name, because all rules are unknown then."""
    rows: Sequence[Body] = via.exchange.get("Get-TransportRule", {"ResultSize": "Unlimited", **parameters})
    if not all(row.get("Guid") and row.get("Name") for row in rows):
        raise BadAnswer("Get-TransportRule returned a rule without a Guid or Name")
    return rows


def _read_rule_priority(row: Body) -> int:
    try:
        return int(str(row.get("Priority") or 0))
    except ValueError as wrong:
        raise BadAnswer(f"Get-TransportRule returned a rule whose priority is not a number: {wrong}") from wrong


def _has_name(row: Body, name: str) -> bool:
    """Return whether a rule has this name. Exchange does not distinguish upper and lower case."""
    return str(row["Name"]).casefold() == name.casefold()


def _parse_rule(row: Body) -> Remote | Unreadable:
    if not all(flag(row.get(name), missing=True) for name in ("IsValid", "IsRuleConfigurationSupported")):
        return Unreadable(
            str(row["Guid"]),
            str(row["Name"]),
            "Exchange reports that the rule is not valid. A group or person in it may have been "
            "deleted. Open it in the admin centre",
        )
    return _to_remote(row)


def _to_remote(row: Body) -> Remote:
    return Remote(text(row["Guid"]), text(row["Name"]), row)


def _to_creation_parameters(body: Body) -> dict[str, Json]:
    parameters: dict[str, Json] = {key: value for key, value in body.items() if value is not None}
    if _STATE in parameters:
        parameters["Enabled"] = parameters.pop(_STATE)
    return parameters
