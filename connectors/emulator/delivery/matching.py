"""Matching of words, patterns, domains and IP addresses, and logic with facts that may be missing (None)."""

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def all_of(facts: Iterable[bool | None]) -> bool | None:
    """Return whether every fact is true. One false fact decides, whatever else is missing."""
    listed = list(facts)
    return False if False in listed else None if None in listed else True


def any_of(facts: Iterable[bool | None]) -> bool | None:
    """Return whether a fact is true. One true fact decides, whatever else is missing."""
    listed = list(facts)
    return True if True in listed else None if None in listed else False


def negate(fact: bool | None) -> bool | None:  # noqa: FBT001 - a fact, not a switch
    return None if fact is None else not fact


def contains_word(text: str, words: Iterable[str]) -> bool:
    """Return whether a text contains one of the words or phrases completely, in upper or lower case.

    An edge of a word is checked only if the word begins or ends there with a letter, a digit or an underscore.
    """
    return any(_word_expression(word).search(text) is not None for word in words)


@lru_cache(maxsize=4096)
def _word_expression(word: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if re.match(r"\w", word) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", word) else ""
    return re.compile(before + re.escape(word) + after, re.IGNORECASE)


def matches_pattern(text: str, patterns: Iterable[str]) -> bool | None:
    """Return whether one of the regular expressions is found in a text, in upper or lower case.

    The result is None if none is found, and Python cannot read one of the expressions.
    """
    expressions = [_expression(pattern) for pattern in patterns]
    return any_of(None if expression is None else expression.search(text) is not None for expression in expressions)


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str] | None:
    written = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", pattern)  # a named group of .NET
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(written, re.IGNORECASE)
    except re.error:
        return None


def is_in_domain(address: str, domains: Iterable[str]) -> bool:
    """Return whether an address is in one of the domains or of their subdomains."""
    own = f".{address.rpartition('@')[2].lower()}"
    return any(own.endswith(f".{domain.lower().lstrip('.@')}") for domain in domains)


def is_in_range(address: str, ranges: Iterable[str]) -> bool:
    """Return whether an IP address is in one of the ranges: an address, first-last, or a network in CIDR notation."""
    sought = ip_address(address)
    return any(_is_in_single_range(sought, written) for written in ranges)


def _is_in_single_range(sought: IPv4Address | IPv6Address, written: str) -> bool:
    first, dash, last = written.partition("-")
    if not dash:
        return sought in ip_network(written.strip(), strict=False)
    low, high = ip_address(first.strip()), ip_address(last.strip())
    return sought.version == low.version and int(low) <= int(sought) <= int(high)
