"""Endpoints of objects that a tenant always has: behind a pair of cmdlets, or at one path of Graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.errors import BadAnswer
from toolkit.sdk.endpoint import Everything, FixedObjects, NamedOnly, Wanted
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.sdk.shapes import flag, text
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365


ONLY = "organisation"
"""The name of an object that a tenant has once."""


def _nothing(_before: Body, _sent: Body) -> Body:
    return {}


@dataclass(frozen=True, slots=True)
class CmdletObjects(FixedObjects):
    """Objects with names that Get-NOUN shows and Set-NOUN changes; `reading` is sent with Get.

    `again` gives what has to be said in a second call, since Exchange rewrites it when it gets the first.
    """

    none_created = "{name!r} is not there, and toolkit does not make it: it is changed, never created"
    none_deleted = "{name!r} stays: it is changed, never deleted"

    noun: str
    reading: Body = field(default_factory=dict)
    again: Callable[[Body, Body], Body] = _nothing

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read all objects in one request."""
        seen = [self._seen(row) for row in via.exchange.get(f"Get-{self.noun}", self.reading)]
        match wanted:
            case Everything():
                return seen
            case NamedOnly(names):
                return [one for one in seen if one.name in names]

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.exchange.change(f"Set-{self.noun}", {"Identity": remote.id, **body})
        if more := self.again(remote.body, body):
            via.exchange.change(f"Set-{self.noun}", {"Identity": remote.id, **more})

    def _seen(self, row: Body) -> Remote | Unreadable:
        identifier, name = row.get("Guid") or row.get("Identity"), row.get("Name")
        if not (identifier and name):
            raise BadAnswer(f"Get-{self.noun} answered with an object that has no identity or no name")
        if not flag(row.get("IsValid"), missing=True):
            return Unreadable(str(identifier), str(name), "Exchange calls it not valid; open it in the admin centre")
        return Remote(text(identifier), text(name), row)


class Singleton(FixedObjects):
    """What all of them refuse."""

    none_created = f"a tenant has these settings once, under the name {ONLY!r}: there are none named {{name!r}}"
    none_deleted = "the settings {name!r} are changed, never deleted"


class CmdletSingleton(Singleton):
    """The one object that `Get-NOUN` shows and `Set-NOUN` changes."""

    def __init__(self, noun: str) -> None:
        self._noun = noun

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote]:  # noqa: ARG002 - there is but one
        row = read_row(via, self._noun)
        return [Remote(str(row.get("Identity") or ONLY), ONLY, row)]

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.exchange.change(f"Set-{self._noun}", body)


class GraphSingleton(Singleton):
    """The one object at a path; an answer that lacks the property `shows` is a bad answer, and null is unset."""

    def __init__(self, path: str, shows: str) -> None:
        self._path = path
        self._shows = shows

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote]:  # noqa: ARG002 - there is but one
        answer = via.graph.get(self._path)
        if not isinstance(answer.get(self._shows, ""), bool | None):
            raise BadAnswer(f"GET {self._path}: the answer does not say {self._shows}")
        return [Remote(str(answer.get("id") or ONLY), ONLY, answer)]

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.graph.send("PATCH", self._path, body)


def read_row(via: Microsoft365, noun: str) -> Body:
    """Return the one row that `Get-NOUN` shows; BadAnswer for none and for several."""
    rows = via.exchange.get(f"Get-{noun}", {})
    if len(rows) != 1:
        raise BadAnswer(f"Get-{noun} answered with {len(rows)} objects, where there is one")
    return rows[0]
