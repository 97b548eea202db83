"""The part of OData's $filter that Graph understands for directory objects, as far as it is emulated."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.wire import Body, Json

Test: TypeAlias = Callable[[Body], bool]

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
    parser = _Parser(list(_tokens(text)), type_name, known, advanced)
    test = parser.either()
    if parser.tokens:
        raise errors.bad_request("Invalid filter clause")
    return test


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise errors.bad_request("Invalid filter clause")
        place = found.end()
        yield next(group for group in found.groups() if group is not None)


def _same(value: Json) -> Json:
    """Compare texts without their case, as the directory does."""
    return value.lower() if isinstance(value, str) else value


def _entries(held: Json) -> Iterator[Body]:
    """List the entries of a list, a plain value under the empty name."""
    for entry in held if isinstance(held, Sequence) and not isinstance(held, str) else ():
        yield entry if isinstance(entry, Mapping) else {"": entry}


@dataclass
class _Parser:
    tokens: list[str]  # what is still to be read
    type_name: str
    known: frozenset[str]
    advanced: bool
    entry: str = ""  # what a filter inside any() calls an entry of the list

    def either(self) -> Test:
        tests = [self._both()]
        while self._take_if("or"):
            tests.append(self._both())
        return lambda body: any(test(body) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take_if("and"):
            tests.append(self._one())
        return lambda body: all(test(body) for test in tests)

    def _one(self) -> Test:
        if self._take_if("not"):
            self._need_advanced("not")
            denied = self._one()
            return lambda body: not denied(body)
        if self._take_if("("):
            test = self.either()
            self._expect(")")
            return test
        word = self._take()
        if word.endswith("/any"):
            return self._any(self._property(word.removesuffix("/any")))
        return self._function(word.lower()) if word.lower() in _FUNCTIONS else self._comparison(word)

    def _any(self, held: str) -> Test:
        """Read what an entry of a list is to be, as in `groupTypes/any(c:c eq 'Unified')`."""
        self._expect("(")
        if self._take_if(")"):
            return lambda body: bool(body.get(held))
        self.entry, colon, first = self._take().partition(":")
        if not colon:
            raise errors.bad_request("Invalid filter clause")
        self.tokens[:0] = [first] if first else []
        test = self.either()
        self.entry = ""
        self._expect(")")
        return lambda body: any(test(entry) for entry in _entries(body.get(held)))

    def _function(self, name: str) -> Test:
        self._need_advanced(name)
        self._expect("(")
        held = self._property(self._take())
        self._expect(",")
        wanted = str(_same(self._literal(self._take())))
        self._expect(")")
        self._take_true()
        return lambda body: _FUNCTIONS[name](str(_same(body.get(held)) or ""), wanted)

    def _take_true(self) -> None:
        if self._take_if("eq"):
            self._expect("true")

    def _comparison(self, word: str) -> Test:
        held = self._property(word)
        operator = self._take().lower()
        if operator == "in":
            wanted = list(self._list())
            return lambda body: _same(body.get(held)) in wanted
        if operator not in _COMPARISONS:
            raise self._unknown(operator)
        self._need_advanced(operator)
        literal = self._literal(self._take())
        return lambda body: _COMPARISONS[operator](body.get(held), literal)

    def _list(self) -> Iterator[Json]:
        self._expect("(")
        yield _same(self._literal(self._take()))
        while self._take_if(","):
            yield _same(self._literal(self._take()))
        self._expect(")")

    def _property(self, word: str) -> str:
        if self.entry and word.partition("/")[0] == self.entry:
            return word.partition("/")[2]
        if "/" in word:
            raise errors.not_emulated(f"$filter over {word}")
        if word.lower() in _ELSEWHERE:
            raise self._unknown(word.lower())
        if word not in self.known:
            raise errors.bad_request(
                f"Invalid filter clause: Could not find a property named '{word}' on type "
                f"'microsoft.graph.{self.type_name}'."
            )
        return word

    def _unknown(self, operator: str) -> errors.GraphError:
        if operator in _ELSEWHERE:
            return errors.unsupported_query(
                f"Unsupported or invalid query filter clause specified: {operator} on resource '{self.type_name}'."
            )
        return errors.bad_request("Invalid filter clause")

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
        if name in _ADVANCED and not self.advanced:
            raise errors.unsupported_query(
                f"Operator '{name}' is not supported because the 'ConsistencyLevel:eventual' header and $count=true "
                "are missing. Refer to https://aka.ms/graph-docs/advanced-queries for more information."
            )

    def _take(self) -> str:
        if not self.tokens:
            raise errors.bad_request("Invalid filter clause")
        return self.tokens.pop(0)

    def _take_if(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take_if(word):
            raise errors.bad_request("Invalid filter clause")
