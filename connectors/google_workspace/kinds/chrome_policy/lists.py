"""What a playbook may write into the lists of a policy."""

import re
from collections.abc import Callable, Iterable, Iterator

from connectors.google_workspace.kinds.chrome_policy.rows import ChromeField, ChromeFieldType
from connectors.google_workspace.kinds.chrome_policy.urls import wrong_allowed, wrong_blocked
from toolkit.sdk.spec import Lacks, Listed, written_entries

MOST = 1000
"""Addresses in one list."""


def checked_list(field: ChromeField) -> Callable[[Listed | None], Listed | None]:
    """Make the check of a list: its entries one by one, and how many they are."""

    def check(written: Listed | None) -> Listed | None:
        if isinstance(written, Lacks):  # an entry that Chrome would not take is not there either way
            return written
        if written == []:
            raise ValueError("an empty list asks for nothing; write {exactly: []} for a list without any entry")
        entries = written_entries(written)
        if len(set(entries)) > MOST:
            raise ValueError(f"it has {len(set(entries)):,} entries, and Chrome takes {MOST:,} in a list")
        if wrong := next(_wrong(field, entries), None):
            raise ValueError(wrong)
        return written

    return check


def _wrong(field: ChromeField, entries: Iterable[str]) -> Iterator[str]:
    for entry in entries:
        match field.takes:
            case ChromeFieldType.BLOCKED:
                wrong = wrong_blocked(entry)
            case ChromeFieldType.ALLOWED:
                wrong = wrong_allowed(entry)
            case _:
                wrong = None if re.fullmatch(field.entry, entry, re.IGNORECASE) else _unlike(field, entry)
        if wrong:
            yield wrong


def _unlike(field: ChromeField, entry: str) -> str:
    example = field.example[0] if isinstance(field.example, list) else field.example
    return f"{entry!r} is none; one looks like {example}"
