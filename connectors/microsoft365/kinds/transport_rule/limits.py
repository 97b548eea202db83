"""What Exchange does not take, checked before anything is sent, and forms that only mail rules have."""

import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network, summarize_address_range

from toolkit.sdk import PATTERNS, Form, Listed, written_entries
from toolkit.values import AtLeast, Json, Value, unique


def canonical_range(text: str) -> str:
    """Write an address, a network or a range `from-to` in the shortest of the three; ValueError if it is none."""
    first, last = _ends(text)
    if first == last:
        return str(first)
    networks = list(_networks(first, last))
    return str(networks[0]) if len(networks) == 1 else f"{first}-{last}"


def _ends(text: str) -> tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]:
    low, dash, high = (part.strip() for part in text.partition("-"))
    if not dash:
        network = ip_network(low, strict=False)
        return network[0], network[-1]
    first, last = ip_address(low), ip_address(high)
    if first.version != last.version or int(first) > int(last):
        raise ValueError(f"{text!r} is not a range: it runs from the lower to the higher address of one family")
    return first, last


def _networks(first: IPv4Address | IPv6Address, last: IPv4Address | IPv6Address) -> Iterator[object]:
    if isinstance(first, IPv4Address) and isinstance(last, IPv4Address):
        return summarize_address_range(first, last)
    if isinstance(first, IPv6Address) and isinstance(last, IPv6Address):
        return summarize_address_range(first, last)
    return iter(())


def _ranges(value: Json) -> Value:
    match PATTERNS.read(value):
        case AtLeast(items):
            return AtLeast(unique(map(canonical_range, items)))
        case tuple() as items:
            return unique(map(canonical_range, items))
        case unset:
            return unset


RANGES = Form("list of addresses, networks or ranges of machines", _ranges, is_list=True)


NAME = 64
BYTES_OF_A_RULE = 8 * 1024
WORD = 128

ATTRIBUTES = (
    "City", "Company", "Country", *(f"CustomAttribute{number}" for number in range(1, 16)), "Department",
    "DisplayName", "Email", "FaxNumber", "FirstName", "HomePhoneNumber", "Initials", "LastName", "Manager",
    "MobileNumber", "Notes", "Office", "OtherFaxNumber", "OtherHomePhoneNumber", "OtherPhoneNumber", "PagerNumber",
    "PhoneNumber", "POBox", "State", "Street", "Title", "UserLogonName", "ZipCode",
)  # fmt: skip
"""The attributes of a person that Exchange's rules can compare (New-TransportRule, SenderADAttributeContainsWords)."""

_ATTRIBUTES = {name.lower(): name for name in ATTRIBUTES}

REPORT_CONTENTS = (
    "Sender", "Recipients", "Subject", "CC", "BCC", "Severity", "RuleDetections", "FalsePositive", "IdMatch",
    "AttachOriginalMail",
)  # fmt: skip

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_HEADER = re.compile(r"[!-9;-~]+")  # RFC 5322: printable, no colon
_DOMAIN = re.compile(r"[^\s@*/.][^\s@*/]*")
_SIZE = re.compile(r"\d+(\.\d+)?\s?(B|KB|MB|GB|TB)?", re.IGNORECASE)
# Escaped characters and character classes, in which signs stand for themselves.
_LITERAL = re.compile(r"\\.|\[\^?+\]?+(?:\\.|[^\]\\])*+(?:\]|\\?\Z)", re.DOTALL)
# Python's own, which .NET has not.
_ONLY_PYTHON = re.compile(r"\(\?P[<=>]|[*+?}]\+")
# Exchange answers: "You cannot configure a pattern with groups of multiple match conditions" and names these four.
_COSTLY_GROUP = re.compile(r"\([^()]*\.(?:[*+]|\{[01],)")
# .NET's way of writing what Python has too; the pattern itself is sent as it was written.
_DOTNET = ((re.compile(r"\(\?<(?=[A-Za-z_])"), "(?P<"), (re.compile(r"\\[pP]\{\w+\}"), r"\\w"))


def each(check: Callable[[str], None], *, most: int | None = None) -> Callable[[Listed | None], Listed | None]:
    """Make a check of a whole list out of one for its entries."""

    def checked(written: Listed | None) -> Listed | None:
        if written is None:
            return None
        entries = written_entries(written)
        if not entries:
            raise ValueError("an empty list sets no bounds; leave the setting out, or write null")
        if most is not None and len(entries) > most:
            raise ValueError(f"Exchange takes at most {most} entries here, not {len(entries)}")
        for entry in entries:
            check(entry)
        return written

    return checked


def word(text: str) -> None:
    if not text.strip():
        raise ValueError("an empty word matches every message")


def subject_word(text: str) -> None:
    word(text)
    if len(text) > WORD:
        raise ValueError(f"{text[:20]!r}... has {len(text)} characters; Exchange takes {WORD}")


def extension(text: str) -> None:
    word(text)
    if text.startswith((".", "*")):
        raise ValueError(f"write {text.lstrip('*.')!r} for {text!r}: Exchange compares extensions without the dot")


def domain(text: str) -> None:
    if not _DOMAIN.fullmatch(text):
        raise ValueError(f"{text!r} is not a domain; write one as example.org: its subdomains are meant too")


def address(text: str) -> None:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text!r} is not a mail address; name a recipient by the primary one")


def one_address(text: str | None) -> str | None:
    if text is not None:
        address(text)
    return text


def attribute(text: str | None) -> str | None:
    if text is not None and text not in ATTRIBUTES:
        raise ValueError(f"{text!r} is not an attribute that rules can compare; they are {', '.join(ATTRIBUTES)}")
    return text


def report_content(text: str) -> None:
    if text not in REPORT_CONTENTS:
        raise ValueError(f"{text!r} is nothing that an incident report can hold; it is {', '.join(REPORT_CONTENTS)}")


def header(text: str | None) -> str | None:
    if text is not None and not _HEADER.fullmatch(text):
        raise ValueError(f"{text!r} is not the name of a header field; write one as X-School-Checked, without a colon")
    return text


def pattern(text: str) -> None:
    """Refuse a regular expression that Exchange would not take; it follows .NET's rules and has a few of its own."""
    word(text)
    signs = _LITERAL.sub("x", text)
    if _ONLY_PYTHON.search(signs):
        raise ValueError(f"the pattern {text!r} uses what .NET has not: (?P<name>...), or a + behind a quantifier")
    if _COSTLY_GROUP.search(signs):
        raise ValueError(f"the pattern {text!r} has .* or .+ inside a group, which Exchange refuses as too costly")
    written = text
    for theirs, ours in _DOTNET:
        written = theirs.sub(ours, written)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python foresees set operations that .NET does not have
            re.compile(written)
    except re.error as error:
        if "look-behind" not in str(error):  # .NET allows it any width
            raise ValueError(f"the pattern {text!r} cannot be read: {error}") from error


def attribute_words(text: str) -> None:
    """Check `Department:office,leadership`: an attribute with the words to look for in it."""
    name, colon, wanted = text.partition(":")
    if not colon or not wanted.strip():
        raise ValueError(f"{text!r} names no words; write an attribute with its words as Department:office,leadership")
    attribute(_ATTRIBUTES.get(name.lower(), name))  # lists of words are compared, and imported, in lower case


def attribute_pattern(text: str) -> None:
    attribute_words(text)
    pattern(text.partition(":")[2])


def property_words(text: str) -> None:
    """Check `Sensitivity:internal`: a property of a document with the words to look for in it."""
    name, colon, wanted = text.partition(":")
    if not (name.strip() and colon and wanted.strip()):
        raise ValueError(f"{text!r} is not a property with its words; write one as Sensitivity:internal,confidential")


def ip_range(text: str) -> None:
    try:
        canonical_range(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not an address, network or range; write 192.0.2.0/24 or 192.0.2.1-192.0.2.9"
        ) from error


def size(written: str | int | None) -> str | int | None:
    if isinstance(written, str) and not _SIZE.fullmatch(written.strip()):
        raise ValueError(f"{written!r} is not a size; write one as 10 MB")
    return written


def moment(written: str | None) -> str | None:
    """Want an offset: a time without one means another hour in summer than in winter."""
    if written is None:
        return None
    try:
        instant = datetime.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"{written!r} is not a date and time; write one as 2026-09-01T08:00:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError(f"{written!r} says no time zone; write it with its offset, as 2026-09-01T08:00:00+01:00")
    return written


def check_name(name: str) -> str | None:
    """Say what is wrong with a rule's name, None if nothing is."""
    if len(name) > NAME:
        return f"{name!r} has {len(name)} characters; Exchange takes {NAME}"
    if name != name.strip():
        return f"{name!r} begins or ends with a space, which Exchange takes away"
    return None
