"""Read the objects of connected tenants, each only once."""

from collections.abc import Iterable, Mapping

from toolkit.engine.read_tenants import ignore_message, observe_kinds
from toolkit.planning.draft import AnyKind
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.sdk.connector import Connection
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import NOT_LICENSED
from toolkit.sdk.resource import EVERY, Address, Observed


class ReadCache:
    """Reads objects from the connected tenants, each only once."""

    def __init__(self, connections: Mapping[str, Connection], observed: ObservedState) -> None:
        self._connections = connections
        self._objects = {name: list(objects) for name, objects in observed.objects.items()}
        self._order = {name: list(order) for name, order in observed.order.items()}
        self._unknown = list(observed.unknown)
        self._asked = {
            name: {resource.address.name for resource in objects} for name, objects in observed.objects.items()
        }
        for unknown in observed.unknown:
            self._asked.setdefault(unknown.kind, set()).add(unknown.address.name if unknown.address else EVERY)

    def read(self, addresses: Iterable[Address]) -> tuple[ObservedState, Mapping[str, AnyKind]]:
        named: dict[str, set[str]] = {}
        for address in addresses:
            named.setdefault(address.kind_path, set()).add(address.name)
        kinds_by_name = {name: kinds(name.partition(".")[0])[name.partition(".")[2]] for name in named}
        missing = {name: named[name] - self._asked.get(name, set()) for name in named}
        unread = {
            name: kind
            for name, kind in kinds_by_name.items()
            if (name not in self._asked if kind.whole else bool(missing[name]))
        }
        if unread:
            self._read_kinds(unread, {name: frozenset(missing[name]) for name in unread})
        return (
            ObservedState(
                {name: self._objects[name] for name in named if name in self._objects},
                {name: self._order[name] for name in named if name in self._order},
                tuple(
                    unknown
                    for unknown in self._unknown
                    if unknown.kind in named and self._is_about_names(unknown, named[unknown.kind])
                ),
            ),
            kinds_by_name,
        )

    @staticmethod
    def _is_about_names(unknown: Unknown, names: set[str]) -> bool:
        return unknown.address is None or unknown.address.name in names or EVERY in names

    def _read_kinds(self, unread_kinds: Mapping[str, AnyKind], object_names: Mapping[str, frozenset[str]]) -> None:
        observed = observe_kinds(self._connections, unread_kinds, ignore_message, object_names)
        for name in unread_kinds:
            self._asked.setdefault(name, set()).update(object_names[name])
            objects: list[Observed] = self._objects.setdefault(name, [])
            known_ids = {resource.remote.id for resource in objects}
            objects += [resource for resource in observed.objects.get(name, ()) if resource.remote.id not in known_ids]
            self._order.setdefault(name, []).extend(
                identifier for identifier in observed.order.get(name, ()) if identifier not in known_ids
            )
        self._unknown += observed.unknown
        self._unknown += [Unknown(name, NOT_LICENSED(text=reason)) for name, reason in observed.unavailable.items()]
