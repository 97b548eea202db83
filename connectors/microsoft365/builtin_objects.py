"""Objects that a tenant has by itself: one pair of Exchange cmdlets shows and changes them, none is made or removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.endpoint import Everything, NamedOnly, Wanted
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.sdk.shapes import flag, text
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365


def _nothing(_before: Body, _sent: Body) -> Body:
    return {}


@dataclass(frozen=True, slots=True)
class FixedObjects:
    """The cmdlets Get-NOUN and Set-NOUN; `reading` is sent with Get.

    `again` gives what has to be said in a second call, since Exchange rewrites it when it gets the first.
    """

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

    def create(self, via: Microsoft365, name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(f"{name!r} is not there, and toolkit does not make it: {self.noun} is changed, never created")

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        via.exchange.change(f"Set-{self.noun}", {"Identity": remote.id, **body})
        if more := self.again(remote.body, body):
            via.exchange.change(f"Set-{self.noun}", {"Identity": remote.id, **more})

    def delete(self, via: Microsoft365, remote: Remote) -> NoReturn:  # noqa: ARG002 - likewise
        raise Rejected(f"{remote.name!r} stays: {self.noun} is changed, never deleted")

    def _seen(self, row: Body) -> Remote | Unreadable:
        identifier, name = row.get("Guid") or row.get("Identity"), row.get("Name")
        if not (identifier and name):
            raise BadAnswer(f"Get-{self.noun} answered with an object that has no identity or no name")
        if not flag(row.get("IsValid"), missing=True):
            return Unreadable(str(identifier), str(name), "Exchange calls it not valid; open it in the admin centre")
        return Remote(text(identifier), text(name), row)
