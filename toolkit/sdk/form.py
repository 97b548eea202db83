"""Canonical forms: settings from people and services are read so that equal settings are equal values.

Also the properties of a response: the compared ones, the ignored ones with the reason, and the unknown ones. A property
is unknown if it is on no list and has another value than its default.
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
"""In a path, every entry of a list of objects, for example in `assignments[].target.groupId`."""

ANNOTATIONS = ("context", "etag", "count", "nextLink", "associationLink", "navigationLink")
"""Control information that OData adds to a response, such as `roles@odata.count`. It is not part of the object.

https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ControlInformation
"""


TYPE_OF_A_VALUE = "@data.type"
"""The suffix by which Exchange adds the types of some values, for example `Guid@data.type`."""


SECRET_NOT_SHOWN = "(a secret, not shown)"  # noqa: S105 - stands in its place
"""The value of a setting that holds a secret. It is never compared and never written."""


@dataclass(frozen=True, slots=True)
class UnknownProperty:
    """A property that a kind neither compares nor ignores, and that is not at its default."""

    path: str
    value: Json
    narrows: bool
    """Whether it may change the object's effect or reach."""


@dataclass(frozen=True, slots=True)
class Properties:
    """How a kind treats the properties of a response. A path joins names by dots, with `[]` for entries of a list."""

    compared: frozenset[str] = frozenset()
    """Paths of single values from which settings are read, in addition to the settings' own wire names."""

    whole: frozenset[str] = frozenset()
    """Paths whose value is compared with everything below it."""

    ignored: Mapping[str, str] = field(default_factory=dict)
    """Paths that are not compared, each with the reason, as the reference prints it."""

    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Values of properties that no one has set, if these are not null, false, 0 or empty."""

    unset_words: frozenset[str] = frozenset()
    """Values of properties that no one has set, for all properties without their own default, such as notConfigured."""

    narrowing: frozenset[str] | None = None
    """Paths below which an unknown property changes an object's effect or reach, or None for every path."""

    def unknown(self, body: Body) -> Sequence[UnknownProperty]:
        """Return the unknown properties of a response, in the response's order."""
        return [
            UnknownProperty(path, value, self._narrows(path))
            for path, value in leaves(body)
            if not self.names(path) and not self._at_default(path, value)
        ]

    def names(self, path: str) -> bool:
        """Return whether a path is compared or ignored by name."""
        return path in self.compared or path in self.ignored or any(part in self.whole for part in _parents(path))

    def extended(
        self,
        *,
        compared: Iterable[str] = (),
        whole: Iterable[str] = (),
        ignored: Mapping[str, str] = MappingProxyType({}),
        defaults: Mapping[str, Json] = MappingProxyType({}),
    ) -> "Properties":
        """Return the properties with more paths."""
        return replace(
            self,
            compared=self.compared.union(compared),
            whole=self.whole.union(whole),
            ignored={**self.ignored, **ignored},
            defaults={**self.defaults, **defaults},
        )

    def _at_default(self, path: str, value: Json) -> bool:
        if value is None:
            return True
        if path in self.defaults:
            return value == self.defaults[path]
        return is_unset(value) or (isinstance(value, str) and value in self.unset_words)

    def _narrows(self, path: str) -> bool:
        return self.narrowing is None or any(part in self.narrowing for part in _parents(path))


def leaves(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Yield the single values of a response with their paths. A list of plain values is a single value.

    An empty object or list is one too. Annotations of the protocol are left out.
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
    """Return whether services show this value if no one has set one."""
    return value is None or value is False or value == 0 or value in ("", [], {}, ())


@lru_cache(maxsize=4096)
def is_annotation(name: str) -> bool:
    """Return whether a name in a response is an annotation of the protocol and not a property."""
    return name.partition("@odata.")[2] in ANNOTATIONS or name.endswith(TYPE_OF_A_VALUE)


@lru_cache(maxsize=4096)
def _parents(path: str) -> Sequence[str]:
    """Return a path and the paths above it, for example `a[].b`, `a[]` and `a`."""
    above = [path[:place] for place in range(len(path) - 1, 0, -1) if path.startswith((".", ENTRIES), place)]
    return (path, *above)


_BYTES_SHOWN = re.compile(r"[\d.,]+\s*[KMGT]?B\s*\(([\d,]+)\s*bytes?\)", re.IGNORECASE)
_SIZE = re.compile(r"([\d.,]+)\s*(B|KB|MB|GB|TB)?", re.IGNORECASE)
_FLAGS = {"true": True, "enabled": True, "false": False, "disabled": False}
_POWERS = {"B": 0, "KB": 1, "MB": 2, "GB": 3, "TB": 4}


@dataclass(frozen=True, slots=True)
class Form:
    """One canonical form. `read` accepts values of people and services, and `write` returns the wire's value."""

    name: str
    read: Callable[[Json], Value]
    write: Callable[[Value], Json] = plain
    is_list: bool = False
    rewritten: bool = False  # services may store another spelling, which counts as equal
    to_playbook: Callable[[Value], Json] = plain  # as people write it in a playbook
    ids: bool = False  # an id is a value like any other, and does not stand for something that may be gone


def text_in(value: Json) -> str:
    """Return a value that is text. Raise ValueError for any other value."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")  # noqa: TRY004 - reported as an answer that cannot be understood
    return value


def _text(value: Json) -> Value:
    """Return the text, or None if it is empty, because services show an unset text as empty."""
    return None if value is None else text_in(value) or None


def _prose(value: Json) -> Value:
    """Return the text with plain line ends and without the space around it, which readers do not see."""
    text = "" if value is None else text_in(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return text or None


def _html(value: Json) -> Value:
    return None if value is None else canonical_html(text_in(value)) or None


def _flag(value: Json) -> Value:
    match value:
        case None | "":
            return None
        case bool():
            return value
        case _ if (word := text_in(value).strip().lower()) in _FLAGS:
            return _FLAGS[word]
        case _:
            raise ValueError(f"{value!r} is neither true nor false")


def _switch(value: Json) -> Value:
    """Return True or None. Services show a switch that no one has set as false."""
    return True if _flag(value) is True else None


def _number(value: Json) -> Value:
    if value is None or value == "":
        return None
    return int(str(value))


def parse_size(text: str) -> int:
    """Read `10 MB (10,485,760 bytes)`, `10MB` or `2048` as bytes. Raise ValueError for anything else."""
    if shown := _BYTES_SHOWN.fullmatch(text.strip()):
        return int(shown[1].replace(",", ""))
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a size; write one as 10 MB")
    return int(float(match[1].replace(",", "")) * 1024 ** _POWERS[(match[2] or "B").upper()])


def _size(value: Json) -> Value:
    return None if value is None or value == "" else parse_size(str(value))


def _size_on_the_wire(value: Value) -> Json:
    return None if value is None else f"{value} B"


def _size_as_people_write_it(value: Value) -> Json:
    if not isinstance(value, int) or value == 0:
        return plain(value)
    unit = next(unit for unit in reversed(_POWERS) if value % 1024 ** _POWERS[unit] == 0)
    return f"{value // 1024 ** _POWERS[unit]} {unit}"


def parse_instant(text: str) -> datetime:
    """Read an ISO date and time. Without an offset it is UTC, as Exchange shows it."""
    seconds = re.sub(r"(\.\d{6})\d+", r"\1", text)  # Exchange shows seven digits, Python reads six
    moment = datetime.fromisoformat(seconds)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def checked_moment(written: str | None) -> str | None:
    """Return a date and time unchanged. Raise ValueError if it is not one or has no time zone."""
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as wrong:
        raise ValueError(f"{written!r} is not a date and time; write one as 2026-12-18T16:00:00Z") from wrong
    if moment.tzinfo is None:
        raise ValueError(f"say in which zone {written} is meant: Z for UTC, or an offset as +01:00 in summer")
    return written


def _instant(value: Json) -> Value:
    return None if value is None or value == "" else parse_instant(text_in(value)).isoformat().replace("+00:00", "Z")


def _parse_list(value: Json, parse_entry: Callable[[str], str]) -> Value:
    """Read a list without order. A service may show a list with one entry as that entry."""
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


TEXT = Form("text", _text)
PROSE = Form("text, compared without regard to line ends", _prose, rewritten=True)
HTML = Form("HTML, compared without regard to how it is written", _html, rewritten=True)
FLAG = Form("true or false", _flag)
SWITCH = Form("true, or left out", _switch)
NUMBER = Form("whole number", _number)
SIZE = Form("size", _size, write=_size_on_the_wire, to_playbook=_size_as_people_write_it)
INSTANT = Form("date and time", _instant)
WORDS = Form("list, compared without regard to order and case", lambda v: _parse_list(v, str.lower), is_list=True)
PATTERNS = Form("list of patterns, compared without regard to order", lambda v: _parse_list(v, str), is_list=True)
ADDRESS = Form("address", lambda v: None if v is None or v == "" else text_in(v).strip().lower())
ADDRESSES = Form("list of addresses", lambda v: _parse_list(v, lambda item: item.strip().lower()), is_list=True)


def in_camel_case(name: str) -> str:
    """Convert `minimum_length` to `minimumLength`. A name without underscores does not change."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)
