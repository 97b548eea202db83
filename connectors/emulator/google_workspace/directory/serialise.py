"""What the resources of the Directory API share: who may use it, search words, and objects with kind and etag."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, ListPage, MethodCall, page_of
from connectors.emulator.google_workspace.values import customer_id, mapping, sequence, text, texts
from connectors.emulator.wire import Body, Json


def shown(kind: str, body: Body) -> dict[str, Json]:
    """Show one object: admin#directory#user and so on."""
    return {"kind": f"admin#directory#{kind}", **body, "etag": etag(body)}


def etag(body: Body) -> str:
    """Tell one state of an object from another."""
    digest = sha256(json.dumps(body, sort_keys=True).encode()).digest()
    return f'"emulator/{urlsafe_b64encode(digest[:20]).decode().rstrip("=")}"'


def listed(kind: str, name: str, rows: Sequence[Body], page: ListPage, total: int) -> Body:
    """Show one page of a list; a list of none leaves its property out."""
    items: dict[str, Json] = {name: list(rows)} if rows else {}
    tokens = page.next_token(total)
    return {"kind": f"admin#directory#{kind}", "etag": etag({**items, **tokens}), **items, **tokens}


def paged(kind: str, name: str, rows: Sequence[Body], page: ListPage) -> Body:
    """Show the page of a list that is there as a whole."""
    return listed(kind, name, page_of(rows, page), page, len(rows))


def for_administrators(handler: Handler) -> Handler:
    """Answer administrators alone: a delegated one reads, a super administrator writes too."""

    def answer(asked: MethodCall) -> Body | None:
        caller = mapping(asked.caller)
        reads = asked.method == "GET" and caller.get("isDelegatedAdmin")
        if caller.get("suspended") or not (caller.get("isAdmin") or reads):
            raise errors.forbidden()
        return handler(asked)

    return answer


def check_customer(asked: MethodCall, name: str = "customer") -> None:
    """Refuse a call that names another customer than the caller's."""
    if asked.text(name) not in ("my_customer", customer_id(asked.tenant_id)):
        raise errors.not_found("Resource Not Found: customer")


_CLAUSE = re.compile(r"\s*(\w+)\s*([:=])\s*('(?:[^'\\]|\\.)*'|\[[^]]*\]|\S+)\s*")
_Fields: TypeAlias = Mapping[str, Callable[[Body], Sequence[str]]]
_Test: TypeAlias = Callable[[Body], bool]


def _names(body: Body) -> list[str]:
    name = mapping(body.get("name"))
    return [text(name.get("fullName")), text(name.get("givenName")), text(name.get("familyName"))]


def _flag(name: str) -> Callable[[Body], Sequence[str]]:
    return lambda body: ["true" if body.get(name) else "false"]


def _of_name(part: str) -> Callable[[Body], Sequence[str]]:
    return lambda body: [text(mapping(body.get("name")).get(part))]


def _of_organizations(part: str) -> Callable[[Body], Sequence[str]]:
    return lambda body: [text(mapping(one).get(part)) for one in sequence(body.get("organizations"))]


USER_FIELDS: _Fields = {
    "email": lambda body: [text(body.get("primaryEmail")), *texts(body.get("aliases"))],
    "name": _names,
    "givenName": _of_name("givenName"),
    "familyName": _of_name("familyName"),
    "orgUnitPath": lambda body: [text(body.get("orgUnitPath"))],
    "orgTitle": _of_organizations("title"),
    "orgDepartment": _of_organizations("department"),
    "isAdmin": _flag("isAdmin"),
    "isDelegatedAdmin": _flag("isDelegatedAdmin"),
    "isSuspended": _flag("suspended"),
    "isArchived": _flag("archived"),
    "isEnrolledIn2Sv": _flag("isEnrolledIn2Sv"),
    "isEnforcedIn2Sv": _flag("isEnforcedIn2Sv"),
}
GROUP_FIELDS: _Fields = {
    "email": lambda body: [text(body.get("email")), *texts(body.get("aliases"))],
    "name": lambda body: [text(body.get("name"))],
}


def read_query(written: str, fields: _Fields) -> _Test:
    """Read a query; every clause of it has to hold. Raises ApiError for what is no query."""
    tests, end = [], 0
    while end < len(written):
        clause = _CLAUSE.match(written, end)
        if clause is None or clause[1] not in fields:
            raise errors.invalid("Invalid Input: query")
        tests.append(_test(fields[clause[1]], clause[1], clause[2], _unquoted(clause[3])))
        end = clause.end()
    return lambda body: all(test(body) for test in tests)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith("'") else value


def _test(read: Callable[[Body], Sequence[str]], name: str, operator: str, value: str) -> _Test:
    wanted = value.lower()
    if name == "orgUnitPath":
        # A unit stands for itself and all below it.
        below = wanted.rstrip("/") + "/"
        return lambda body: any((one.lower().rstrip("/") + "/").startswith(below) for one in read(body))
    if wanted.endswith("*"):
        return lambda body: any(one.lower().startswith(wanted[:-1]) for one in read(body))
    if operator == "=":
        return lambda body: any(one.lower() == wanted for one in read(body))
    return lambda body: any(wanted in one.lower() for one in read(body))
