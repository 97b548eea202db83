"""Which properties of a service's answer a kind compares, which it ignores and why, and which it does not know.

A property that no list names and that has another value than its default is unknown. It is never lost: where it changes
what an object does or whom it reaches it is drift, elsewhere a remark.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

from toolkit.values import Body, Json

ENTRIES = "[]"
"""Marks in a path every entry of a list of objects, as in `assignments[].target.groupId`."""

ANNOTATIONS = ("context", "etag", "count", "nextLink", "associationLink", "navigationLink")
"""What OData adds to an answer beside the object, as `roles@odata.count`; it says nothing of the object.

https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ControlInformation
"""


TYPE_OF_A_VALUE = "@data.type"
"""Exchange adds to some values of which type they are, as `Guid@data.type`."""


@dataclass(frozen=True, slots=True)
class UnknownProperty:
    """A property that a kind neither compares nor ignores, and that is not at its default."""

    path: str
    value: Json
    narrows: bool
    """Says whether it may change what the object does or whom it reaches."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a kind makes of an answer's properties, by their paths: names joined by dots, `[]` for entries of a list."""

    compared: frozenset[str] = frozenset()
    """Paths of single values that settings are read from, beside the settings' own wire names."""

    whole: frozenset[str] = frozenset()
    """Paths whose value is compared with everything below it."""

    ignored: Mapping[str, str] = field(default_factory=dict)
    """Paths that are not compared, each with the reason, as the reference prints it."""

    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Values that say that no one set a property, where these are not null, false, 0 or empty."""

    unset_words: frozenset[str] = frozenset()
    """Words that say the same of every property without a default of its own, such as notConfigured."""

    narrowing: frozenset[str] | None = None
    """Paths below which an unknown property changes what an object does or whom it reaches; None for every path."""

    def unknown(self, body: Body) -> Sequence[UnknownProperty]:
        """List the properties of an answer that are unknown, in the answer's order."""
        return [
            UnknownProperty(path, value, self._narrows(path))
            for path, value in leaves(body)
            if not self.names(path) and not self._at_default(path, value)
        ]

    def names(self, path: str) -> bool:
        """Say whether a path is compared or ignored by name."""
        return path in self.compared or path in self.ignored or any(part in self.whole for part in _parents(path))

    def extended(
        self,
        *,
        compared: Iterable[str] = (),
        whole: Iterable[str] = (),
        ignored: Mapping[str, str] = MappingProxyType({}),
        defaults: Mapping[str, Json] = MappingProxyType({}),
    ) -> "Properties":
        """Return these with more paths."""
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
    """List the single values of an answer with their paths; a list of plain values is a single value.

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
    """Say whether a value is one that services show where no one set anything."""
    return value is None or value is False or value == 0 or value in ("", [], {}, ())


@lru_cache(maxsize=4096)
def is_annotation(name: str) -> bool:
    """Say whether a name of an answer is the protocol's, and no property."""
    return name.partition("@odata.")[2] in ANNOTATIONS or name.endswith(TYPE_OF_A_VALUE)


def _parents(path: str) -> Iterator[str]:
    """List a path and those above it: `a[].b` has `a[]` and `a` above it."""
    yield path
    for place in range(len(path) - 1, 0, -1):
        if path[place] == "." or path.startswith(ENTRIES, place):
            yield path[:place]
