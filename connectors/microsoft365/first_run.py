"""Checks assumptions about Microsoft 365 that no live tenant has confirmed yet. The file first_run.toml lists them."""

from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer
from toolkit.sdk import read_facts
from toolkit.values import Body

_PEOPLE = (
    "From", "SentTo", "AnyOfToHeader", "AnyOfCcHeader", "AnyOfToCcHeader", "ManagerAddresses", "AddToRecipients",
    "CopyTo", "BlindCopyTo", "RedirectMessageTo", "ModerateMessageByUser",
)  # fmt: skip
_EVERYONE: Body = {"ResultSize": "Unlimited"}


def _check_rule_recipients(via: Microsoft365) -> bool | None:
    rules = via.exchange.get("Get-TransportRule", _EVERYONE)
    names = (*_PEOPLE, *(f"ExceptIf{name}" for name in _PEOPLE))
    values = [rule[name] for rule in rules for name in names if rule.get(name)]
    lists = [isinstance(value, list) and all(isinstance(person, str) for person in value) for value in values]
    return all(lists) if lists else None


def _check_long_lists(via: Microsoft365) -> bool | None:
    try:
        rows = via.exchange.second_page("Get-Recipient", _EVERYONE, select=["Guid"])
    except BadAnswer as error:
        if "pagination request" in str(error):
            return False
        raise
    return True if rows else None


def _check_list_keys(via: Microsoft365) -> bool | None:
    everyone = via.exchange.get("Get-Recipient", {**_EVERYONE, "SortBy": "Alias"}, select=["Alias", "Guid"])
    if len(everyone) < 2:  # noqa: PLR2004 - one recipient shows no order
        return None
    alias = everyone[len(everyone) // 2].get("Alias")
    start = next(place for place, row in enumerate(everyone) if row.get("Alias") == alias)
    command = Command("Get-Recipient", {**_EVERYONE, "SortBy": "Alias"}).from_key("Alias", str(alias))
    rest = via.exchange.get(command.cmdlet, command.parameters, select=["Alias", "Guid"])
    return [row.get("Guid") for row in rest] == [row.get("Guid") for row in everyone[start:]]


def _check_region(via: Microsoft365) -> bool | None:
    via.exchange.get("Get-AcceptedDomain", _EVERYONE, select=["DomainName"])
    return via.exchange.is_at_region or None  # the shared host serves a tenant whose region is not known


def _check_outside_addresses(via: Microsoft365) -> bool | None:
    rules = via.exchange.get("Get-TransportRule", _EVERYONE)
    names = ("From", "SentTo", "ExceptIfFrom", "ExceptIfSentTo")
    values = [value for rule in rules for name in names if (value := rule.get(name))]
    addresses = [str(name) for value in values for name in (value if isinstance(value, list) else [value])]
    return any(via.organization.is_outside(address) for address in addresses if "@" in address) or None


def _check_compliance_read(via: Microsoft365) -> bool:
    via.compliance.get("Get-RetentionCompliancePolicy")
    return True


FACTS = read_facts(
    __file__,
    {
        "rule_recipients": _check_rule_recipients,
        "long_lists": _check_long_lists,
        "list_keys": _check_list_keys,
        "region": _check_region,
        "outside_addresses": _check_outside_addresses,
        "compliance_read": _check_compliance_read,
    },
)
