"""Which of a mailbox's forwarding leaves the tenant's domains."""

from collections.abc import Collection, Sequence

from toolkit.sdk.form import FLAG
from toolkit.sdk.shapes import mapping, text
from toolkit.values import Body


def is_outside(address: str, domains: Collection[str]) -> bool:
    """Say whether an address is in none of the domains, which are in lower case."""
    return address.rpartition("@")[2].strip().lower() not in domains


def everything_leaves(forwarding: Body, domains: Collection[str]) -> bool:
    """Say whether all mail goes outside, or nobody knows where; turned off, Gmail keeps where it went."""
    return FLAG.read(forwarding.get("enabled")) is True and is_outside(text(forwarding.get("emailAddress")), domains)


def target(row: Body) -> str:
    """Give the address that a filter forwards to; "" where it forwards to none."""
    return text(mapping(row.get("action")).get("forward"))


def leaving_filters(rows: Sequence[Body], domains: Collection[str]) -> list[Body]:
    return [row for row in rows if target(row) and is_outside(target(row), domains)]


def registered(row: Body) -> str:
    """Give the address of a forwarding address."""
    return text(row.get("forwardingEmail"))


def leaving_addresses(rows: Sequence[Body], domains: Collection[str]) -> list[Body]:
    return [row for row in rows if is_outside(registered(row), domains)]
