"""Checks the entries of lists in a playbook, such as the address patterns that Chrome accepts.

Follows https://chromium.org/administrators/url-blocklist-filter-format
"""

import re
from collections.abc import Callable, Iterable, Iterator

from connectors.google_workspace.kinds.chrome_policy.table import ChromeField, ChromeFieldType
from toolkit.catalogue.guard import find_blocked_host
from toolkit.sdk import Lacks, Listed, written_entries

MOST = 1000
"""Maximum number of addresses in a list."""
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
    """Return a function that checks the entries of a list, and the number of entries."""

    def check(value: Listed | None) -> Listed | None:
        if isinstance(value, Lacks):  # entries to remove may be entries that Chrome would reject
            return value
        if value == []:
            raise ValueError("an empty list has no effect. Write {exactly: []} for a list without entries")
        entries = written_entries(value)
        if len(set(entries)) > MOST:
            raise ValueError(f"the list has {len(set(entries)):,} entries, but Chrome accepts at most {MOST:,}")
        if problem := next(_find_entry_problems(field, entries), None):
            raise ValueError(problem)
        return value

    return check


def _find_entry_problems(field: ChromeField, entries: Iterable[str]) -> Iterator[str]:
    for entry in entries:
        match field.takes:
            case ChromeFieldType.BLOCKED:
                problem = _find_blocking_problem(entry)
            case ChromeFieldType.ALLOWED:
                problem = _find_allowing_problem(entry)
            case _:
                problem = (
                    None if re.fullmatch(field.entry, entry, re.IGNORECASE) else _find_format_problem(field, entry)
                )
        if problem:
            yield problem


def _find_format_problem(field: ChromeField, entry: str) -> str:
    example = field.example[0] if isinstance(field.example, list) else field.example
    return f"{entry!r} is not a valid entry. Example: {example}"


def _find_blocking_problem(entry: str) -> str | None:
    """Return why an address cannot be blocked, or None if it can.

    Chrome may reject the address, or the entry would also block an address that the school needs.
    """
    if problem := _find_address_problem(entry):
        return problem
    needed = find_blocked_host(entry)
    return f"{entry} cannot be blocked, because it covers {needed}" if needed else None


def _find_allowing_problem(entry: str) -> str | None:
    """Return why an address cannot be allowed in Chrome, or None if it can."""
    if entry == EVERYTHING:
        return f"{EVERYTHING} cannot be an allowed address, because Chrome rejects it"
    return _find_address_problem(entry)


def _find_address_problem(entry: str) -> str | None:
    if not entry or any(character.isspace() for character in entry):
        return f"{entry!r} is not an address that Chrome accepts, because it is empty or contains a space"
    if _SCHEME_ALONE.fullmatch(entry):
        return None
    match = None if entry.lower() in {"http:*", "https:*"} else _PATTERN.fullmatch(entry)
    if not match or (not match["host"] and (match["scheme"] or "").lower() in _WITH_HOST):
        return f"{entry!r} is not an address that Chrome accepts. Write example.com, .example.com or example.com/a"
    if (match["port"] or "").isdigit() and not 0 < int(match["port"]) <= _LAST_PORT:
        return f"{entry!r} has an invalid port. Ports go from 1 to {_LAST_PORT}"
    return None
