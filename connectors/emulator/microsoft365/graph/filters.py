"""The part of OData's $filter that Graph understands for directory objects, as far as it is emulated."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from connectors.emulator.filters import FilterParser, Test
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.wire import Body, Json

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([(),])|([^\s(),']+))")
_COMPARISONS: Mapping[str, Callable[[Json, Json], bool]] = {
    "eq": lambda held, wanted: _same(held) == _same(wanted),
    "ne": lambda held, wanted: _same(held) != _same(wanted),
}
_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {"startswith": str.startswith, "endswith": str.endswith}
_ADVANCED = frozenset({"ne", "not", "endswith"})  # need ConsistencyLevel: eventual and $count=true
_ELSEWHERE = frozenset({"ge", "le", "gt", "lt", "has", "contains", "all"})  # Graph knows them, in places


def parse(text: str, *, type_name: str, known: frozenset[str], advanced: bool) -> Test:
    """Turn a filter into a test of one object; raises GraphError where Graph would refuse it."""
    return _Parser(text, type_name, known, advanced=advanced).read()


def _same(value: Json) -> Json:
    """Compare texts without their case, as the directory does."""
    return value.lower() if isinstance(value, str) else value


def _entries(held: Json) -> Iterator[Body]:
    """List the entries of a list, a plain value under the empty name."""
    for entry in held if isinstance(held, Sequence) and not isinstance(held, str) else ():
        yield entry if isinstance(entry, Mapping) else {"": entry}


class _Parser(FilterParser):
    def __init__(self, text: str, type_name: str, known: frozenset[str], *, advanced: bool) -> None:
        self._type_name, self._known, self._advanced = type_name, known, advanced
        self._entry = ""  # what a filter inside any() calls an entry of the list
        super().__init__(text, _TOKEN)

    def refusal(self) -> errors.GraphError:
        return errors.bad_request("Invalid filter clause")

    def denying(self) -> None:
        self._need_advanced("not")

    def comparison(self) -> Test:
        word = self.take()
        if word.endswith("/any"):
            return self._any(self._property(word.removesuffix("/any")))
        return self._function(word.lower()) if word.lower() in _FUNCTIONS else self._compared(word)

    def _any(self, held: str) -> Test:
        """Read what an entry of a list is to be, as in `groupTypes/any(c:c eq 'Unified')`."""
        self.expect("(")
        if self.take_if(")"):
            return lambda body: bool(body.get(held))
        self._entry, colon, first = self.take().partition(":")
        if not colon:
            raise self.refusal()
        self.tokens[:0] = [first] if first else []
        test = self.any_of()
        self._entry = ""
        self.expect(")")
        return lambda body: any(test(entry) for entry in _entries(body.get(held)))

    def _function(self, name: str) -> Test:
        self._need_advanced(name)
        self.expect("(")
        held = self._property(self.take())
        self.expect(",")
        wanted = str(_same(self._literal(self.take())))
        self.expect(")")
        self._take_true()
        return lambda body: _FUNCTIONS[name](str(_same(body.get(held)) or ""), wanted)

    def _take_true(self) -> None:
        if self.take_if("eq"):
            self.expect("true")

    def _compared(self, word: str) -> Test:
        held = self._property(word)
        operator = self.take().lower()
        if operator == "in":
            wanted = list(self._list())
            return lambda body: _same(body.get(held)) in wanted
        if operator not in _COMPARISONS:
            raise self._unknown(operator)
        self._need_advanced(operator)
        literal = self._literal(self.take())
        return lambda body: _COMPARISONS[operator](body.get(held), literal)

    def _list(self) -> Iterator[Json]:
        self.expect("(")
        yield _same(self._literal(self.take()))
        while self.take_if(","):
            yield _same(self._literal(self.take()))
        self.expect(")")

    def _property(self, word: str) -> str:
        if self._entry and word.partition("/")[0] == self._entry:
            return word.partition("/")[2]
        if "/" in word:
            raise errors.not_emulated(f"$filter over {word}")
        if word.lower() in _ELSEWHERE:
            raise self._unknown(word.lower())
        if word not in self._known:
            raise errors.bad_request(
                f"Invalid filter clause: Could not find a property named '{word}' on type "
                f"'microsoft.graph.{self._type_name}'."
            )
        return word

    def _unknown(self, operator: str) -> errors.GraphError:
        if operator in _ELSEWHERE:
            return errors.unsupported_query(
                f"Unsupported or invalid query filter clause specified: {operator} on resource '{self._type_name}'."
            )
        return self.refusal()

    def _literal(self, word: str) -> Json:
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

    def _need_advanced(self, name: str) -> None:
        if name in _ADVANCED and not self._advanced:
            raise errors.unsupported_query(
                f"Operator '{name}' is not supported because the 'ConsistencyLevel:eventual' header and $count=true "
                "are missing. Refer to https://aka.ms/graph-docs/advanced-queries for more information."
            )
