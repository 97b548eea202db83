"""Read people's addresses from a question or from standard input, and never from the command line."""

import re
import sys
from collections.abc import Iterable, Sequence

from toolkit.errors import UsageError

_ADDRESS = re.compile(r"[^@\s*]++@(?=[^@\s*]+\.[^@\s*])[^@\s*]++")


def read_people_addresses(question: str) -> list[str]:
    """Ask for people's addresses. Return the lines of standard input or, on a terminal, the answer to the question."""
    from toolkit.cli.shared.terminal import ask_text

    return [ask_text(question)] if sys.stdin.isatty() else sys.stdin.read().splitlines()


def check_addresses(lines: Iterable[str]) -> Sequence[str]:
    """Return people's addresses in lower case, without duplicates.

    Raise UsageError if a line is not an address, or if there are no addresses.
    """
    addresses = list(dict.fromkeys(line.strip().casefold() for line in lines if line.strip()))
    if not addresses:
        raise UsageError("no person was named: write one address on each line")
    for number, address in enumerate(addresses, start=1):
        if not _ADDRESS.fullmatch(address):
            raise UsageError(f"entry {number} is not an address such as name@school.example, and nothing was sent")
    return addresses
