"""Partial responses: `fields=nextPageToken,users(id,name/givenName)`.

The grammar is that of developers.google.com/workspace/admin/directory/v1/guides/performance.
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.schemas import DiscoverySchema, Types
from connectors.emulator.wire import Json

Mask: TypeAlias = "Mapping[str, Mask]"  # no names: everything below
_TOKENS = re.compile(r"[^\s,()/]+|[,()/]")


def read_mask(written: str, types: Types, schema: DiscoverySchema | None) -> Mask:
    """Read a mask over a type; raises ApiError for what is no mask or no field of it."""
    parsing = _MaskParser(written)
    mask = parsing.several()
    if parsing.left or not mask:
        raise errors.bad_mask(written)
    if schema is not None:
        _check(mask, types, schema)
    return mask


def masked(value: Json, mask: Mask) -> Json:
    """Leave of a value what a mask names."""
    if not mask:
        return value
    if isinstance(value, list):
        return [masked(one, mask) for one in value]
    if not isinstance(value, Mapping):
        return value
    every = mask.get("*")
    chosen = {name: mask.get(name, every) for name in value}
    return {name: masked(value[name], inside) for name, inside in chosen.items() if inside is not None}


def _check(mask: Mask, types: Types, schema: DiscoverySchema) -> None:
    schema = types.resolved(schema)
    if schema.type == "array":
        assert schema.items
        _check(mask, types, schema.items)
        return
    for name, inside in mask.items():
        known = schema.properties.get(name) or schema.additional
        if known is None and name != "*" and schema.type != "any":
            raise errors.bad_mask(name)
        if known is not None and inside:
            _check(inside, types, known)


class _MaskParser:
    """A mask while it is read."""

    def __init__(self, written: str) -> None:
        self._written = written
        self._tokens = _TOKENS.findall(written)

    @property
    def left(self) -> bool:
        return bool(self._tokens)

    def several(self) -> dict[str, Mask]:
        """Read `a,b/c,d(e,f)`."""
        found: dict[str, Mask] = {}
        while True:
            name, inside = self._one()
            # a/b,a/c is both of a; a,a/b is all of a.
            found[name] = {**found[name], **inside} if name in found and found[name] and inside else inside
            if self._next() != ",":
                return found
            self._tokens.pop(0)

    def _one(self) -> tuple[str, Mask]:
        name = self._tokens.pop(0) if self._tokens else ""
        if not name or name in ",()/":
            raise errors.bad_mask(self._written)
        match self._next():
            case "/":
                self._tokens.pop(0)
                inside, below = self._one()
                return name, {inside: below}
            case "(":
                self._tokens.pop(0)
                several = self.several()
                if self._next() != ")":
                    raise errors.bad_mask(self._written)
                self._tokens.pop(0)
                return name, several
            case _:
                return name, {}

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else ""
