r"""The filter of policies.list: a small part of CEL, as the discovery document describes it.

`customer == "customers/my_customer" && (setting.type.matches('^settings/gmail\..*$') || ...)`
"""

import re
from collections.abc import Sequence

from connectors.emulator.filters import FilterParser, Test
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.store import Body

_TOKENS = re.compile(r"""\s*(&&|\|\||!|\(|\)|==|[A-Za-z_][\w.]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*""")
_ESCAPED = re.compile(r"\\(.)")


def read_filter(raw: str, customers: Sequence[str]) -> Test:
    """Parse a filter.

    A customer named in the filter must be the caller's customer. Raise ApiError if the filter is malformed.
    """
    return _PolicyFilter(raw, customers).read()


class _PolicyFilter(FilterParser):
    AND, OR, NOT = "&&", "||", ""

    def __init__(self, raw: str, customers: Sequence[str]) -> None:
        self._customers = customers
        super().__init__(raw, _TOKENS)

    def refusal(self) -> errors.ApiError:
        return errors.invalid_argument(f"Invalid filter: {self.text}")

    def comparison(self) -> Test:
        name = self.take()
        if name == "customer":
            self.expect("==")
            if self._take_word() not in self._customers:
                raise errors.ApiError(403, "forbidden", "The caller does not have permission")
            return lambda _policy: True
        if name == "setting.type.matches":
            self.expect("(")
            pattern = _compile_expression(self._take_word())
            self.expect(")")
            return lambda policy: bool(pattern.search(_setting_type(policy)))
        if name == "setting.type":
            self.expect("==")
            setting_type = self._take_word()
            return lambda policy: _setting_type(policy) == setting_type
        raise self.refusal()

    def _take_word(self) -> str:
        token = self.take()
        if token[:1] not in ("'", '"'):
            raise self.refusal()
        return _ESCAPED.sub(_unescape, token[1:-1])


def _unescape(match: re.Match[str]) -> str:
    """Return a text with quotes and backslashes unescaped. Any other escape belongs to the regular expression."""
    return match[1] if match[1] in "\\'\"" else match[0]


def _compile_expression(raw: str) -> re.Pattern[str]:
    try:
        return re.compile(raw)
    except re.error as bad:
        raise errors.invalid_argument(f"Invalid filter: {bad}") from bad


def _setting_type(policy: Body) -> str:
    return text(mapping(policy.get("setting")).get("type"))
