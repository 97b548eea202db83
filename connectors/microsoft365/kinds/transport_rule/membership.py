"""Whether a rule for groups can meet the mail of a mailbox: not where the mailbox is in none of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.microsoft365.graph import path_with
from connectors.microsoft365.kinds.transport_rule.flow import meets_mail_from, meets_mail_to
from toolkit.errors import NotFound
from toolkit.values import Settings

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365

_BETWEEN = ("between_member_of_1", "between_member_of_2")
_TO, _FROM = ("sent_to_member_of",), ("from_member_of",)


def spares(via: Microsoft365, settings: Settings, addresses: Sequence[str]) -> bool:
    """Return whether the groups of a rule keep it from the mail of all these addresses, in both directions.

    What cannot be read raises a ServiceError; a mailbox without an account that Graph shows may be in any group.
    """
    return all(_spares(via, settings, address) for address in addresses)


def _spares(via: Microsoft365, settings: Settings, address: str) -> bool:
    directions = [
        _named(settings, groups)
        for groups, meets in ((_TO, meets_mail_to), (_FROM, meets_mail_from))
        if meets(settings, address)
    ]
    return bool(directions) and all(
        any(_is_outside(via, address, groups) for groups in conditions) for conditions in directions
    )


def _named(settings: Settings, setting: Sequence[str]) -> list[tuple[str, ...]]:
    """List the groups of each condition on one party; a mailbox that is in none of `between` meets neither side."""
    either = tuple(group for name in _BETWEEN for group in _entries(settings, name))
    return [groups for groups in (_entries(settings, setting[0]), either) if groups]


def _entries(settings: Settings, name: str) -> tuple[str, ...]:
    """Return the groups of a condition; where others may add theirs, it bounds nothing."""
    value = settings.get(name)
    return value if isinstance(value, tuple) else ()


def _is_outside(via: Microsoft365, address: str, groups: Sequence[str]) -> bool:
    directory = via.directory(people=False, groups=groups)
    if directory.unknown or len(directory.groups) < len(set(groups)):
        return False
    try:
        account = str(via.graph.get(path_with(f"/users/{address}", {"select": "id"}))["id"])
    except NotFound:
        return False
    return all(account not in group.members for group in directory.groups.values())
