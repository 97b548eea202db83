"""Pages of a long answer: a next link is followed with the same body, anchor and connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from connectors.emulator.service import Call
from connectors.emulator.wire import Body

LARGEST = 1000
EXPIRED = "Expired or Invalid pagination request"
_AFFINITY = ("x-anchormailbox", "connection-id")


class LostPlace(Exception):
    """A next link was followed without what keeps the place: the same body, anchor and connection."""


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some of the rows, and the token of the next ones where there are more."""

    rows: Sequence[Body]
    token: str | None


def cut(call: Call, rows: Sequence[Body]) -> RowPage:
    """Take the page that a call asks for."""
    start = _start(call)
    end = start + _size(call.headers)
    return RowPage(rows[start:end], f"{end}.{_affinity(call)}" if end < len(rows) else None)


def next_link(root: str, token: str) -> str:
    """Make the address under which the next page is asked for."""
    return f"{root}/InvokeCommand?%24skiptoken={quote(token)}"


def _size(headers: Mapping[str, str]) -> int:
    for preference in headers.get("prefer", "").replace(",", ";").split(";"):
        name, _, value = preference.strip().partition("=")
        if name.lower() == "odata.maxpagesize" and value.isdecimal() and int(value) > 0:
            return min(int(value), LARGEST)
    return LARGEST


def _start(call: Call) -> int:
    token = next((value for name, value in call.query if name.lower() == "$skiptoken"), None)
    if token is None:
        return 0
    start, _, affinity = token.partition(".")
    kept = all(call.headers.get(name) for name in _AFFINITY)
    if not kept or affinity != _affinity(call) or not start.isdecimal():
        raise LostPlace
    return int(start)


def _affinity(call: Call) -> str:
    kept = [*(call.headers.get(name, "") for name in _AFFINITY), call.body.decode(errors="replace")]
    return sha256("\n".join(kept).encode()).hexdigest()[:24]
