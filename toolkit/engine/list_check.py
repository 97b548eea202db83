"""Asks for objects by their ids if the ledger knows them and a list lacks them, before any is created again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from toolkit.engine.read_tenants import observed, read
from toolkit.errors import NotFound, ServiceError
from toolkit.planning.matching import Known
from toolkit.planning.ownership import Ownership, among_schools
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Ordered, ReadById, attempt, read_safely
from toolkit.sdk.kind import Kind
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Address, Observed, Remote, Unreadable


@dataclass(frozen=True, slots=True)
class ListCheck:
    """Checks whether a list is complete. `named` holds the names that the run needs, by kind."""

    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    known: Mapping[Address, Known]
    named: Mapping[str, frozenset[str]]
    ownership: Ownership

    def check(self, seen: ObservedState) -> ObservedState:
        """Add known objects that a list lacks. They are unknown if it is unclear whether they exist.

        If a list lacks all objects of its kind at once, the kind is unknown unless each of them was asked for.
        """
        whose = among_schools(self.ownership, seen, self.kinds)
        for name, kind in self.kinds.items():
            if name in seen.objects and isinstance(kind.endpoint, ReadById):
                seen = _KindCheck(self, name, kind, kind.endpoint, seen, whose.may_be_ours(kind)).checked()
        return seen


@dataclass(frozen=True, slots=True)
class _KindCheck:
    run: ListCheck
    name: str
    kind: Kind[Connection]
    endpoint: ReadById[Connection]
    seen: ObservedState
    may_be_ours: Callable[[Observed], bool]

    def checked(self) -> ObservedState:
        own = {
            address: known.remote_id
            for address, known in self.run.known.items()
            if address.of_kind == self.name and known.remote_id
        }
        missing = {address: found for address, found in own.items() if not self._is_listed(address, found)}
        lacks_all = bool(missing) and len(missing) == len(own)
        there: list[Remote | Unreadable] = []
        unread: list[Unknown] = []
        for address, identifier in missing.items():
            seen = attempt(self.name, partial(self._read, address, identifier))
            if isinstance(seen, NotFound):
                continue
            if isinstance(seen, ServiceError):
                why = f"its list lacks {address.shown}, and it is not known whether it still exists: {seen}"
                if lacks_all:
                    return self._unknown(why)
                unread.append(Unknown(self.name, COULD_NOT_BE_READ(text=why), address))
            else:
                there.append(seen)
        found = self._with(there, lacks_all=lacks_all) if there else self.seen
        return replace(found, unknown=(*found.unknown, *unread))

    def _is_listed(self, address: Address, identifier: str) -> bool:
        """Return whether a list has an object, by its id, or another of its name that a run would take for it."""
        name = address.name.casefold()
        return identifier in self.seen.order[self.name] or any(
            one.remote.name.casefold() == name and self.may_be_ours(one) for one in self.seen.objects[self.name]
        )

    def _read(self, address: Address, identifier: str) -> Remote | Unreadable:
        connection = self.run.connections[address.provider]
        return read_safely(self.name, lambda: self.endpoint.read_by_id(connection, identifier, address.name))

    def _with(self, there: Sequence[Remote | Unreadable], *, lacks_all: bool) -> ObservedState:
        """Read an incomplete list again, and add the objects that it still lacks.

        Of an ordered kind the places are then not known, and of a list without any of our objects nothing else is.
        """
        connection = self.run.connections[self.name.partition(".")[0]]
        found = attempt(self.name, lambda: read(connection, self.kind, self.run.named.get(self.name, frozenset())))
        if isinstance(found, ServiceError):
            return self._unknown(
                f"its list lacks {there[0].name}, which is there, and could not be read again: {found}"
            )
        listed = {one.id for one in found}
        lacking = [one for one in there if one.id not in listed]
        if lacking and isinstance(self.endpoint, Ordered):
            return self._unknown(f"its list lacks {lacking[0].name}, which is there, so that the order is not known")
        objects, unreadable = observed(self.name, self.kind, [*found, *lacking])
        others = [one for one in self.seen.unknown if one.kind != self.name]
        doubted = list(self._not_known(objects, lacking[0])) if lacking and lacks_all else []
        return replace(
            self.seen,
            objects={**self.seen.objects, self.name: objects},
            order={**self.seen.order, self.name: [one.id for one in (*found, *lacking)]},
            unknown=(*others, *unreadable, *doubted),
            incomplete=self.seen.incomplete | ({self.name} if lacking else set()),
        )

    def _not_known(self, objects: Sequence[Observed], lacking: Remote | Unreadable) -> list[Unknown]:
        """Return the objects that the run needs and that neither the list nor the ledger has. They may exist."""
        provider, _, kind = self.name.partition(".")
        shown = {one.remote.name.casefold() for one in objects}
        asked = [Address(provider, kind, name) for name in sorted(self.run.named.get(self.name, ()))]
        why = f"its list lacks {lacking.name}, which is there, so that this may be there too"
        return [
            Unknown(self.name, COULD_NOT_BE_READ(text=why), address)
            for address in asked
            if address.name.casefold() not in shown and address not in self.run.known
        ]

    def _unknown(self, why: str) -> ObservedState:
        """Return the reads without this kind, which is unknown."""
        seen = self.seen
        return replace(
            seen,
            objects={name: objects for name, objects in seen.objects.items() if name != self.name},
            order={name: ids for name, ids in seen.order.items() if name != self.name},
            unknown=(
                *(one for one in seen.unknown if one.kind != self.name),
                Unknown(self.name, COULD_NOT_BE_READ(text=why)),
            ),
        )
