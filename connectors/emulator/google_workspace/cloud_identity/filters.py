r"""The filter of policies.list: a small part of CEL, as the discovery document describes it.

`customer == "customers/my_customer" && (setting.type.matches('^settings/gmail\..*$') || ...)`
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.wire import Body

Test: TypeAlias = Callable[[Body], bool]
_TOKENS = re.compile(r"""\s*(&&|\|\||!|\(|\)|==|[A-Za-z_][\w.]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*""")
_ESCAPED = re.compile(r"\\(.)")


def read_filter(written: str, customers: Sequence[str]) -> Test:
    """Read a filter; a customer that it names must be the caller's. Raises ApiError for what is none."""
    parsing = _FilterParser(_split(written), customers)
    test = parsing.either()
    if parsing.next():
        raise errors.invalid_argument(f"Invalid filter: {written}")
    return test


def _split(written: str) -> list[str]:
    tokens, end = [], 0
    while end < len(written):
        token = _TOKENS.match(written, end)
        if token is None:
            raise errors.invalid_argument(f"Invalid filter: {written}")
        tokens.append(token[1])
        end = token.end()
    return tokens


class _FilterParser:
    """A filter while it is read."""

    def __init__(self, tokens: list[str], customers: Sequence[str]) -> None:
        self._tokens = tokens
        self._customers = customers

    def next(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def either(self) -> Test:
        """Read parts joined by ||."""
        tests = [self._both()]
        while self._take("||"):
            tests.append(self._both())
        return lambda policy: any(test(policy) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("&&"):
            tests.append(self._one())
        return lambda policy: all(test(policy) for test in tests)

    def _one(self) -> Test:
        if self._take("("):
            test = self.either()
            self._need(")")
            return test
        name = self._tokens.pop(0) if self._tokens else ""
        if name == "customer":
            self._need("==")
            if self._word() not in self._customers:
                raise errors.ApiError(403, "forbidden", "The caller does not have permission")
            return lambda _policy: True
        if name == "setting.type.matches":
            self._need("(")
            pattern = _expression(self._word())
            self._need(")")
            return lambda policy: bool(pattern.search(_type(policy)))
        if name == "setting.type":
            self._need("==")
            wanted = self._word()
            return lambda policy: _type(policy) == wanted
        raise errors.invalid_argument(f"Invalid filter: {name or 'it ends too soon'}")

    def _take(self, token: str) -> bool:
        if self.next() != token:
            return False
        self._tokens.pop(0)
        return True

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise errors.invalid_argument(f"Invalid filter: {token} is missing")

    def _word(self) -> str:
        token = self._tokens.pop(0) if self._tokens else ""
        if token[:1] not in ("'", '"'):
            raise errors.invalid_argument("Invalid filter: a text in quotes is missing")
        return _ESCAPED.sub(_unescaped, token[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    """Take quotes and backslashes for themselves; any other escape belongs to the expression, as people write it."""
    return found[1] if found[1] in "\\'\"" else found[0]


def _expression(written: str) -> re.Pattern[str]:
    try:
        return re.compile(written)
    except re.error as bad:
        raise errors.invalid_argument(f"Invalid filter: {bad}") from bad


def _type(policy: Body) -> str:
    return text(mapping(policy.get("setting")).get("type"))
