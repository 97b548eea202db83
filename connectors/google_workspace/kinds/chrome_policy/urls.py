"""What Chrome takes as an entry of its lists of addresses.

Follows https://chromium.org/administrators/url-blocklist-filter-format
"""

import re

from toolkit.catalogue.guard import covered

EVERYTHING = "*"
_PATTERN = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*|\*)://)?"
    r"(?:[^/@?#]*@)?"
    r"(?P<host>\*|(?:\*\.|\.)?[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-f:.]+\])?"
    r"(?::(?P<port>\d+|\*))?"
    r"(?P<rest>[/?#].*)?",
    re.IGNORECASE,
)
_SCHEME_ALONE = re.compile(r"(?!(?:https?|wss?|ftp):)[a-z][a-z0-9+-]*:(?://)?\*?", re.IGNORECASE)
_WITH_HOST = frozenset({"http", "https", "ws", "wss", "ftp", "*", ""})
_LAST_PORT = 65535


def wrong_blocked(entry: str) -> str | None:
    """Say why an address cannot be blocked: Chrome would not take it, or what the school needs would break."""
    if wrong := _wrong(entry):
        return wrong
    needed = covered(entry)
    return f"{entry} cannot be blocked: it covers {needed}" if needed else None


def wrong_allowed(entry: str) -> str | None:
    """Say why an address cannot be kept open."""
    if entry == EVERYTHING:
        return f"{EVERYTHING} alone cannot be an exception: Chrome refuses it"
    return _wrong(entry)


def _wrong(entry: str) -> str | None:
    if not entry or any(one.isspace() for one in entry):
        return f"{entry!r} is no address that Chrome takes: it is empty, or has a space in it"
    if _SCHEME_ALONE.fullmatch(entry):
        return None
    found = None if entry.lower() in {"http:*", "https:*"} else _PATTERN.fullmatch(entry)
    if not found or (not found["host"] and (found["scheme"] or "").lower() in _WITH_HOST):
        return f"{entry!r} is no address that Chrome takes; one looks like example.com, .example.com or example.com/a"
    if (found["port"] or "").isdigit() and not 0 < int(found["port"]) <= _LAST_PORT:
        return f"{entry!r} has a port that is none; they go from 1 to {_LAST_PORT}"
    return None
