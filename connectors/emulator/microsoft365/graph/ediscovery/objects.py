"""What cases, holds and sources have in common: how they are found, listed, read in a body, and signed."""

from collections.abc import Iterable, Mapping, Sequence

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors, filters
from connectors.emulator.microsoft365.graph.actions import ActionRequest
from connectors.emulator.microsoft365.graph.query import cut, read_query
from connectors.emulator.microsoft365.retention_rules import CASES, HOLDS
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

PATH = "/security/cases/ediscoveryCases"
_OPTIONS = frozenset({"$select", "$top", "$skiptoken", "$format", "$filter"})
_NO_DATE = "0001-01-01T00:00:00Z"


def the_case(asking: ActionRequest) -> Body:
    """Find the case that the path names."""
    return _found(asking, CASES, asking.keys[0].lower())


def the_hold(asking: ActionRequest) -> Body:
    """Find the hold that the path names."""
    the_case(asking)
    return _found(asking, HOLDS, key_of(asking, 2))


def key_of(asking: ActionRequest, depth: int) -> str:
    """Make the key that an object is kept under: the ids of what it lies in, and its own."""
    return "/".join(key.lower() for key in asking.keys[:depth])


def listed_page(asking: ActionRequest, place: str, bodies: Iterable[Body]) -> Answer:
    """Show a page of a list."""
    query = read_query(asking.call, _OPTIONS)
    rows = list(bodies)
    if rows and (text := query.options.get("$filter")):
        test = filters.parse(text, type_name="ediscoveryCase", known=frozenset(rows[0]), advanced=True)
        rows = [row for row in rows if test(row)]
    page = cut(asking.call, query, rows)
    shown = page["value"]
    assert isinstance(shown, Sequence)
    chosen = frozenset(query.selected)
    page["value"] = [_chosen(row, chosen) for row in shown if isinstance(row, Mapping)]
    return Answer(body={**asking.context(place), **page})


def single(asking: ActionRequest, place: str, body: Body, *, status: int = 200) -> Answer:
    """Show one object."""
    shown = _chosen(body, frozenset(read_query(asking.call, _OPTIONS).selected))
    return Answer(status=status, body={**asking.context(place, single=True), **shown})


def written(asking: ActionRequest, known: Sequence[str]) -> dict[str, Json]:
    """Read the texts of a body, their names without regard to case; raises GraphError for any other property."""
    spelt = {name.lower(): name for name in known}
    found: dict[str, Json] = {}
    for name, value in asking.body().items():
        if name == "@odata.type":
            continue
        if name.lower() not in spelt:
            raise errors.bad_request(f"The property '{name}' can't be written here.")
        if value is not None and not isinstance(value, str):
            raise errors.bad_request(f"Cannot convert the value of '{name}' to the expected type 'Edm.String'.")
        found[spelt[name.lower()]] = value
    return found


def needed(body: Body, name: str) -> str:
    """Read a text that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise errors.bad_request(f"The property '{name}' is required.")
    return value


def identity(asking: ActionRequest) -> Body:
    """Tell who asks."""
    return {"application": {"id": asking.principal.application_id, "displayName": None}, "user": None}


def now(asking: ActionRequest) -> str:
    return clock.text(clock.now(asking.store, asking.tenant_id))


def undated(body: Body) -> dict[str, Json]:
    """Show holds and what they hold without their dates, as the service does."""
    return {name: _NO_DATE if name.endswith("DateTime") else value for name, value in body.items()}


def _found(asking: ActionRequest, collection: str, key: str) -> Body:
    body = asking.store.get(asking.tenant_id, collection, key)
    if body is None:
        raise errors.not_found(key.rpartition("/")[2])
    return body


def _chosen(body: Body, names: frozenset[str]) -> Body:
    return {name: value for name, value in body.items() if not names or name in names or name == "id"}
