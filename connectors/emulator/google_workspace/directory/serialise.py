"""The common parts of the Directory API: searches, and objects with kind and etag."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import etag
from connectors.emulator.google_workspace.api.request import ListPage, page_of
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body, Json


def to_resource(kind: str, body: Body) -> dict[str, Json]:
    """Return an object with its kind, such as admin#directory#user, and its etag."""
    return {"kind": f"admin#directory#{kind}", **body, "etag": etag(body)}


def list_response(kind: str, name: str, rows: Sequence[Body], page: ListPage, total: int) -> Body:
    """Return one page of a list. If the list is empty, its property is left out."""
    items: dict[str, Json] = {name: list(rows)} if rows else {}
    tokens = page.next_token(total)
    return {"kind": f"admin#directory#{kind}", "etag": etag({**items, **tokens}), **items, **tokens}


def page_response(kind: str, name: str, rows: Sequence[Body], page: ListPage) -> Body:
    """Return one page of a complete list of rows, with the token of the next page."""
    return list_response(kind, name, page_of(rows, page), page, len(rows))


_CLAUSE = re.compile(r"\s*(\w+)\s*[:=]\s*('(?:[^'\\]|\\.)*'|\[[^]]*\]|\S+)\s*")
_Fields: TypeAlias = Mapping[str, Callable[[Body], str]]
_Test: TypeAlias = Callable[[Body], bool]


USER_FIELDS: _Fields = {
    "orgUnitPath": lambda body: text(body.get("orgUnitPath")),
    "isSuspended": lambda body: "true" if body.get("suspended") else "false",
    "isAdmin": lambda body: "true" if body.get("isAdmin") else "false",
}


def read_query(raw: str, fields: _Fields) -> _Test:
    """Parse a query whose clauses must all match. Raise ApiError if it is malformed or not emulated."""
    tests, end = [], 0
    while end < len(raw):
        clause = _CLAUSE.match(raw, end)
        if clause is None:
            raise errors.invalid("Invalid Input: query")
        if clause[1] not in fields:
            raise errors.not_emulated(f"a search by {clause[1]}")
        tests.append(_make_test(fields[clause[1]], clause[1], _unquote(clause[2]).lower()))
        end = clause.end()
    return lambda body: all(test(body) for test in tests)


def _unquote(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith("'") else value


def _make_test(read: Callable[[Body], str], name: str, text: str) -> _Test:
    if name == "orgUnitPath":  # a unit covers itself and all below it
        below = text.rstrip("/") + "/"
        return lambda body: (read(body).lower().rstrip("/") + "/").startswith(below)
    return lambda body: text in read(body).lower()
