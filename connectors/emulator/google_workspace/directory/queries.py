"""The search words of users.list and groups.list: `orgUnitPath='/Staff' isSuspended=false email:head*`.

The grammar is that of developers.google.com/workspace/admin/directory/v1/guides/search-users.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.values import mapping, sequence, text, texts
from connectors.emulator.wire import Body

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


USER_FIELDS: _Fields = MappingProxyType(
    {
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
)
GROUP_FIELDS: _Fields = MappingProxyType(
    {
        "email": lambda body: [text(body.get("email")), *texts(body.get("aliases"))],
        "name": lambda body: [text(body.get("name"))],
    }
)


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
