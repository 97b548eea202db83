"""How mail rules are read from and written to Exchange Online.

https://learn.microsoft.com/powershell/module/exchange/new-transportrule
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound
from toolkit.sdk import Remote, Unreadable, Wanted, flag, text
from toolkit.values import Body, Json, Settings, Value, entries


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


SETTLES = 10.0
"""Seconds in which a read may come from a directory server that has not heard of our write yet; not published."""

_STATE = "State"  # Get shows it, New calls it Enabled, and Set knows neither


class TransportRules:
    """The cmdlets for mail rules; a rule is known by its Guid, which a rename keeps."""

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read every rule in one request, the first to run first; at most 300 fit into one page."""
        return wanted.among(_seen(row) for row in sorted(_rows(via), key=_priority))

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote | Unreadable:
        """Read one rule. NotFound if it is gone."""
        for row in _rows(via, Identity=identifier):
            return _seen(row)
        raise NotFound(f"Get-TransportRule: there is no rule {name!r} with the id {identifier}")

    def create(self, via: Microsoft365, name: str, body: Body) -> Remote | None:
        """Create a rule after all others."""
        return self._create(via, name, _new(body))

    def create_at(self, via: Microsoft365, name: str, body: Body, position: int) -> Remote | None:
        return self._create(via, name, {**_new(body), "Priority": position})

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote | None:
        """Change a rule; one that is switched off is so before, one that is switched on after the other changes."""
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
        def look() -> Body | None:
            return next((row for row in _rows(via) if _same_name(row, name)), None)

        made = via.exchange.create("New-TransportRule", {"Name": name, **parameters}, look, settles=SETTLES)
        return _remote(made) if made and made.get("Guid") and made.get("Name") else None


def _rows(via: Microsoft365, **which: Json) -> Sequence[Body]:
    """List the rules; a row that does not say which rule it is makes the whole list unknown."""
    rows: Sequence[Body] = via.exchange.get("Get-TransportRule", {"ResultSize": "Unlimited", **which})
    if not all(row.get("Guid") and row.get("Name") for row in rows):
        raise BadAnswer("Get-TransportRule answered with a rule that has no Guid or no Name")
    return rows


def _priority(row: Body) -> int:
    try:
        return int(str(row.get("Priority") or 0))
    except ValueError as wrong:
        raise BadAnswer(f"Get-TransportRule answered with a rule whose priority is not a number: {wrong}") from wrong


def _same_name(row: Body, name: str) -> bool:
    """Compare names as Exchange does, which takes none twice in another case."""
    return str(row["Name"]).casefold() == name.casefold()


def _seen(row: Body) -> Remote | Unreadable:
    if not all(flag(row.get(name), missing=True) for name in ("IsValid", "IsRuleConfigurationSupported")):
        return Unreadable(
            str(row["Guid"]),
            str(row["Name"]),
            "Exchange calls the rule not valid: something that it names may be gone; open it in the admin centre",
        )
    return _remote(row)


def _remote(row: Body) -> Remote:
    return Remote(text(row["Guid"]), text(row["Name"]), row)


def _new(body: Body) -> dict[str, Json]:
    """Give the parameters of New-TransportRule, where what is unset is left out."""
    parameters: dict[str, Json] = {key: value for key, value in body.items() if value is not None}
    if _STATE in parameters:
        parameters["Enabled"] = parameters.pop(_STATE)
    return parameters
