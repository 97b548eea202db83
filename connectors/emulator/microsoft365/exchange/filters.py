"""The filters of Get-Recipient and Get-Mailbox: OPATH, such as "EmailAddresses -eq 'smtp:a@b.example'"."""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from connectors.emulator.filters import FilterParser, Test
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.store import Body, Json

_TOKEN = re.compile(r"""\s*([()]|-[A-Za-z]+|'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\s()'"]+)""")
_INVALID = "Microsoft.Exchange.Data.Directory.InvalidFilterException"


def parse_filter(text: str) -> Test:
    """Parse a filter. An empty filter matches everything."""
    text = text.strip().removeprefix("{").removesuffix("}").strip()
    return _Reader(text, _TOKEN).read() if text else lambda _: True


class _Reader(FilterParser):
    AND, OR, NOT = "-and", "-or", "-not"

    def refusal(self) -> Refused:
        near = self.tokens[0].strip("'\"") if self.tokens else ""
        return Refused(f'The filter "{self.text}" can\'t be read near "{near}".', _INVALID)

    def comparison(self) -> Test:
        if not self.tokens or self.tokens[0][0] in "()-'\"":
            raise self.refusal()
        name = self.take()
        compare = _COMPARISONS.get(self.tokens[0].lower()) if self.tokens else None
        if compare is None:
            raise self.refusal()
        self.take()
        if not self.tokens or self.tokens[0][0] in "()-":
            raise self.refusal()
        value = self.take()
        quote = value[0] if value[0] in "'\"" else ""
        sought = value[1:-1].replace(quote * 2, quote) if quote else value.removeprefix("$")
        return lambda row: compare(_search_texts(name, row), _search_text(name, sought))


def _search_texts(name: str, row: Body) -> Sequence[str]:
    """Return a property as text in lower case, with one text for each value of a list."""
    property_name = next((key for key in row if key.lower() == name.lower()), None)
    if property_name is None:
        raise Refused(f"'{name}' isn't a valid filter property.", _INVALID)
    value = row[property_name]
    values: Sequence[Json] = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    return ["null" if entry is None else str(entry).lower() for entry in values]


def _search_text(name: str, value: str) -> str:
    value = value.lower()
    bare_address = name.lower() == "emailaddresses" and "@" in value and ":" not in value
    return f"smtp:{value}" if bare_address else value


_COMPARISONS: dict[str, Callable[[Sequence[str], str], bool]] = {
    "-eq": lambda values, sought: sought in values,
    "-ne": lambda values, sought: sought not in values,
    "-like": lambda values, sought: any(fnmatchcase(value, sought) for value in values),
    "-notlike": lambda values, sought: not any(fnmatchcase(value, sought) for value in values),
    "-gt": lambda values, sought: any(value > sought for value in values),
    "-ge": lambda values, sought: any(value >= sought for value in values),
    "-lt": lambda values, sought: any(value < sought for value in values),
    "-le": lambda values, sought: any(value <= sought for value in values),
}
