"""Quote ids and names for the paths of requests, so that each id or name stays a single segment of the path."""

from urllib.parse import quote

from toolkit.errors import BadAnswer
from toolkit.values import Json

_LEADS_ELSEWHERE = frozenset("/\\?%")
_SAFE = "@=,:!$'()"
_SHOWN = 60


def segment(identifier: Json) -> str:
    """Return an id, quoted so that it is one segment of a path.

    Raise BadAnswer if a server could read it as another path.
    """
    return quote(to_unquoted_segment(identifier), safe=_SAFE)


def to_unquoted_segment(identifier: Json) -> str:
    """Return an id unquoted, for a vendor's library that quotes ids itself.

    Raise BadAnswer if a server could read it as another path. Ids with a slash or a percent sign are refused, because a
    server that decodes twice would end the segment at a quoted slash.
    """
    if not isinstance(identifier, str) or not identifier.strip(".") or _LEADS_ELSEWHERE & {*identifier}:
        shown = str(identifier)[:_SHOWN]
        raise BadAnswer(f"{shown!r} cannot be used as an id, because a request with it could lead to another object")
    return identifier
