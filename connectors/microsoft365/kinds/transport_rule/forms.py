"""Canonical forms that only mail rules need: one address, and ranges of addresses of machines."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network, summarize_address_range

from toolkit.sdk.form import PATTERNS, Form, text_in
from toolkit.values import AtLeast, Json, Value, unique


def canonical_range(text: str) -> str:
    """Write an address, a network or a range `from-to` in the shortest of the three; ValueError if it is none."""
    first, last = _ends(text)
    if first == last:
        return str(first)
    networks = list(_networks(first, last))
    return str(networks[0]) if len(networks) == 1 else f"{first}-{last}"


def _ends(text: str) -> tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]:
    low, dash, high = (part.strip() for part in text.partition("-"))
    if not dash:
        network = ip_network(low, strict=False)
        return network[0], network[-1]
    first, last = ip_address(low), ip_address(high)
    if first.version != last.version or int(first) > int(last):
        raise ValueError(f"{text!r} is no range: it runs from the lower to the higher address of one family")
    return first, last


def _networks(first: IPv4Address | IPv6Address, last: IPv4Address | IPv6Address) -> Iterator[object]:
    if isinstance(first, IPv4Address) and isinstance(last, IPv4Address):
        return summarize_address_range(first, last)
    if isinstance(first, IPv6Address) and isinstance(last, IPv6Address):
        return summarize_address_range(first, last)
    return iter(())


def _address(value: Json) -> Value:
    return None if value is None or value == "" else text_in(value).strip().lower()


def _ranges(value: Json) -> Value:
    match PATTERNS.read(value):
        case AtLeast(items):
            return AtLeast(unique(map(canonical_range, items)))
        case tuple() as items:
            return unique(map(canonical_range, items))
        case unset:
            return unset


ADDRESS = Form("address", _address)
RANGES = Form("list of addresses, networks or ranges of machines", _ranges, is_list=True)
