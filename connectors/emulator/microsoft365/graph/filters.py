"""The part of OData's $filter that Graph supports for directory objects and that is emulated."""

import re
from collections.abc import Iterator

from connectors.emulator.filters import FilterParser, Test
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.store import Json

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([(),])|([^\s(),']+))")
_NOT_EMULATED = frozenset({"ne", "not", "startswith", "endswith"})
_ELSEWHERE = frozenset({"ge", "le", "gt", "lt", "has", "contains", "all"})  # Graph knows them, in places


def parse_filter(text: str, *, type_name: str, names: frozenset[str]) -> Test:
    """Parse a filter. Raise GraphError if Graph would refuse it."""
    return _Parser(text, type_name, names).read()


def _ignoring_case(value: Json) -> Json:
    """Return a text in lower case for comparison, because the directory ignores case."""
    return value.lower() if isinstance(value, str) else value


class _Parser(FilterParser):
    NOT = ""

    def __init__(self, text: str, type_name: str, names: frozenset[str]) -> None:
        self._type_name, self._known = type_name, names
        super().__init__(text, _TOKEN)

    def refusal(self) -> errors.GraphError:
        return errors.bad_request("Invalid filter clause")

    def comparison(self) -> Test:
        word = self.take()
        if word.endswith("/any"):
            return self._read_any(self._read_property(word.removesuffix("/any")))
        return self._read_comparison(word)

    def _read_any(self, list_name: str) -> Test:
        """Read a test whether a list has any entry, such as `assignedLicenses/any()`."""
        self.expect("(")
        if not self.take_if(")"):
            raise errors.not_emulated("any() with a test of each entry")
        return lambda body: bool(body.get(list_name))

    def _read_comparison(self, word: str) -> Test:
        held = self._read_property(word)
        operator = self.take().lower()
        if operator == "in":
            literals = list(self._read_list())
            return lambda body: _ignoring_case(body.get(held)) in literals
        if operator != "eq":
            raise self._unsupported_operator(operator)
        literal = _ignoring_case(self._parse_literal(self.take()))
        return lambda body: _ignoring_case(body.get(held)) == literal

    def _read_list(self) -> Iterator[Json]:
        self.expect("(")
        yield _ignoring_case(self._parse_literal(self.take()))
        while self.take_if(","):
            yield _ignoring_case(self._parse_literal(self.take()))
        self.expect(")")

    def _read_property(self, word: str) -> str:
        if "/" in word:
            raise errors.not_emulated(f"$filter over {word}")
        if word.lower() in _ELSEWHERE | _NOT_EMULATED:
            raise self._unsupported_operator(word.lower())
        if word not in self._known:
            raise errors.bad_request(
                f"Invalid filter clause: Could not find a property named '{word}' on type "
                f"'microsoft.graph.{self._type_name}'."
            )
        return word

    def _unsupported_operator(self, operator: str) -> errors.GraphError:
        if operator in _NOT_EMULATED:
            return errors.not_emulated(f"{operator} in a $filter")
        if operator in _ELSEWHERE:
            return errors.unsupported_query(
                f"Unsupported or invalid query filter clause specified: {operator} on resource '{self._type_name}'."
            )
        return self.refusal()

    def _parse_literal(self, word: str) -> Json:
        match word:
            case "null":
                return None
            case "true" | "false":
                return word == "true"
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if re.fullmatch(r"-?\d+", word):
            return int(word)
        return word  # a GUID or an instant, which are written without quotes
