"""Methods that only read stored objects, from the table `read_only.json` next to a service.

A row names the collection that a method reads. The keys of objects that belong to a person begin with the id of the
person.
"""

from collections.abc import Mapping
from functools import partial

from pydantic.dataclasses import dataclass

from connectors.emulator.data_files import STRICT, read_table
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import check_customer, etag, require_administrator
from connectors.emulator.google_workspace.api.request import (
    Handler,
    MethodCall,
    page_of,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body, Json

_DEFAULT_PAGE = 100


@dataclass(frozen=True, config=STRICT)
class ReadOnlyMethod:
    """A method that reads one collection, as a row of the table."""

    id: str
    collection: str
    list: str = ""  # the property of the response that contains the objects. "" for a method that reads one object.
    key: str = ""  # the parameter with the key of the one object that the method reads
    below: str = ""  # the parameter that names the person or parent to which the objects belong
    customer: str = ""  # the parameter that must name the caller's customer
    kind: str = ""  # the kind of the response, in the APIs that have kinds
    left_out: tuple[str, ...] = ()  # the parameters that are not emulated
    largest: int = 1000  # the number of objects in the largest page


def read_only_handlers(module: str) -> Mapping[str, Handler]:
    """Return the handlers of the methods in the table next to a module, by method id."""
    rows = read_table(module, "read_only.json", ReadOnlyMethod)
    return {row.id: _handler(row) for row in rows}


def _handler(row: ReadOnlyMethod) -> Handler:
    return require_administrator(partial(_list if row.list else _get, row))


def _list(row: ReadOnlyMethod, call: MethodCall) -> Body:
    _check_parameters(row, call)
    collection = call.collection(row.collection)
    rows = list(collection.with_prefix(_owner_id(row, call)).values()) if row.below else collection.all()
    size = call.number("maxResults", 0) or call.number("pageSize", 0) or _DEFAULT_PAGE
    page = read_page(call.parameters, min(size, row.largest))
    shown: list[Json] = list(page_of(rows, page))
    items: dict[str, Json] = {row.list: shown} if shown else {}
    return {**_kind_and_etag(row, items), **items, **page.next_token(len(rows))}


def _get(row: ReadOnlyMethod, call: MethodCall) -> Body:
    _check_parameters(row, call)
    # The key in a name such as inboundSsoAssignments/0abc follows the collection.
    key = call.text(row.key).partition("/")[2] if row.key == "name" else call.text(row.key)
    body = call.collection(row.collection).get(key)
    if body is None:
        raise errors.not_found()
    return {**_kind_and_etag(row, body), **body}


def _check_parameters(row: ReadOnlyMethod, call: MethodCall) -> None:
    refuse_unsupported_parameters(call, *row.left_out)
    if row.customer and call.text(row.customer):
        check_customer(call, row.customer)


def _owner_id(row: ReadOnlyMethod, call: MethodCall) -> str:
    """Return the id with which the keys of a person's or a parent's objects begin."""
    name = call.text(row.below)
    if row.below == "parent":
        return name.partition("/")[2]
    person = people.find_user(call.store, call.tenant_id, name)
    if person is None:
        raise errors.not_found(f"Resource Not Found: {row.below}")
    return text(person["id"])


def _kind_and_etag(row: ReadOnlyMethod, body: Body) -> dict[str, Json]:
    return {"kind": row.kind, "etag": etag(body)} if row.kind else {}
