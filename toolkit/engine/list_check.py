"""Read objects by id if the ledger knows them and a list lacks them, so that they are not created again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from toolkit.engine.read_tenants import read_kind, remotes_to_observed
from toolkit.errors import NotFound, ServiceError
from toolkit.planning.matching import LastApplied
from toolkit.planning.ownership import Ownership, add_other_schools
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Ordered, ReadById, attempt, read_safely
from toolkit.sdk.kind import Kind
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Address, Observed, Remote, Unreadable


@dataclass(frozen=True, slots=True)
class ListCheck:
    """Checks that the lists of objects which a run has read are complete.

    `needed_names` contains the names of the objects that the run needs, by kind.
    """

    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    known_objects: Mapping[Address, LastApplied]
    needed_names: Mapping[str, frozenset[str]]
    ownership: Ownership

    def check(self, observed: ObservedState) -> ObservedState:
        """Return the observed state with the known objects that a list lacks.

        If it is uncertain whether an object exists, it is marked as unknown. If a list lacks all known objects of its
        kind, and some of them cannot be read by id, the whole kind is unknown.
        """
        whose = add_other_schools(self.ownership, observed, self.kinds)
        for name, kind in self.kinds.items():
            if name in observed.objects and isinstance(kind.endpoint, ReadById):
                observed = _ListCheckOfKind(
                    self, name, kind, kind.endpoint, observed, whose.make_ownership_test(kind)
                ).check()
        return observed


@dataclass(frozen=True, slots=True)
class _ListCheckOfKind:
    run: ListCheck
    name: str
    kind: Kind[Connection]
    endpoint: ReadById[Connection]
    observed: ObservedState
    may_be_ours: Callable[[Observed], bool]

    def check(self) -> ObservedState:
        own = {
            address: known_object.remote_id
            for address, known_object in self.run.known_objects.items()
            if address.kind_path == self.name and known_object.remote_id
        }
        missing = {
            address: identifier for address, identifier in own.items() if not self._is_listed(address, identifier)
        }
        lacks_all = bool(missing) and len(missing) == len(own)
        looked_up: list[Remote | Unreadable] = []
        unread: list[Unknown] = []
        for address, identifier in missing.items():
            response = attempt(self.name, partial(self._read_by_id, address, identifier))
            if isinstance(response, NotFound):
                continue
            if isinstance(response, ServiceError):
                doubt = f"it is unknown whether the object still exists: {response}"
                why = f"{address.display_name} is missing from the list, and {doubt}"
                if lacks_all:
                    return self._with_unknown_kind(why)
                unread.append(Unknown(self.name, COULD_NOT_BE_READ(text=why), address))
            else:
                looked_up.append(response)
        state = self._read_list_again(looked_up, lacks_all_known=lacks_all) if looked_up else self.observed
        return replace(state, unknown=(*state.unknown, *unread))

    def _is_listed(self, address: Address, identifier: str) -> bool:
        """Return whether the list of objects contains an object with this id, or a managed object with this name."""
        name = address.name.casefold()
        return identifier in self.observed.order[self.name] or any(
            resource.remote.name.casefold() == name and self.may_be_ours(resource)
            for resource in self.observed.objects[self.name]
        )

    def _read_by_id(self, address: Address, identifier: str) -> Remote | Unreadable:
        connection = self.run.connections[address.provider]
        return read_safely(self.name, lambda: self.endpoint.read_by_id(connection, identifier, address.name))

    def _read_list_again(self, looked_up: Sequence[Remote | Unreadable], *, lacks_all_known: bool) -> ObservedState:
        """Read an incomplete list again, add known objects that it still lacks, and return the state.

        If objects are still missing, an ordered kind's order is marked as unknown. If all of toolkit's objects are
        missing, the other objects that the run needs are marked too.
        """
        connection = self.run.connections[self.name.partition(".")[0]]
        remotes = attempt(
            self.name, lambda: read_kind(connection, self.kind, self.run.needed_names.get(self.name, frozenset()))
        )
        if isinstance(remotes, ServiceError):
            return self._with_unknown_kind(
                f"{looked_up[0].name} exists but is missing from the list, which could not be read again: {remotes}"
            )
        listed = {remote.id for remote in remotes}
        lacking = [remote for remote in looked_up if remote.id not in listed]
        if lacking and isinstance(self.endpoint, Ordered):
            return self._with_unknown_kind(
                f"{lacking[0].name} exists but is missing from the list, so the order is unknown"
            )
        objects, unreadable = remotes_to_observed(self.name, self.kind, [*remotes, *lacking])
        others = [unknown for unknown in self.observed.unknown if unknown.kind != self.name]
        doubted = list(self._unlisted_objects(objects, lacking[0])) if lacking and lacks_all_known else []
        return replace(
            self.observed,
            objects={**self.observed.objects, self.name: objects},
            order={**self.observed.order, self.name: [remote.id for remote in (*remotes, *lacking)]},
            unknown=(*others, *unreadable, *doubted),
            incomplete=self.observed.incomplete | ({self.name} if lacking else set()),
        )

    def _unlisted_objects(self, objects: Sequence[Observed], missing_object: Remote | Unreadable) -> list[Unknown]:
        """Return an unknown object for each name that the run needs and that is neither in the list nor in the ledger.

        It is unknown whether such an object exists.
        """
        provider, _, kind = self.name.partition(".")
        shown = {resource.remote.name.casefold() for resource in objects}
        addresses = [Address(provider, kind, name) for name in sorted(self.run.needed_names.get(self.name, ()))]
        why = f"{missing_object.name} exists but is missing from the list, so this object may exist too"
        return [
            Unknown(self.name, COULD_NOT_BE_READ(text=why), address)
            for address in addresses
            if address.name.casefold() not in shown and address not in self.run.known_objects
        ]

    def _with_unknown_kind(self, why: str) -> ObservedState:
        """Return the observed state with the whole kind marked as unknown."""
        observed = self.observed
        return replace(
            observed,
            objects={name: objects for name, objects in observed.objects.items() if name != self.name},
            order={name: ids for name, ids in observed.order.items() if name != self.name},
            unknown=(
                *(unknown for unknown in observed.unknown if unknown.kind != self.name),
                Unknown(self.name, COULD_NOT_BE_READ(text=why)),
            ),
        )
