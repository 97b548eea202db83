"""Convert settings to canonical forms, and find unknown properties in responses.

Equal settings have the same canonical form. A property is compared, ignored, or unknown. A property that is not listed
is unknown, unless it has its default value.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from toolkit.records import dataclass
from toolkit.sdk.markup import canonical_html
from toolkit.values import AtLeast, Body, Json, Value, plain, unique

ENTRIES = "[]"
"""The part of a path that means every entry of a list, such as in `assignments[].target.groupId`."""

ANNOTATIONS = ("context", "etag", "count", "nextLink", "associationLink", "navigationLink")
"""Control information that OData adds to a response, such as `roles@odata.count`. It is not part of the object.

https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ControlInformation
"""


TYPE_OF_A_VALUE = "@data.type"
"""The suffix with which Exchange adds the types of some values, for example `Guid@data.type`."""


SECRET_NOT_SHOWN = "(a secret, not shown)"  # noqa: S105 - stands in its place
"""The value of a setting that holds a secret. It is never compared and never written."""


@dataclass(frozen=True, slots=True)
class UnknownProperty:
    """A property of a response that a kind neither compares nor ignores, and whose value is not the default."""

    path: str
    value: Json
    narrows: bool
    """Whether the property may change the object's effect or reach."""


@dataclass(frozen=True, slots=True)
class Properties:
    """The compared and ignored properties of responses. A path joins names by dots, with `[]` for list entries."""

    compared: frozenset[str] = frozenset()
    """Paths of single values from which settings are read, in addition to the settings' own wire names."""

    whole: frozenset[str] = frozenset()
    """Paths whose values are compared completely, including everything below them."""

    ignored: Mapping[str, str] = field(default_factory=dict)
    """Paths that are not compared, each with the reason for the reference."""

    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Default values of properties, if they are not null, false, 0 or empty."""

    unset_words: frozenset[str] = frozenset()
    """Words that mean "not set" for every property without its own default, such as notConfigured."""

    narrowing: frozenset[str] | None = None
    """Paths below which an unknown property changes an object's effect or reach, or None for every path."""

    def unknown(self, body: Body) -> Sequence[UnknownProperty]:
        """Return the unknown properties of a response, in the order of the response."""
        return [
            UnknownProperty(path, value, self._may_narrow(path))
            for path, value in leaves(body)
            if not self.is_path_listed(path) and not self._is_default(path, value)
        ]

    def is_path_listed(self, path: str) -> bool:
        """Return whether a path is listed as compared or as ignored."""
        return (
            path in self.compared or path in self.ignored or any(part in self.whole for part in _path_and_parents(path))
        )

    def extended(
        self,
        *,
        compared: Iterable[str] = (),
        whole: Iterable[str] = (),
        ignored: Mapping[str, str] = MappingProxyType({}),
        defaults: Mapping[str, Json] = MappingProxyType({}),
    ) -> "Properties":
        """Return a copy of these properties with additional paths."""
        return replace(
            self,
            compared=self.compared.union(compared),
            whole=self.whole.union(whole),
            ignored={**self.ignored, **ignored},
            defaults={**self.defaults, **defaults},
        )

    def _is_default(self, path: str, value: Json) -> bool:
        if value is None:
            return True
        if path in self.defaults:
            return value == self.defaults[path]
        return is_unset(value) or (isinstance(value, str) and value in self.unset_words)

    def _may_narrow(self, path: str) -> bool:
        return self.narrowing is None or any(part in self.narrowing for part in _path_and_parents(path))


def leaves(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Yield each value of a response with its path.

    Lists of plain values, empty objects and empty lists count as one value. Protocol annotations are left out.
    """
    if isinstance(value, Mapping) and value:
        for name, entry in value.items():
            if not is_annotation(name):
                yield from leaves(entry, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple) and any(isinstance(entry, Mapping) for entry in value):
        for entry in value:
            yield from leaves(entry, path + ENTRIES)
    elif path:
        yield path, value


def is_unset(value: Json) -> bool:
    """Return whether a value in a response means "not set"."""
    return value is None or value is False or value == 0 or value in ("", [], {}, ())


@lru_cache(maxsize=4096)
def is_annotation(name: str) -> bool:
    """Return whether a name in a response is an annotation of the protocol and not a property."""
    return name.partition("@odata.")[2] in ANNOTATIONS or name.endswith(TYPE_OF_A_VALUE)


@lru_cache(maxsize=4096)
def _path_and_parents(path: str) -> Sequence[str]:
    """Return a path and the paths above it, for example `a[].b`, `a[]` and `a`."""
    above = [path[:place] for place in range(len(path) - 1, 0, -1) if path.startswith((".", ENTRIES), place)]
    return (path, *above)


_BYTES_SHOWN = re.compile(r"[\d.,]+\s*[KMGT]?B\s*\(([\d,]+)\s*bytes?\)", re.IGNORECASE)
_SIZE = re.compile(r"([\d.,]+)\s*(B|KB|MB|GB|TB)?", re.IGNORECASE)
_FLAGS = {"true": True, "enabled": True, "false": False, "disabled": False}
_POWERS = {"B": 0, "KB": 1, "MB": 2, "GB": 3, "TB": 4}


@dataclass(frozen=True, slots=True)
class Form:
    """A canonical form. `read` converts values to the form, and `write` returns the value to send to the service."""

    name: str
    read: Callable[[Json], Value]
    write: Callable[[Value], Json] = plain
    is_list: bool = False
    rewritten: bool = False  # whether services may store another spelling, which counts as equal
    to_playbook: Callable[[Value], Json] = plain  # returns the value as people write it in a playbook
    ids: bool = False  # whether ids are ordinary values, which do not refer to objects that may be deleted


def text_in(value: Json) -> str:
    """Return the value if it is text. Raise ValueError for any other value."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")  # noqa: TRY004 - reported as an answer that cannot be understood
    return value


def _parse_text(value: Json) -> Value:
    """Return the text, or None if it is empty, because services show an unset text as empty."""
    return None if value is None else text_in(value) or None


def _parse_prose(value: Json) -> Value:
    """Return the text with plain line endings and without surrounding spaces, because readers do not see these."""
    text = "" if value is None else text_in(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return text or None


def _parse_html(value: Json) -> Value:
    return None if value is None else canonical_html(text_in(value)) or None


def _parse_flag(value: Json) -> Value:
    match value:
        case None | "":
            return None
        case bool():
            return value
        case _ if (word := text_in(value).strip().lower()) in _FLAGS:
            return _FLAGS[word]
        case _:
            raise ValueError(f"{value!r} is neither true nor false")


def _parse_switch(value: Json) -> Value:
    """Return True if the switch is on. Return None if it is off, because services show an unset switch as false."""
    return True if _parse_flag(value) is True else None


def _parse_number(value: Json) -> Value:
    if value is None or value == "":
        return None
    return int(str(value))


def parse_size(text: str) -> int:
    """Parse a size such as `10 MB (10,485,760 bytes)` or `2048` into bytes. Raise ValueError for other text."""
    if shown := _BYTES_SHOWN.fullmatch(text.strip()):
        return int(shown[1].replace(",", ""))
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a size such as 10 MB")
    return int(float(match[1].replace(",", "")) * 1024 ** _POWERS[(match[2] or "B").upper()])


def _parse_size_setting(value: Json) -> Value:
    return None if value is None or value == "" else parse_size(str(value))


def _size_to_wire(value: Value) -> Json:
    return None if value is None else f"{value} B"


def _size_to_text(value: Value) -> Json:
    if not isinstance(value, int) or value == 0:
        return plain(value)
    unit = next(unit for unit in reversed(_POWERS) if value % 1024 ** _POWERS[unit] == 0)
    return f"{value // 1024 ** _POWERS[unit]} {unit}"


def parse_instant(text: str) -> datetime:
    """Parse an ISO date and time. A time without an offset is in UTC, as in Exchange."""
    seconds = re.sub(r"(\.\d{6})\d+", r"\1", text)  # Exchange shows seven digits, but Python parses six
    moment = datetime.fromisoformat(seconds)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def check_moment(written: str | None) -> str | None:
    """Return a date and time unchanged. Raise ValueError if the text is not a date and time with a time zone."""
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as wrong:
        raise ValueError(f"{written!r} is not a date and time such as 2026-12-18T16:00:00Z") from wrong
    if moment.tzinfo is None:
        raise ValueError(f"{written} needs a time zone. Add Z for UTC, or an offset such as +01:00 in summer")
    return written


def _parse_instant_setting(value: Json) -> Value:
    return None if value is None or value == "" else parse_instant(text_in(value)).isoformat().replace("+00:00", "Z")


def _parse_list(value: Json, parse_entry: Callable[[str], str]) -> Value:
    """Parse a list whose order does not matter. A service may show a list with one entry as the entry itself."""
    match value:
        case {"exactly": entries}:
            return _parse_list(entries, parse_entry)
        case Mapping() if value and value.keys() <= {"contains", "lacks"}:
            return AtLeast(
                _parse_entries(value.get("contains", ()), parse_entry),
                _parse_entries(value.get("lacks", ()), parse_entry),
            )
        case None | "":
            return None
        case str():
            return (parse_entry(value),)
        case Sequence():
            return unique(parse_entry(text_in(entry)) for entry in value) or None
        case _:
            raise ValueError(f"{value!r} is not a list")


def _parse_entries(entries: object, parse_entry: Callable[[str], str]) -> tuple[str, ...]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise ValueError(f"{entries!r} is not a list")  # noqa: TRY004 - reported as a mistake in a playbook
    return unique(parse_entry(str(entry)) for entry in entries)


TEXT = Form("text", _parse_text)
PROSE = Form("text, compared without regard to line ends", _parse_prose, rewritten=True)
HTML = Form("HTML, compared without regard to its formatting", _parse_html, rewritten=True)
FLAG = Form("true or false", _parse_flag)
SWITCH = Form("true, or left out", _parse_switch)
NUMBER = Form("whole number", _parse_number)
SIZE = Form("size", _parse_size_setting, write=_size_to_wire, to_playbook=_size_to_text)
INSTANT = Form("date and time", _parse_instant_setting)
WORDS = Form("list, compared without regard to order and case", lambda v: _parse_list(v, str.lower), is_list=True)
PATTERNS = Form("list of patterns, compared without regard to order", lambda v: _parse_list(v, str), is_list=True)
ADDRESS = Form("address", lambda v: None if v is None or v == "" else text_in(v).strip().lower())
ADDRESSES = Form("list of addresses", lambda v: _parse_list(v, lambda item: item.strip().lower()), is_list=True)


def to_camel_case(name: str) -> str:
    """Return a name such as `minimum_length` as `minimumLength`. A name without underscores does not change."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)
