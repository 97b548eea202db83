"""Ids and names in the paths of requests: each is one segment, whatever a service, a file or a person wrote in it."""

from urllib.parse import quote

from toolkit.errors import BadAnswer
from toolkit.values import Json

_LEADS_ELSEWHERE = frozenset("/\\?%")
_SAFE = "@=,:!$'()"
_SHOWN = 60


def segment(identifier: Json) -> str:
    """Return an id as one segment of a path, quoted; BadAnswer for an id that a server could read as another path."""
    return quote(whole_segment(identifier), safe=_SAFE)


def whole_segment(identifier: Json) -> str:
    """Return an id that a vendor's library quotes; BadAnswer for an id that a server could read as another path.

    No id has a slash or a percent sign. A server that decodes twice would end a segment at a quoted one.
    """
    if not isinstance(identifier, str) or not identifier.strip(".") or _LEADS_ELSEWHERE & {*identifier}:
        shown = str(identifier)[:_SHOWN]
        raise BadAnswer(f"{shown!r} cannot be used as an id, because a request with it could lead to another object")
    return identifier
