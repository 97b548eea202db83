"""The Intune client that all kinds share.

For all kinds together, it reads each collection and the tenant's groups once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Protocol, TypeVar, cast

from connectors.microsoft365.directory import (
    DEVICE,
    USER,
    GroupMembers,
    MembersHidden,
    complete_members,
    hides_members,
    member_ids,
)
from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.intune.devices import ManagedDevices
from toolkit.errors import Conflict, NotFound, RequestFailed, answered
from toolkit.records import dataclass
from toolkit.sdk import segment
from toolkit.values import Body

T = TypeVar("T")

SETTLES = 10.0
"""Seconds in which a list may not yet show our own write. Microsoft does not publish the time."""

ASSIGNMENTS = "assignments"
_BETA = "/beta"
CATALOGUE, WITH_SETTINGS = "/beta/deviceManagement/configurationPolicies", f"{ASSIGNMENTS},settings"
CONFIGURATIONS = "/deviceManagement/deviceConfigurations"
OF_SETTINGS = ((CATALOGUE, WITH_SETTINGS), (_BETA + CONFIGURATIONS, ASSIGNMENTS))
"""Lists that are always compared with each other, so they are read in one request."""


class Via(Protocol):
    """The part of a Microsoft 365 connection that kinds of Intune need."""

    @property
    def intune(self) -> "Intune": ...


class Intune:
    """A client for Intune's collections of objects, which have paths such as `/deviceManagement/deviceConfigurations`.

    Reads and assignments use Graph's beta version, because only beta shows and keeps assignment filters. Other changes
    use v1.0, or beta if the path begins with `/beta`. Follows
    https://learn.microsoft.com/graph/api/resources/intune-graph-overview
    """

    def __init__(self, graph: Graph, members: GroupMembers) -> None:
        self.groups = Groups(graph, members)
        self.devices = ManagedDevices(graph)
        self._graph = graph
        self._lists: dict[tuple[str, str], Sequence[Body] | RequestFailed] = {}
        self._reading: defaultdict[Collection[tuple[str, str]], Lock] = defaultdict(Lock)
        self._written: set[str] = set()
        self._lock = Lock()
        self._derived: dict[str, tuple[Sequence[Body], Sequence[object]]] = {}

    def all(self, collection: str, *, expand: str = ASSIGNMENTS) -> Sequence[Body]:
        """Return all objects in a collection. The list is cached until toolkit writes to the collection."""
        list_key = _to_beta_path(collection), expand
        read_together = OF_SETTINGS if list_key in OF_SETTINGS else (list_key,)
        with self._lock:
            lock = self._reading[read_together]
        with lock:
            if list_key not in self._lists:
                lists = [list_key, *(other for other in read_together if other not in {list_key, *self._lists})]
                rows = self._graph.lists([path_with(path, {"expand": expanded}) for path, expanded in lists])
                for other_key, rows_or_error in zip(lists, rows, strict=True):
                    if other_key != list_key or not isinstance(rows_or_error, RequestFailed):
                        self._cache_list(other_key, rows_or_error)
                return answered(rows[0])
            cached = self._lists[list_key]
            if isinstance(cached, RequestFailed):
                del self._lists[list_key]  # the error is raised once, then the list is requested again
            return answered(cached)

    def each(self, collection: str, make: Callable[[Body], T], *, expand: str = ASSIGNMENTS) -> Sequence[T]:
        """Return the result of `make` for every object in a collection.

        The results are cached together with the list.
        """
        rows = self.all(collection, expand=expand)
        read, results = self._derived.get(collection, ((), ()))
        if read is not rows:
            results = [make(row) for row in rows]
            self._derived[collection] = rows, results
        return cast("Sequence[T]", results)

    def get(self, collection: str, identifier: str, *, expand: str = ASSIGNMENTS) -> Body:
        """Return one object, read again, with the properties in `expand`."""
        return self._graph.get(f"{_to_beta_path(collection)}/{segment(identifier)}", expand=expand)

    def create(self, collection: str, body: Body, is_it: Callable[[Body], bool]) -> Body:
        """Create an object and return it.

        If the request got no response, find the object by `is_it`. Its name may not be unique.
        """

        def find_existing() -> Body | None:
            return next((row for row in self._read_list(_to_beta_path(collection), ASSIGNMENTS) if is_it(row)), None)

        try:
            return self._graph.create(collection, body, find_existing, settles=SETTLES)
        finally:
            self._forget_lists(collection)

    def patch(self, collection: str, identifier: str, body: Body) -> None:
        """Change properties of an object. The body must contain its `@odata.type`."""
        self._send("PATCH", collection, f"{collection}/{segment(identifier)}", body)

    def replace(self, collection: str, identifier: str, body: Body) -> None:
        """Replace a whole object."""
        self._send("PUT", collection, f"{collection}/{segment(identifier)}", body)

    def assign(
        self, collection: str, identifier: str, assignments: Sequence[Body], *, parameter: str = ASSIGNMENTS
    ) -> None:
        """Replace all assignments of an object."""
        self.act(collection, identifier, "assign", {parameter: list(assignments)})

    def act(self, collection: str, identifier: str, action: str, body: Body) -> None:
        """Send an action that replaces a whole object. The action may safely be sent twice."""
        self._send("POST", collection, f"{_to_beta_path(collection)}/{segment(identifier)}/{action}", body)

    def delete(self, collection: str, identifier: str) -> None:
        """Delete an object together with its assignments."""
        try:
            self._graph.delete(f"{collection}/{segment(identifier)}")
        finally:
            self._forget_lists(collection)

    def _send(self, method: str, collection: str, path: str, body: Body) -> None:
        try:
            self._graph.send(method, path, body)
        finally:
            self._forget_lists(collection)

    def _read_list(self, path: str, expand: str) -> Sequence[Body]:
        return self._graph.pages(path, expand=expand)

    def _cache_list(self, list_key: tuple[str, str], rows: Sequence[Body] | RequestFailed) -> None:
        """Cache a list or its error, unless the list may lack an object that this run has written."""
        with self._lock:
            if list_key[0] not in self._written:
                self._lists[list_key] = rows

    def drop_list(self, collection: str) -> None:
        """Forget the cached list of a collection, so that it is read again. It lacks an object that exists."""
        path = _to_beta_path(collection)
        with self._lock:
            self._lists = {key: rows for key, rows in self._lists.items() if key[0] != path}

    def _forget_lists(self, collection: str) -> None:
        with self._lock:
            self._written.add(_to_beta_path(collection))
        self.drop_list(collection)


def _to_beta_path(collection: str) -> str:
    return _BETA + collection.removeprefix(_BETA)


_PROPERTIES = "id,displayName,mail,visibility"


@dataclass(frozen=True, slots=True)
class HeldMembers:
    """The ids of the people and devices in a group, including its nested groups."""

    people: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()

    @property
    def all_ids(self) -> frozenset[str]:
        return self.people | self.devices


@dataclass(frozen=True, slots=True)
class _Group:
    id: str
    name: str
    mail: str
    hidden: bool  # members are only shown to an app with a separate permission


class Groups:
    """All groups of the tenant, which are read once in a run."""

    def __init__(self, graph: Graph, members: GroupMembers) -> None:
        self._graph = graph
        self._members = members
        self._groups: Mapping[str, _Group] | None = None
        self._name_counts: Counter[str] = Counter()
        self._members_by_group: dict[str, HeldMembers | RequestFailed] = {}
        self._reading = Lock()

    def find_id(self, name: str) -> str:
        """Return the id of a group by its id, address or display name.

        Raise NotFound if no group has this name, and Conflict if several groups have it.
        """
        groups, searched = self._read_all(), name.strip().lower()
        if searched in groups:
            return groups[searched].id
        by_address = [group for group in groups.values() if group.mail == searched]
        match by_address or [group for group in groups.values() if group.name.lower() == searched]:
            case []:
                raise NotFound(f"there is no group {name}")
            case [group]:
                return group.id
            case several:
                raise Conflict(f"there are {len(several)} groups called {name}. Use the group's address or id instead")

    def name_of(self, identifier: str) -> str:
        """Return a group's address.

        If the group has none, return its display name if that is unique, otherwise its id.
        """
        group = self._read_all().get(identifier.lower())
        if group is None:
            return identifier.lower()
        is_unique = self._name_counts[group.name.lower()] == 1
        return group.mail or (group.name if group.name and is_unique else group.id)

    def find_deleted(self, identifiers: Iterable[str]) -> list[str]:
        """Return the ids in `identifiers` that no group of the tenant has."""
        return [identifier for identifier in identifiers if identifier.lower() not in self._read_all()]

    def find_empty(self, identifiers: Iterable[str]) -> frozenset[str]:
        """Return the ids of empty groups among `identifiers`.

        A group that hides its members does not count as empty.
        """
        read = self._read_members(identifiers).items()
        return frozenset(
            identifier
            for identifier, members in read
            if not isinstance(members, MembersHidden) and not answered(members).all_ids
        )

    def members_of(self, identifiers: Iterable[str]) -> Mapping[str, HeldMembers]:
        """Return the people and devices in each group, including its nested groups. Each group is read once.

        Raise RequestFailed if toolkit cannot see all members of a group, because the visible members would look like
        all members.
        """
        return {identifier: answered(members) for identifier, members in self._read_members(identifiers).items()}

    def _read_members(self, identifiers: Iterable[str]) -> Mapping[str, HeldMembers | RequestFailed]:
        requested = list(dict.fromkeys(identifiers))
        missing = [
            identifier
            for identifier in requested
            if identifier not in self._members_by_group and identifier in self._read_all()
        ]
        for identifier, rows in zip(missing, self._members.read(missing), strict=True):
            self._members_by_group[identifier] = self._check_members(identifier, rows)
        return {
            identifier: self._members_by_group.get(identifier, HeldMembers()) for identifier in requested
        }  # a deleted group has no members

    def _check_members(self, identifier: str, rows: Sequence[Body] | RequestFailed) -> HeldMembers | RequestFailed:
        if self._read_all()[identifier].hidden:
            return MembersHidden(self.name_of(identifier))
        try:
            members = complete_members(self.name_of(identifier), rows)
        except RequestFailed as error:
            return error
        return HeldMembers(member_ids(members, USER), member_ids(members, DEVICE))

    def _read_all(self) -> Mapping[str, _Group]:
        with self._reading:
            if self._groups is None:
                rows = self._graph.pages("/groups", select=_PROPERTIES, top="999")
                self._groups = {group.id: group for group in map(_to_group, rows)}
                self._name_counts = Counter(group.name.lower() for group in self._groups.values())
            return self._groups


def _to_group(row: Body) -> _Group:
    return _Group(
        id=str(row["id"]).lower(),
        name=str(row.get("displayName") or "").strip(),
        mail=str(row.get("mail") or "").strip().lower(),
        hidden=hides_members(row),
    )
