"""Looks at objects of several tenants again and again, and asks for each once."""

from collections.abc import Iterable, Mapping

from toolkit.engine.observe import observe, silent
from toolkit.planning.draft import AnyKind
from toolkit.planning.plan import ObservedState, Unknown
from toolkit.sdk.address import EVERY, Address
from toolkit.sdk.connector import Connection
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import NOT_LICENSED
from toolkit.sdk.resource import Observed


class ReadCache:
    """What was seen so far of the tenants that are open."""

    def __init__(self, connections: Mapping[str, Connection], seen: ObservedState) -> None:
        self._connections = connections
        self._objects = {name: list(objects) for name, objects in seen.objects.items()}
        self._order = {name: list(order) for name, order in seen.order.items()}
        self._unknown = list(seen.unknown)
        self._asked = {name: {one.address.name for one in objects} for name, objects in seen.objects.items()}
        for one in seen.unknown:
            self._asked.setdefault(one.kind, set()).add(one.address.name if one.address else EVERY)

    def at(self, addresses: Iterable[Address]) -> tuple[ObservedState, Mapping[str, AnyKind]]:
        """Give what is at some addresses, with their kinds."""
        named: dict[str, set[str]] = {}
        for address in addresses:
            named.setdefault(address.of_kind, set()).add(address.name)
        known = {name: kinds(name.partition(".")[0])[name.partition(".")[2]] for name in named}
        missing = {name: named[name] - self._asked.get(name, set()) for name in named}
        unread = {
            name: kind
            for name, kind in known.items()
            if (name not in self._asked if kind.whole else bool(missing[name]))
        }
        if unread:
            self._read(unread, {name: frozenset(missing[name]) for name in unread})
        return (
            ObservedState(
                {name: self._objects[name] for name in named if name in self._objects},
                {name: self._order[name] for name in named if name in self._order},
                tuple(one for one in self._unknown if one.kind in named and self._concerns(one, named[one.kind])),
            ),
            known,
        )

    @staticmethod
    def _concerns(unknown: Unknown, names: set[str]) -> bool:
        return unknown.address is None or unknown.address.name in names or EVERY in names

    def _read(self, unread: Mapping[str, AnyKind], named: Mapping[str, frozenset[str]]) -> None:
        seen = observe(self._connections, unread, silent, named)
        for name in unread:
            self._asked.setdefault(name, set()).update(named[name])
            known: list[Observed] = self._objects.setdefault(name, [])
            there = {one.remote.id for one in known}
            known += [one for one in seen.objects.get(name, ()) if one.remote.id not in there]
            self._order.setdefault(name, []).extend(one for one in seen.order.get(name, ()) if one not in there)
        self._unknown += seen.unknown
        self._unknown += [Unknown(name, NOT_LICENSED(text=reason)) for name, reason in seen.unavailable.items()]
