"""Reading the policies that are kept as Graph shows them."""

from functools import partial

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, Asking
from connectors.emulator.microsoft365.graph.query import Query, check_property, page, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body


def read_actions(path: str, collection: str, type_name: str, permissions: frozenset[str]) -> tuple[Action, Action]:
    """Make the two actions that read a collection; the type is named by the file of its class."""
    notes = "$select, $filter, $top"
    return (
        Action("GET", path, permissions, partial(_list, path, collection, type_name), notes=notes),
        Action("GET", path + "/{id}", permissions, partial(_one, path, collection, type_name), notes="$select"),
    )


def singleton_action(path: str, collection: str, type_name: str, permissions: frozenset[str]) -> Action:
    """Make the action that reads the one object of its kind."""

    def perform(asking: Asking) -> Answer:
        (body,) = asking.store.all(asking.tenant_id, collection) or [{}]
        shown = _shown(body, read_query(asking.call), type_name)
        return Answer(body={**asking.context(path.strip("/"), single=True), **shown})

    return Action("GET", path, permissions, perform, notes="$select; read only")


def one(asking: Asking, collection: str) -> Body:
    """Find the object that the path names."""
    body = asking.store.get(asking.tenant_id, collection, asking.key)
    if body is None:
        raise errors.not_found(asking.key)
    return body


def _list(path: str, collection: str, type_name: str, asking: Asking) -> Answer:
    query = read_query(asking.call)
    found = page(asking.call, query, asking.store.all(asking.tenant_id, collection), type_name=type_name)
    rows = found["value"]
    assert isinstance(rows, list)
    found["value"] = [_shown(body, query, type_name) for body in rows]
    return Answer(body={**asking.context(path.strip("/")), **found})


def _one(path: str, collection: str, type_name: str, asking: Asking) -> Answer:
    shown = _shown(one(asking, collection), read_query(asking.call), type_name)
    return Answer(body={**asking.context(path.strip("/"), single=True), **shown})


def _shown(body: Body, query: Query, type_name: str) -> Body:
    for name in query.selected:
        check_property(name, type_name)
    chosen = [name for name in query.selected if name != "*"]
    return {name: body.get(name) for name in chosen} if chosen else body
