"""The mailboxes of a tenant: how many there are, and whose those are that a policy names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.microsoft365.exchange import Exchange
from toolkit.errors import BadAnswer
from toolkit.values import Body

_COLUMNS = (
    "Guid", "ExternalDirectoryObjectId", "PrimarySmtpAddress", "EmailAddresses", "RecipientTypeDetails",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """One mailbox, with everything that it or its owner is known by, in lower case."""

    names: frozenset[str]
    personal: bool  # somebody's own, and neither shared nor a room's


def read_mailboxes(exchange: Exchange) -> Sequence[Box]:
    """Read every mailbox, those whose account is gone too."""
    parameters: Body = {"IncludeInactiveMailbox": True, "ResultSize": "Unlimited"}
    return [_box(row) for row in exchange.get("Get-Mailbox", parameters, select=_COLUMNS)]


def chosen(boxes: Sequence[Box], addresses: Iterable[str]) -> Sequence[Box]:
    """Find the mailboxes of some addresses; BadAnswer where there is none of one."""
    by_name = {name: box for box in boxes for name in box.names}
    wanted = [address.lower() for address in addresses]
    if missing := [address for address in wanted if address not in by_name]:
        raise BadAnswer(f"Get-Mailbox: {len(missing)} of the mailboxes that the policy names could not be found")
    return [by_name[address] for address in wanted]


def _box(row: Body) -> Box:
    addresses = row.get("EmailAddresses")
    proxies = [str(one).partition(":") for one in addresses] if isinstance(addresses, list) else []
    smtp = [address for scheme, _, address in proxies if scheme.lower() == "smtp"]
    known = (row.get("Guid"), row.get("ExternalDirectoryObjectId"), row.get("PrimarySmtpAddress"), *smtp)
    names = frozenset(str(name).lower().removeprefix(".") for name in known if name)
    if not names or not row.get("RecipientTypeDetails"):
        raise BadAnswer("Get-Mailbox: the answer does not say whose a mailbox is, or of what kind")
    return Box(names, row["RecipientTypeDetails"] == "UserMailbox")
