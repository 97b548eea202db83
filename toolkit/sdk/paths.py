"""Ids and names in the paths of requests. Each is one segment, whatever a service, a file or a person wrote."""

from urllib.parse import quote

from toolkit.errors import BadAnswer
from toolkit.values import Json

_LEADS_ELSEWHERE = frozenset("/\\?%")
_SAFE = "@=,:!$'()"
_SHOWN = 60


def segment(identifier: Json) -> str:
    """Return an id as a quoted segment of a path. Raise BadAnswer if a server could read it as another path."""
    return quote(whole_segment(identifier), safe=_SAFE)


def whole_segment(identifier: Json) -> str:
    """Return an id that a vendor's library quotes. Raise BadAnswer if a server could read it as another path.

    No id has a slash or a percent sign. A server that decodes twice would end a segment at a quoted slash.
    """
    if not isinstance(identifier, str) or not identifier.strip(".") or _LEADS_ELSEWHERE & {*identifier}:
        shown = str(identifier)[:_SHOWN]
        raise BadAnswer(f"{shown!r} cannot be used as an id, because a request with it could lead to another object")
    return identifier
