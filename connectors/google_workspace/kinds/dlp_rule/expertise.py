"""What somebody who protects a school's data knows about a rule before it is written."""

import re
from collections.abc import Iterator, Sequence

from toolkit.sdk.resource import Observed
from toolkit.values import Settings, entries

_WATCHED = ("gmail_action", "drive_action", "chat_action", "chrome_action")
"""Where a rule can block, and can record without blocking."""

_PIECES = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|&&|\|\||[()]")


def does_same_job(observed: Settings, desired: Settings) -> bool:
    """Say whether two rules look for the same on one occasion at least, whatever they do then."""
    occasions = set(entries(observed.get("triggers"))) & set(entries(desired.get("triggers")))
    return bool(occasions) and observed.get("condition") == desired.get("condition")


def cautious(settings: Settings) -> Settings:
    """Let a new rule that blocks only record at first, wherever Google can."""
    return {**settings, **{action: "audit" for action in _WATCHED if settings.get(action) == "block"}}


def promotion(observed: Observed, settings: Settings) -> str | None:
    """Say when a rule that only recorded begins to act."""
    acting = [
        action
        for action in _WATCHED
        if observed.settings.get(action) == "audit" and settings.get(action) in {"block", "warn"}
    ]
    return f"begins to act: until now it only recorded ({', '.join(acting)} audit)" if acting else None


def holds_up(settings: Settings, protected: Sequence[str]) -> tuple[str, ...]:
    """List those of the protected addresses whose mail a rule could stop: a condition can leave out an address."""
    if settings.get("gmail_action") != "block" or settings.get("state") == "INACTIVE":
        return ()
    spared = {address for term in _terms(str(settings.get("condition") or "")) for address in _spared(term)}
    return tuple(address for address in protected if address.lower() not in spared)


def _terms(condition: str) -> Iterator[str]:
    """Give the terms that must all hold; of a condition in which one of two is enough, only the whole."""
    depth, start, ends = 0, 0, []
    for piece in _PIECES.finditer(condition):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if depth == 0 and piece[0] == "||":
            yield condition
            return
        if depth == 0 and piece[0] == "&&":
            ends.append((start, piece.start()))
            start = piece.end()
    yield from (condition[first:last] for first, last in [*ends, (start, len(condition))])


def _spared(term: str) -> Iterator[str]:
    """Give the address that a term leaves out: `!all_headers.contains('head@school.example')`."""
    if found := re.fullmatch(r"\s*!\s*all_headers\.contains\(\s*(['\"])(?P<address>[^'\"\s]+)\1\s*\)\s*", term):
        yield found["address"].lower()
