"""The groups that policies are assigned to, by what people call them: read together, where one is asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from connectors.microsoft365.graph import Graph, path_with
from toolkit.errors import Conflict, NotFound, ServiceError
from toolkit.values import Body

_PROPERTIES = "id,displayName,mail,visibility"


@dataclass(frozen=True, slots=True)
class _Group:
    id: str
    name: str
    mail: str
    hidden: bool  # its members are shown to nobody without a permission of their own


class Groups:
    """All groups of the tenant, read once a run."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: Mapping[str, _Group] | None = None
        self._called: Counter[str] = Counter()
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

    def empty(self, identifiers: Iterable[str]) -> frozenset[str]:
        """Tell which of some groups have nobody and nothing in them; hidden members count as there."""
        groups = self._all()
        asked = [one for one in dict.fromkeys(identifiers) if not (one in groups and groups[one].hidden)]
        paths = [path_with(f"/groups/{one}/transitiveMembers", {"select": "id", "top": "999"}) for one in asked]
        return frozenset(one for one, rows in zip(asked, self._graph.lists(paths), strict=True) if not _known(rows))

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
        hidden=str(row.get("visibility") or "").lower() == "hiddenmembership",
    )


def _known(rows: Sequence[Body] | ServiceError) -> Sequence[Body]:
    if isinstance(rows, ServiceError):
        raise rows
    return rows
