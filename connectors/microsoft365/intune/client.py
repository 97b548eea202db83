"""The client of Intune that its kinds share: a collection is read once for all, with the groups of its assignments."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Protocol, TypeVar, cast

from connectors.microsoft365.directory import (
    DEVICE,
    USER,
    GroupMembers,
    MembersHidden,
    everyone_in,
    hides_members,
    ids_of,
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
"""Seconds in which a list may not show our own write yet; not published."""

ASSIGNMENTS = "assignments"
_BETA = "/beta"
CATALOGUE, WITH_SETTINGS = "/beta/deviceManagement/configurationPolicies", f"{ASSIGNMENTS},settings"
CONFIGURATIONS = "/deviceManagement/deviceConfigurations"
OF_SETTINGS = ((CATALOGUE, WITH_SETTINGS), (_BETA + CONFIGURATIONS, ASSIGNMENTS))
"""Lists that are always compared with each other, so that they are read in one request."""


class Via(Protocol):
    """What kinds of Intune need of a connection."""

    @property
    def intune(self) -> "Intune": ...


class Intune:
    """Collections of Intune, by their paths as Graph's client takes them, `/deviceManagement/deviceConfigurations`.

    They are read in beta, the only version that shows assignment filters, and assigned in beta, or a filter would be
    lost. They are written in v1.0; a path that begins with `/beta` is written in beta too. Follows
    https://learn.microsoft.com/graph/api/resources/intune-graph-overview
    """

    def __init__(self, graph: Graph, members: GroupMembers) -> None:
        self.groups = Groups(graph, members)
        self.devices = ManagedDevices(graph)
        self._graph = graph
        self._known: dict[tuple[str, str], Sequence[Body] | RequestFailed] = {}
        self._reading: defaultdict[Collection[tuple[str, str]], Lock] = defaultdict(Lock)
        self._written: set[str] = set()
        self._finding = Lock()
        self._made: dict[str, tuple[Sequence[Body], Sequence[object]]] = {}

    def all(self, collection: str, *, expand: str = ASSIGNMENTS) -> Sequence[Body]:
        """List every object of a collection, whatever its type: read once, and again after each write to it."""
        asked = _in_beta(collection), expand
        together = OF_SETTINGS if asked in OF_SETTINGS else (asked,)
        with self._finding:
            lock = self._reading[together]
        with lock:
            if asked not in self._known:
                lists = [asked, *(other for other in together if other not in {asked, *self._known})]
                rows = self._graph.lists([path_with(path, {"expand": expanded}) for path, expanded in lists])
                for one, found in zip(lists, rows, strict=True):
                    if one != asked or not isinstance(found, RequestFailed):
                        self._remember(one, found)
                return answered(rows[0])
            known = self._known[asked]
            if isinstance(known, RequestFailed):
                del self._known[asked]  # it is raised once; then the list is asked for again
            return answered(known)

    def each(self, collection: str, make: Callable[[Body], T], *, expand: str = ASSIGNMENTS) -> Sequence[T]:
        """Give what is made of every object of a collection, always the same: once for each time that it is read."""
        rows = self.all(collection, expand=expand)
        read, made = self._made.get(collection, ((), ()))
        if read is not rows:
            made = [make(row) for row in rows]
            self._made[collection] = rows, made
        return cast("Sequence[T]", made)

    def get(self, collection: str, identifier: str, *, expand: str = ASSIGNMENTS) -> Body:
        """Read one object again, with what is to be expanded."""
        return self._graph.get(f"{_in_beta(collection)}/{segment(identifier)}", expand=expand)

    def create(self, collection: str, body: Body, is_it: Callable[[Body], bool]) -> Body:
        """Make an object and give it; names are not unique, so one without an answer is looked for by `is_it`."""

        def look() -> Body | None:
            return next((row for row in self._listed(_in_beta(collection), ASSIGNMENTS) if is_it(row)), None)

        try:
            return self._graph.create(collection, body, look, settles=SETTLES)
        finally:
            self._forget(collection)

    def patch(self, collection: str, identifier: str, body: Body) -> None:
        """Change properties of an object; the body says its `@odata.type`."""
        self._send("PATCH", collection, f"{collection}/{segment(identifier)}", body)

    def replace(self, collection: str, identifier: str, body: Body) -> None:
        """Put a whole object in the place of one."""
        self._send("PUT", collection, f"{collection}/{segment(identifier)}", body)

    def assign(
        self, collection: str, identifier: str, assignments: Sequence[Body], *, parameter: str = ASSIGNMENTS
    ) -> None:
        """Replace all assignments of an object."""
        self.act(collection, identifier, "assign", {parameter: list(assignments)})

    def act(self, collection: str, identifier: str, action: str, body: Body) -> None:
        """Send an action that replaces a whole, so that sent twice it does no more than once."""
        self._send("POST", collection, f"{_in_beta(collection)}/{segment(identifier)}/{action}", body)

    def delete(self, collection: str, identifier: str) -> None:
        """Remove an object with its assignments."""
        try:
            self._graph.delete(f"{collection}/{segment(identifier)}")
        finally:
            self._forget(collection)

    def _send(self, method: str, collection: str, path: str, body: Body) -> None:
        try:
            self._graph.send(method, path, body)
        finally:
            self._forget(collection)

    def _listed(self, path: str, expand: str) -> Sequence[Body]:
        return self._graph.pages(path, expand=expand)

    def _remember(self, asked: tuple[str, str], rows: Sequence[Body] | RequestFailed) -> None:
        """Keep a list, or why it could not be read; not one that may lag a write of our own."""
        with self._finding:
            if asked[0] not in self._written:
                self._known[asked] = rows

    def doubt_list(self, collection: str) -> None:
        """Forget a list that lacks an object which is there, so that it is read again when it is asked for."""
        path = _in_beta(collection)
        with self._finding:
            self._known = {asked: rows for asked, rows in self._known.items() if asked[0] != path}

    def _forget(self, collection: str) -> None:
        with self._finding:
            self._written.add(_in_beta(collection))
        self.doubt_list(collection)


def _in_beta(collection: str) -> str:
    return _BETA + collection.removeprefix(_BETA)


_PROPERTIES = "id,displayName,mail,visibility"


@dataclass(frozen=True, slots=True)
class HeldMembers:
    """The ids of the people and of the devices that a group holds, those of groups inside included."""

    people: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()

    @property
    def every(self) -> frozenset[str]:
        return self.people | self.devices


@dataclass(frozen=True, slots=True)
class _Group:
    id: str
    name: str
    mail: str
    hidden: bool  # its members are shown to nobody without a permission of their own


class Groups:
    """All groups of the tenant, read once a run."""

    def __init__(self, graph: Graph, members: GroupMembers) -> None:
        self._graph = graph
        self._members = members
        self._known: Mapping[str, _Group] | None = None
        self._called: Counter[str] = Counter()
        self._held: dict[str, HeldMembers | RequestFailed] = {}
        self._reading = Lock()

    def named(self, name: str) -> str:
        """Find the id of a group by its id, address or display name.

        NotFound where there is none, Conflict where several are called so.
        """
        groups, wanted = self._all(), name.strip().lower()
        if wanted in groups:
            return groups[wanted].id
        by_address = [group for group in groups.values() if group.mail == wanted]
        match by_address or [group for group in groups.values() if group.name.lower() == wanted]:
            case []:
                raise NotFound(f"there is no group {name}")
            case [group]:
                return group.id
            case several:
                raise Conflict(f"there are {len(several)} groups called {name}; name the one by its address or id")

    def name_of(self, identifier: str) -> str:
        """Give the one word for a group: its address, else the display name that only it has, else its id."""
        group = self._all().get(identifier.lower())
        if group is None:
            return identifier.lower()
        alone = self._called[group.name.lower()] == 1
        return group.mail or (group.name if group.name and alone else group.id)

    def deleted(self, identifiers: Iterable[str]) -> list[str]:
        """List which of some ids belong to no group of the tenant."""
        return [one for one in identifiers if one.lower() not in self._all()]

    def empty(self, identifiers: Iterable[str]) -> frozenset[str]:
        """Return which of some groups are empty; hidden members count as there."""
        read = self._read(identifiers).items()
        return frozenset(one for one, held in read if not isinstance(held, MembersHidden) and not answered(held).every)

    def held(self, identifiers: Iterable[str]) -> Mapping[str, HeldMembers]:
        """Return who and what is in some groups, groups inside included; read once.

        RequestFailed where some of them cannot be seen: the others would look like all of them.
        """
        return {one: answered(held) for one, held in self._read(identifiers).items()}

    def _read(self, identifiers: Iterable[str]) -> Mapping[str, HeldMembers | RequestFailed]:
        asked = list(dict.fromkeys(identifiers))
        missing = [one for one in asked if one not in self._held and one in self._all()]
        for one, rows in zip(missing, self._members.of(missing), strict=True):
            self._held[one] = self._whole(one, rows)
        return {one: self._held.get(one, HeldMembers()) for one in asked}  # no one is in a group that is gone

    def _whole(self, one: str, rows: Sequence[Body] | RequestFailed) -> HeldMembers | RequestFailed:
        if self._all()[one].hidden:
            return MembersHidden(self.name_of(one))
        try:
            inside = everyone_in(self.name_of(one), rows)
        except RequestFailed as error:
            return error
        return HeldMembers(ids_of(inside, USER), ids_of(inside, DEVICE))

    def _all(self) -> Mapping[str, _Group]:
        with self._reading:
            if self._known is None:
                rows = self._graph.pages("/groups", select=_PROPERTIES, top="999")
                self._known = {group.id: group for group in map(_group, rows)}
                self._called = Counter(group.name.lower() for group in self._known.values())
            return self._known


def _group(row: Body) -> _Group:
    return _Group(
        id=str(row["id"]).lower(),
        name=str(row.get("displayName") or "").strip(),
        mail=str(row.get("mail") or "").strip().lower(),
        hidden=hides_members(row),
    )
