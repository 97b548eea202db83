"""The filters of Get-Recipient and Get-Mailbox: OPATH, such as "EmailAddresses -eq 'smtp:a@b.example'"."""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.wire import Body, Json

Matcher: TypeAlias = Callable[[Body], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])
    |(?P<word>-[A-Za-z]+)
    |'(?P<single>(?:[^']|'')*)'
    |"(?P<double>(?:[^"]|"")*)"
    |(?P<bare>[^\s()'"]+))""",
    re.VERBOSE,
)


def matcher(text: str) -> Matcher:
    """Read a filter; the empty one matches everything."""
    text = text.strip().removeprefix("{").removesuffix("}").strip()
    if not text:
        return lambda _: True
    reader = _Reader(text)
    found = reader.any_of()
    if reader.kind:
        raise reader.unreadable()
    return found


class _Reader:
    """Reads a filter from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kind, self.value = "", ""
        self._position = 0
        self.advance()

    def advance(self) -> str:
        """Step over the token that is read, and return it."""
        value = self.value
        token = _TOKEN.match(self.text, self._position)
        if token is None and self.text[self._position :].strip():
            raise self.unreadable()
        self.kind = (token and token.lastgroup) or ""
        self.value = token[self.kind] if token and self.kind else ""
        self._position = token.end() if token else len(self.text)
        return value

    def unreadable(self) -> Refused:
        return Refused(
            f'The filter "{self.text}" can\'t be read near "{self.value}".',
            "Microsoft.Exchange.Data.Directory.InvalidFilterException",
        )

    def any_of(self) -> Matcher:
        terms = [self._all_of()]
        while self._next("-or"):
            terms.append(self._all_of())
        return lambda row: any(term(row) for term in terms)

    def _all_of(self) -> Matcher:
        terms = [self._term()]
        while self._next("-and"):
            terms.append(self._term())
        return lambda row: all(term(row) for term in terms)

    def _term(self) -> Matcher:
        if self._next("-not"):
            inner = self._term()
            return lambda row: not inner(row)
        if self._next("("):
            inner = self.any_of()
            if not self._next(")"):
                raise self.unreadable()
            return inner
        return self._comparison()

    def _comparison(self) -> Matcher:
        if self.kind != "bare":
            raise self.unreadable()
        name = self.advance()
        operator = self.advance().lower() if self.kind == "word" else ""
        if operator not in _COMPARISONS or self.kind not in {"single", "double", "bare"}:
            raise self.unreadable()
        quote = {"single": "'", "double": '"'}.get(self.kind, "")
        sought = self.advance()
        sought = sought.replace(quote * 2, quote) if quote else sought.removeprefix("$")
        compare = _COMPARISONS[operator]
        return lambda row: compare(_texts(name, row), _sought(name, sought))

    def _next(self, value: str) -> bool:
        if self.kind in {"word", "bracket"} and self.value.lower() == value:
            self.advance()
            return True
        return False


def _texts(name: str, row: Body) -> Sequence[str]:
    """Read a property as text in lower case, one text for each value of a list."""
    known = next((key for key in row if key.lower() == name.lower()), None)
    if known is None:
        raise Refused(
            f"'{name}' isn't a valid filter property.", "Microsoft.Exchange.Data.Directory.InvalidFilterException"
        )
    value = row[known]
    values: Sequence[Json] = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    return ["null" if entry is None else str(entry).lower() for entry in values]


def _sought(name: str, value: str) -> str:
    value = value.lower()
    bare_address = name.lower() == "emailaddresses" and "@" in value and ":" not in value
    return f"smtp:{value}" if bare_address else value


_COMPARISONS: dict[str, Callable[[Sequence[str], str], bool]] = {
    "-eq": lambda values, sought: sought in values,
    "-ne": lambda values, sought: sought not in values,
    "-like": lambda values, sought: any(fnmatchcase(value, sought) for value in values),
    "-notlike": lambda values, sought: not any(fnmatchcase(value, sought) for value in values),
}
