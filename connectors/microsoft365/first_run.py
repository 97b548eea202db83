"""How a tenant of Microsoft 365 shows by reading what no live tenant has shown yet; the facts are in first_run.toml."""

from connectors.microsoft365.via import Microsoft365
from toolkit.sdk.first_run import read_facts

_PEOPLE = (
    "From", "SentTo", "AnyOfToHeader", "AnyOfCcHeader", "AnyOfToCcHeader", "ManagerAddresses", "AddToRecipients",
    "CopyTo", "BlindCopyTo", "RedirectMessageTo", "ModerateMessageByUser",
)  # fmt: skip
_PAGE = 1000


def _rule_recipients(via: Microsoft365) -> bool | None:
    rules = via.exchange.get("Get-TransportRule", {"ResultSize": "Unlimited"})
    names = (*_PEOPLE, *(f"ExceptIf{name}" for name in _PEOPLE))
    shown = [rule[name] for rule in rules for name in names if rule.get(name)]
    lists = [isinstance(value, list) and all(isinstance(person, str) for person in value) for value in shown]
    return all(lists) if lists else None


def _long_lists(via: Microsoft365) -> bool | None:
    rows = via.exchange.get("Get-Recipient", {"ResultSize": "Unlimited"}, select=["Guid"])
    return True if len(rows) > _PAGE else None


FACTS = read_facts(__file__, {"rule_recipients": _rule_recipients, "long_lists": _long_lists})
