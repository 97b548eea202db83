"""What a playbook may write into the lists of a policy, and what Chrome takes as an entry of its lists of addresses.

Follows https://chromium.org/administrators/url-blocklist-filter-format
"""

import re
from collections.abc import Callable, Iterable, Iterator

from connectors.google_workspace.kinds.chrome_policy.table import ChromeField, ChromeFieldType
from toolkit.catalogue.guard import covered
from toolkit.sdk import Lacks, Listed, written_entries

MOST = 1000
"""Addresses in one list."""
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


def list_check(field: ChromeField) -> Callable[[Listed | None], Listed | None]:
    """Make the check of a list: its entries one by one, and how many they are."""

    def check(written: Listed | None) -> Listed | None:
        if isinstance(written, Lacks):  # an entry that Chrome would not take is not there either way
            return written
        if written == []:
            raise ValueError("an empty list asks for nothing; write {exactly: []} for a list without any entry")
        entries = written_entries(written)
        if len(set(entries)) > MOST:
            raise ValueError(f"it has {len(set(entries)):,} entries, and Chrome takes {MOST:,} in a list")
        if problem := next(_entry_problems(field, entries), None):
            raise ValueError(problem)
        return written

    return check


def _entry_problems(field: ChromeField, entries: Iterable[str]) -> Iterator[str]:
    for entry in entries:
        match field.takes:
            case ChromeFieldType.BLOCKED:
                problem = _block_problem(entry)
            case ChromeFieldType.ALLOWED:
                problem = _allow_problem(entry)
            case _:
                problem = None if re.fullmatch(field.entry, entry, re.IGNORECASE) else _format_problem(field, entry)
        if problem:
            yield problem


def _format_problem(field: ChromeField, entry: str) -> str:
    example = field.example[0] if isinstance(field.example, list) else field.example
    return f"{entry!r} is none; one looks like {example}"


def _block_problem(entry: str) -> str | None:
    """Say why an address cannot be blocked: Chrome would not take it, or what the school needs would break."""
    if problem := _address_problem(entry):
        return problem
    needed = covered(entry)
    return f"{entry} cannot be blocked: it covers {needed}" if needed else None


def _allow_problem(entry: str) -> str | None:
    """Say why an address cannot be kept open."""
    if entry == EVERYTHING:
        return f"{EVERYTHING} alone cannot be an exception: Chrome refuses it"
    return _address_problem(entry)


def _address_problem(entry: str) -> str | None:
    if not entry or any(character.isspace() for character in entry):
        return f"{entry!r} is not an address that Chrome takes: it is empty, or has a space in it"
    if _SCHEME_ALONE.fullmatch(entry):
        return None
    match = None if entry.lower() in {"http:*", "https:*"} else _PATTERN.fullmatch(entry)
    if not match or (not match["host"] and (match["scheme"] or "").lower() in _WITH_HOST):
        return f"{entry!r} is not an address that Chrome takes; write example.com, .example.com or example.com/a"
    if (match["port"] or "").isdigit() and not 0 < int(match["port"]) <= _LAST_PORT:
        return f"{entry!r} has a port that is none; they go from 1 to {_LAST_PORT}"
    return None
