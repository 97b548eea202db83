"""The forwarding of people's mail to addresses outside the school. Forwarding within the school is not changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import BeforeValidator

from connectors.google_workspace.gmail import Forwarding
from connectors.google_workspace.per_person import read_again, read_people
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import NotFound
from toolkit.sdk import (
    ADDRESSES,
    FLAG,
    Effect,
    EffectArea,
    EndedUseCount,
    FixedObjects,
    Kind,
    Lifecycle,
    ObjectEffects,
    Permissions,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Unreadable,
    Wire,
    clears,
    declare,
    declare_effects,
    mapping,
    switches_off,
    text,
)
from toolkit.values import Body, Json

if TYPE_CHECKING:
    from connectors.google_workspace.gmail import Mailbox


def is_outside(address: str, domains: Collection[str]) -> bool:
    """Return whether an address is outside these domains, which are in lower case."""
    return address.rpartition("@")[2].strip().lower() not in domains


def forwards_all_outside(forwarding: Body, domains: Collection[str]) -> bool:
    """Return whether all mail is forwarded to outside the domains, or to an unknown address.

    Gmail keeps the address even after forwarding was turned off.
    """
    return FLAG.read(forwarding.get("enabled")) is True and is_outside(text(forwarding.get("emailAddress")), domains)


def forward_address(row: Body) -> str:
    """Return the address to which a filter forwards mail, or "" if it does not forward."""
    return text(mapping(row.get("action")).get("forward"))


def filters_to_outside(rows: Sequence[Body], domains: Collection[str]) -> list[Body]:
    return [row for row in rows if forward_address(row) and is_outside(forward_address(row), domains)]


def forwarding_address(row: Body) -> str:
    """Return the address in a row of Gmail's list of forwarding addresses."""
    return text(row.get("forwardingEmail"))


def addresses_outside(rows: Sequence[Body], domains: Collection[str]) -> list[Body]:
    return [row for row in rows if is_outside(forwarding_address(row), domains)]


_Domains: TypeAlias = Sequence[str]


class Forwardings(FixedObjects):
    """Reads and stops people's forwarding.

    Every mailbox has these settings, so toolkit neither creates nor deletes them.
    """

    none_created = "{name} has no account, so there is no forwarding to stop"
    none_deleted = "toolkit cannot delete the forwarding of {name}, only stop it"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Yield the forwarding of the selected people. Each person takes three calls, and a request has 50 calls."""
        domains = via.domains()
        return read_people(
            via, selection, via.mailboxes.forwarding, lambda _person, forwarding: _to_body(forwarding, domains)
        )

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        """Read a person's forwarding again, and stop it. Addresses are removed last, when nothing forwards to them."""
        mailbox, domains = via.gmail(remote.id), via.domains()
        current = read_again(mailbox.address, via.mailboxes.forwarding)
        everything, filters, addresses = current.everything, current.filters, current.addresses
        if "autoForwarding" in body and forwards_all_outside(everything, domains):
            everything = mailbox.change_auto_forwarding({"enabled": False})
        if "filters" in body:
            filters = _stop_filters(mailbox, filters, domains)
        if "forwardingAddresses" in body:
            addresses = _remove_addresses(mailbox, addresses, domains)
        return Remote(remote.id, name, _to_body(Forwarding(everything, filters, addresses), domains))


def _to_body(forwarding: Forwarding, domains: _Domains) -> Body:
    """Return the forwarding to addresses outside the domains. The owner decides about forwarding inside the domains."""
    return {
        "autoForwarding": forwards_all_outside(forwarding.everything, domains),
        "filters": [forward_address(row) for row in filters_to_outside(forwarding.filters, domains)],
        "forwardingAddresses": [forwarding_address(row) for row in addresses_outside(forwarding.addresses, domains)],
    }


def _stop_filters(mailbox: Mailbox, before: Sequence[Body], domains: _Domains) -> list[Body]:
    """Replace the filters that forward, because no one can change a filter. Return the filters afterwards.

    A filter with the other actions is created before the old filter is deleted.
    """
    leaving = filters_to_outside(before, domains)
    remaining = [row for row in before if row not in leaving]
    for row in leaving:
        rest = _remove_forwarding(row)
        is_rest = partial(_is_same_filter, rest)
        if rest["action"] and not any(map(is_rest, remaining)):
            remaining.append(mailbox.create_filter(rest, is_it=is_rest))
        with suppress(NotFound):  # the owner has already deleted it
            mailbox.delete_filter(str(row["id"]))
    return remaining


def _remove_addresses(mailbox: Mailbox, before: Sequence[Body], domains: _Domains) -> list[Body]:
    leaving = addresses_outside(before, domains)
    for row in leaving:
        with suppress(NotFound):
            mailbox.delete_forwarding_address(forwarding_address(row))
    return [row for row in before if row not in leaving]


def _remove_forwarding(row: Body) -> Body:
    other_actions = {name: action for name, action in _list_used_actions(row).items() if name != "forward"}
    return {"criteria": row.get("criteria"), "action": other_actions}


def _is_same_filter(expected: Body, row: Body) -> bool:
    """Return whether two filters have the same criteria and actions. The order of labels does not matter."""
    return (row.get("criteria"), _sort_labels(row)) == (expected.get("criteria"), _sort_labels(expected))


def _sort_labels(row: Body) -> Body:
    return {
        name: sorted(map(str, action)) if isinstance(action, list) else action
        for name, action in _list_used_actions(row).items()
    }


def _list_used_actions(row: Body) -> Body:
    """Return a filter's actions, without empty actions."""
    action = row.get("action")
    return (
        {name: filter_action for name, filter_action in action.items() if filter_action}
        if isinstance(action, Mapping)
        else {}
    )


def _check_is_false(value: Json) -> Json:
    if value is not False:
        raise ValueError("must be false, because forwarding can be stopped but not started")
    return value


def _check_is_null(value: Json) -> None:
    if value is not None:
        raise ValueError("must be null, because forwarding to outside can be stopped but not started")


_NullOnly: TypeAlias = Annotated[None, BeforeValidator(_check_is_null), Setting(ADDRESSES)]


_STOPPED_FORWARDING = "mail is no longer forwarded to addresses outside"


def _count_mailboxes(_via: object, names: Sequence[str], _now: object) -> Mapping[str, EndedUseCount]:
    """Return the number of mailboxes that would change, all of which forward now, as the plan has read."""
    return {"": EndedUseCount(len(names), "mailbox that forwards now", "mailboxes that forward now")}


class PersonForwarding(Spec):
    """A person's automatic forwarding to outside the tenant's domains."""

    effects = declare_effects(
        {
            "auto_forwards_outside": Effect(_STOPPED_FORWARDING, switches_off, count=_count_mailboxes),
            **dict.fromkeys(
                ("filters_outside", "addresses_outside"), Effect(_STOPPED_FORWARDING, clears, count=_count_mailboxes)
            ),
        }
    )

    auto_forwards_outside: Annotated[
        Literal[False], BeforeValidator(_check_is_false), Setting(FLAG, wire="autoForwarding")
    ] = declare("Says whether all mail is forwarded to an outside address. false stops it.", default=False)
    filters_outside: Annotated[_NullOnly, Wire("filters")] = declare(
        "Lists the outside addresses that filters forward to. null stops these filters, but keeps their other actions."
    )
    addresses_outside: Annotated[_NullOnly, Wire("forwardingAddresses")] = declare(
        "Lists the outside addresses that mail may be forwarded to. null removes these addresses, and with them all "
        "forwarding to them."
    )


KIND = Kind(
    name="forwarding",
    title="person's forwarding",
    plural="mailboxes",
    spec=PersonForwarding,
    endpoint=Forwardings(),
    reference="https://developers.google.com/workspace/gmail/api/guides/forwarding_settings",
    permissions=Permissions(
        needs("directory.users.list", "directory.domains.list", "gmail.users.settings.getAutoForwarding"),
        needs("gmail.users.settings.updateAutoForwarding"),
    ),
    whole=False,
    fixed=True,
    per_person=True,
    reach=Scale.MAILBOX,
    sample="""\
- google_workspace.forwarding: amara.ashdown@example-primary.example
  auto_forwards_outside: false
""",
    lifecycle=Lifecycle(
        restores=lambda *_: {}
    ),  # the old forwarding is deleted, and its other effects are not recorded
    stops=ObjectEffects(area=EffectArea.MAIL),
)
