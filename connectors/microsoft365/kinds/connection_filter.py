"""The connection filter, which lists the IP addresses whose mail skips the spam filter or is refused."""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator

from connectors.microsoft365.builtin_objects import HYGIENE, READ_BY_SECURITY_READERS, CmdletObjects, exchange_kind
from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from toolkit.sdk import (
    ADDRESSES,
    Effect,
    Join,
    Listed,
    Properties,
    Setting,
    Spec,
    Switch,
    Wire,
    adds_entries,
    declare,
    declare_effects,
    removes_entries,
    switches_off,
    written_entries,
)

_WIDEST = 24


def _is_ip_address(entry: str) -> bool:
    address, network, length = entry.partition("/")
    try:
        ends = [int(IPv4Address(end)) for end in address.split("-", 1)]
        narrow = not network or (length.isdecimal() and IPv4Network(entry).prefixlen >= _WIDEST)
    except ValueError:
        return False
    return narrow and ends == sorted(ends)


def _check_ip_addresses(value: Listed | None) -> Listed | None:
    for entry in written_entries(value):
        if not _is_ip_address(entry):
            ways = "192.0.2.10, 192.0.2.1-192.0.2.9, or a network from 192.0.2.0/24 to /32"
            raise ValueError(f"{entry!r} is not an IP address or small network. Write {ways}")
    return value


_IpAddresses: TypeAlias = Annotated[
    Listed | None, AfterValidator(_check_ip_addresses), Setting(ADDRESSES, at_least=True, join=Join.UNION)
]


class ConnectionFilter(Spec):
    """The mail servers whose mail is always accepted or refused.

    The mail of the school's MIS, payroll or scanner may depend on an entry that others added. A plain list keeps the
    entries of others. `exactly` or `lacks` removes them.
    """

    effects = declare_effects(
        {
            "ip_allow_list": Effect(
                "mail from servers that are no longer allowed can be treated as spam", removes_entries
            ),
            "ip_block_list": Effect("mail from the listed servers is refused", adds_entries),
            "enable_safe_list": Effect("mail from senders that Microsoft trusts can be treated as spam", switches_off),
        }
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            **IGNORED,
            "IsDefault": "Whether the filter is the default filter. A tenant has only one.",
            "DirectoryBasedEdgeBlockMode": "A property that Microsoft does not explain.",
        },
        defaults=DEFAULTS,
    )

    ip_allow_list: Annotated[_IpAddresses, Wire("IPAllowList")] = declare(
        "IP addresses whose mail is never filtered as spam.", ["192.0.2.10"]
    )
    ip_block_list: Annotated[_IpAddresses, Wire("IPBlockList")] = declare(
        "IP addresses whose mail is refused.", ["198.51.100.0/24"]
    )
    enable_safe_list: Switch = declare(
        "Accepts mail from senders on the safe list that Microsoft buys and does not publish.", False, default=False
    )


KIND = exchange_kind(
    "HostedConnectionFilterPolicy",
    HYGIENE,
    READ_BY_SECURITY_READERS,
    name="connection_filter",
    title="connection filter",
    plural="connection filters",
    spec=ConnectionFilter,
    endpoint=CmdletObjects("HostedConnectionFilterPolicy"),
    sample="""\
- microsoft365.connection_filter: Default
  enable_safe_list: false
""",
)
