"""The filter of connections: from which machines mail passes the spam filter, or never arrives."""

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


def _machine(entry: str) -> bool:
    address, network, length = entry.partition("/")
    try:
        ends = [int(IPv4Address(end)) for end in address.split("-", 1)]
        narrow = not network or (length.isdecimal() and IPv4Network(entry).prefixlen >= _WIDEST)
    except ValueError:
        return False
    return narrow and ends == sorted(ends)


def _machines(written: Listed | None) -> Listed | None:
    for entry in written_entries(written):
        if not _machine(entry):
            ways = "192.0.2.10, 192.0.2.1-192.0.2.9, or a network from 192.0.2.0/24 to /32"
            raise ValueError(f"{entry!r} is not a machine; write {ways}")
    return written


_Machines: TypeAlias = Annotated[
    Listed | None, AfterValidator(_machines), Setting(ADDRESSES, at_least=True, join=Join.UNION)
]


class ConnectionFilter(Spec):
    """Whose mail is let through or refused by the machine that sends it.

    What others have on the list may be what lets the mail of the school's MIS, payroll or scanner arrive: a bare list
    leaves it there, and `exactly` or `lacks` takes it off.
    """

    effects = declare_effects(
        {
            "ip_allow_list": Effect("mail from machines no longer allowed can be caught as spam", removes_entries),
            "ip_block_list": Effect("mail from the listed machines is refused", adds_entries),
            "enable_safe_list": Effect("mail from senders that Microsoft trusts can be caught as spam", switches_off),
        }
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            **IGNORED,
            "IsDefault": "says that it is the one that there is",
            "DirectoryBasedEdgeBlockMode": "has no value that Microsoft explains",
        },
        defaults=DEFAULTS,
    )

    ip_allow_list: Annotated[_Machines, Wire("IPAllowList")] = declare(
        "Lists machines whose mail is never filtered as spam, whatever its sender.", ["192.0.2.10"]
    )
    ip_block_list: Annotated[_Machines, Wire("IPBlockList")] = declare(
        "Lists machines whose mail is refused.", ["198.51.100.0/24"]
    )
    enable_safe_list: Switch = declare(
        "Lets mail through from senders on lists that Microsoft buys, which it does not show.", False, default=False
    )


KIND = exchange_kind(
    "HostedConnectionFilterPolicy",
    HYGIENE,
    READ_BY_SECURITY_READERS,
    name="connection_filter",
    title="filter of connections",
    plural="filters of connections",
    spec=ConnectionFilter,
    endpoint=CmdletObjects("HostedConnectionFilterPolicy"),
    sample="""\
- microsoft365.connection_filter: Default
  enable_safe_list: false
""",
)
