"""Reads and stops the forwarding of whoever is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from connectors.google_workspace.gmail import Forwarding
from connectors.google_workspace.kinds.forwarding.leaving import (
    everything_leaves,
    leaving_addresses,
    leaving_filters,
    registered,
    target,
)
from connectors.google_workspace.per_person import read_again, read_people
from toolkit.errors import NotFound
from toolkit.sdk.endpoint import FixedObjects
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
    from connectors.google_workspace.gmail import Mailbox
    from toolkit.sdk.endpoint import Wanted

_Domains: TypeAlias = Sequence[str]


class Forwardings(FixedObjects):
    """The forwarding of people: there with the mailbox, so that none is made or removed."""

    none_created = "{name} has no account, so there is no forwarding to stop"
    none_deleted = "the forwarding of {name} is stopped, never deleted"

    def read(self, via: GoogleWorkspace, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read whoever is wanted, three calls a person and fifty in a request."""
        domains = via.domains()
        return read_people(via, wanted, via.mailboxes.forwarding, lambda _person, seen: _body(seen, domains))

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        """Read again what leaves, and stop it; addresses go last, once nothing forwards there."""
        mailbox, domains = via.gmail(remote.id), via.domains()
        seen = read_again(mailbox.address, via.mailboxes.forwarding)
        everything, filters, addresses = seen.everything, seen.filters, seen.addresses
        if "autoForwarding" in body and everything_leaves(everything, domains):
            everything = mailbox.change_auto_forwarding({"enabled": False})
        if "filters" in body:
            filters = _stop_filters(mailbox, filters, domains)
        if "forwardingAddresses" in body:
            addresses = _remove_addresses(mailbox, addresses, domains)
        return Remote(remote.id, name, _body(Forwarding(everything, filters, addresses), domains))


def _body(seen: Forwarding, domains: _Domains) -> Body:
    """Return what leaves the tenant's domains; what stays inside them is its owner's."""
    return {
        "autoForwarding": everything_leaves(seen.everything, domains),
        "filters": [target(row) for row in leaving_filters(seen.filters, domains)],
        "forwardingAddresses": [registered(row) for row in leaving_addresses(seen.addresses, domains)],
    }


def _stop_filters(mailbox: Mailbox, before: Sequence[Body], domains: _Domains) -> list[Body]:
    """Replace filters, which nobody can change: what one did beside is done again before the old one goes."""
    leaving = leaving_filters(before, domains)
    left = [row for row in before if row not in leaving]
    for row in leaving:
        rest = _without_forwarding(row)
        is_rest = partial(_is_same, rest)
        if rest["action"] and not any(map(is_rest, left)):
            left.append(mailbox.create_filter(rest, is_it=is_rest))
        with suppress(NotFound):  # its owner was quicker
            mailbox.delete_filter(str(row["id"]))
    return left


def _remove_addresses(mailbox: Mailbox, before: Sequence[Body], domains: _Domains) -> list[Body]:
    leaving = leaving_addresses(before, domains)
    for row in leaving:
        with suppress(NotFound):
            mailbox.delete_forwarding_address(registered(row))
    return [row for row in before if row not in leaving]


def _without_forwarding(row: Body) -> Body:
    kept = {name: done for name, done in _actions(row).items() if name != "forward"}
    return {"criteria": row.get("criteria"), "action": kept}


def _is_same(wanted: Body, row: Body) -> bool:
    """Say whether a filter finds and does what another does; Gmail gives labels in an order of its own."""
    return (row.get("criteria"), _labels(row)) == (wanted.get("criteria"), _labels(wanted))


def _labels(row: Body) -> Body:
    return {name: sorted(map(str, done)) if isinstance(done, list) else done for name, done in _actions(row).items()}


def _actions(row: Body) -> Body:
    """List what a filter does, without what is empty."""
    action = row.get("action")
    return {name: done for name, done in action.items() if done} if isinstance(action, Mapping) else {}
