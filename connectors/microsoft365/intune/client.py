"""The client of Intune that its kinds share: a collection is read once for all of them, with assignments expanded."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol

from connectors.microsoft365.graph import Graph
from connectors.microsoft365.intune.groups import Groups
from toolkit.values import Body

SETTLES = 10.0
"""Seconds in which a list may not show our own write yet; not published."""

ASSIGNMENTS = "assignments"
_BETA = "/beta"


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

    def __init__(self, graph: Graph) -> None:
        self.groups = Groups(graph)
        self._graph = graph
        self._known: dict[tuple[str, str], Sequence[Body]] = {}
        self._reading: defaultdict[tuple[str, str], Lock] = defaultdict(Lock)
        self._written: set[str] = set()
        self._finding = Lock()

    def all(self, collection: str, *, expand: str = ASSIGNMENTS) -> Sequence[Body]:
        """List every object of a collection, whatever its type: read once, and anew each time after a write to it."""
        asked = _in_beta(collection), expand
        with self._finding:
            lock = self._reading[asked]
        with lock:
            if asked in self._known:
                return self._known[asked]
            rows = self._listed(*asked)
            self._remember(asked, rows)
            return rows

    def get(self, collection: str, identifier: str, *, expand: str = ASSIGNMENTS) -> Body:
        """Read one object anew, with what is to be expanded."""
        return self._graph.get(f"{_in_beta(collection)}/{identifier}", expand=expand)

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
        self._send("PATCH", collection, f"{collection}/{identifier}", body)

    def replace(self, collection: str, identifier: str, body: Body) -> None:
        """Put a whole object in the place of one."""
        self._send("PUT", collection, f"{collection}/{identifier}", body)

    def assign(
        self, collection: str, identifier: str, assignments: Sequence[Body], *, parameter: str = ASSIGNMENTS
    ) -> None:
        """Replace all assignments of an object."""
        self.act(collection, identifier, "assign", {parameter: list(assignments)})

    def act(self, collection: str, identifier: str, action: str, body: Body) -> None:
        """Send an action that replaces a whole, so that sent twice it does no more than once."""
        self._send("POST", collection, f"{_in_beta(collection)}/{identifier}/{action}", body)

    def delete(self, collection: str, identifier: str) -> None:
        """Remove an object with its assignments."""
        try:
            self._graph.delete(f"{collection}/{identifier}")
        finally:
            self._forget(collection)

    def _send(self, method: str, collection: str, path: str, body: Body) -> None:
        try:
            self._graph.send(method, path, body)
        finally:
            self._forget(collection)

    def _listed(self, path: str, expand: str) -> Sequence[Body]:
        return self._graph.pages(path, expand=expand)

    def _remember(self, asked: tuple[str, str], rows: Sequence[Body]) -> None:
        """Keep a list; not one that may lag a write of our own."""
        with self._finding:
            if asked[0] not in self._written:
                self._known[asked] = rows

    def _forget(self, collection: str) -> None:
        with self._finding:
            path = _in_beta(collection)
            self._written.add(path)
            self._known = {asked: rows for asked, rows in self._known.items() if asked[0] != path}


def _in_beta(collection: str) -> str:
    return _BETA + collection.removeprefix(_BETA)
