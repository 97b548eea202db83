"""Searching phones and tablets: `status:pending type:android`, each word with a part of what it looks for.

The words are those of developers.google.com/admin-sdk/directory/v1/search-operators, as far as they are emulated.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body

_CLAUSE = re.compile(r"""\s*(\w+)\s*:\s*("[^"]*"|'[^']*'|\S+)\s*""")


class Registered(NamedTuple):
    """A device with one person on it; a device that nobody signed in to has none."""

    device: Body
    user: Body


_Test: TypeAlias = Callable[[Registered], bool]


def _of_device(name: str) -> Callable[[Registered], Sequence[str]]:
    return lambda one: [text(one.device.get(name))]


def _states(one: Registered) -> list[str]:
    return [text(one.user.get("managementState")), text(one.device.get("managementState"))]


_FIELDS: Mapping[str, Callable[[Registered], Sequence[str]]] = MappingProxyType(
    {
        "status": _states,
        "type": _of_device("deviceType"),
        "model": _of_device("model"),
        "os": _of_device("osVersion"),
        "serial": _of_device("serialNumber"),
        "email": lambda one: [text(one.user.get("userEmail"))],
    }
)


def read_search(written: str) -> _Test:
    """Read a search; all of it has to hold. Raises ApiError for words that are not emulated."""
    tests: list[_Test] = []
    end = 0
    while end < len(written):
        clause = _CLAUSE.match(written, end)
        if clause is None:
            raise errors.invalid_argument(f"Invalid filter: {written}")
        if clause[1] not in _FIELDS:
            raise errors.not_emulated(f"a search by {clause[1]}")
        tests.append(_test(_FIELDS[clause[1]], clause[2].strip("\"'").lower()))
        end = clause.end()
    return lambda one: all(test(one) for test in tests)


def _test(read: Callable[[Registered], Sequence[str]], wanted: str) -> _Test:
    return lambda one: any(wanted in value.lower() for value in read(one))
