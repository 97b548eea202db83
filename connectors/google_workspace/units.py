"""Organisational units, by their paths and by their ids, which Google writes in several ways."""

from collections.abc import Mapping, Sequence
from threading import Lock

from connectors.google_workspace.api.calls import Api, Call
from toolkit.errors import NotFound
from toolkit.records import dataclass
from toolkit.values import Body

ROOT = "/"
_DIRECTORY, _POLICY = "id:", "orgUnits/"


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisational unit. `id` is the id without a prefix, for example 03ph8a2z1."""

    id: str
    path: str

    @property
    def directory_id(self) -> str:
        """Return the id of the unit as the Directory API writes it."""
        return _DIRECTORY + self.id

    @property
    def policy_id(self) -> str:
        """Return the id of the unit as the Policy API writes it."""
        return _POLICY + self.id

    @property
    def depth(self) -> int:
        """Return the number of units above this unit."""
        return self.path.rstrip(ROOT).count(ROOT)

    def holds(self, path: str) -> bool:
        """Return whether a path belongs to this unit or to a unit below it."""
        return (_normalise_path(path) + ROOT).startswith(_normalise_path(self.path).rstrip(ROOT) + ROOT)


class Units:
    """All organisational units, including the root. They are read when the first of them is needed."""

    def __init__(self, admin: Api) -> None:
        self._admin = admin
        self._known: Mapping[str, Unit] | None = None
        self._reading = Lock()

    def all(self) -> Mapping[str, Unit]:
        return {unit.path: unit for unit in self._index_by_path().values()}

    def unit_at(self, path: str) -> Unit:
        """Return the unit with a path. Raise NotFound if there is none."""
        unit = self._index_by_path().get(_normalise_path(path))
        if unit is None:
            raise NotFound(f"there is no organisational unit {path}")
        return unit

    def unit_by_id(self, identifier: str) -> Unit:
        """Return the unit with an id, in any of Google's forms. Raise NotFound if there is none."""
        bare = identifier.removeprefix(_DIRECTORY).removeprefix(_POLICY)
        for unit in self._index_by_path().values():
            if unit.id == bare:
                return unit
        raise NotFound(f"there is no organisational unit with the id {bare}")

    def path_to(self, path: str) -> Sequence[Unit]:
        """Return the units from the top unit down to the unit with a path. Raise NotFound if no unit has the path."""
        end = self.unit_at(path)
        return sorted(
            (unit for unit in self._index_by_path().values() if unit.holds(end.path)), key=lambda unit: unit.depth
        )

    def _index_by_path(self) -> Mapping[str, Unit]:
        with self._reading:
            if self._known is None:
                parameters = {
                    "customerId": "my_customer",
                    "orgUnitPath": ROOT,
                    "type": "allIncludingParent",
                    "fields": "organizationUnits(orgUnitId,orgUnitPath)",
                }
                rows = self._admin.pages(Call("directory.orgunits.list", parameters), "organizationUnits")
                self._known = {_normalise_path(unit.path): unit for unit in map(_to_unit, rows)}
            return self._known


def _to_unit(row: Body) -> Unit:
    return Unit(str(row["orgUnitId"]).removeprefix(_DIRECTORY), str(row["orgUnitPath"]))


def _normalise_path(path: str) -> str:
    """Return a path for comparison, in lower case and without a slash at its end."""
    return path.casefold().rstrip(ROOT) or ROOT
