"""Checks the values in a mail rule against Exchange's limits before anything is sent. Also converts special values."""

import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network, summarize_address_range

from toolkit.sdk import PATTERNS, Form, Listed, written_entries
from toolkit.values import AtLeast, Json, Settings, Value, entries, unique


def canonical_range(text: str) -> str:
    """Return an address, a network, or a range such as `192.0.2.1-192.0.2.9`, in its shortest form.

    Raise ValueError for any other text.
    """
    first, last = _parse_range(text)
    if first == last:
        return str(first)
    networks = list(_list_networks_between(first, last))
    return str(networks[0]) if len(networks) == 1 else f"{first}-{last}"


def _parse_range(text: str) -> tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]:
    low, dash, high = (part.strip() for part in text.partition("-"))
    if not dash:
        network = ip_network(low, strict=False)
        return network[0], network[-1]
    first, last = ip_address(low), ip_address(high)
    if first.version != last.version or int(first) > int(last):
        raise ValueError(
            f"{text!r} is not a range. Write the lower address before the higher one, both IPv4 or both IPv6"
        )
    return first, last


def _list_networks_between(first: IPv4Address | IPv6Address, last: IPv4Address | IPv6Address) -> Iterator[object]:
    if isinstance(first, IPv4Address) and isinstance(last, IPv4Address):
        return summarize_address_range(first, last)
    if isinstance(first, IPv6Address) and isinstance(last, IPv6Address):
        return summarize_address_range(first, last)
    return iter(())


def _read_ranges(value: Json) -> Value:
    match PATTERNS.read(value):
        case AtLeast(items):
            return AtLeast(unique(map(canonical_range, items)))
        case tuple() as items:
            return unique(map(canonical_range, items))
        case unset:
            return unset


RANGES = Form("list of IP addresses, networks or ranges", _read_ranges, is_list=True)


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
# Escaped characters and character classes, in which special characters are literal.
_LITERAL = re.compile(r"\\.|\[\^?+\]?+(?:\\.|[^\]\\])*+(?:\]|\\?\Z)", re.DOTALL)
# Syntax that only Python has and .NET does not.
_ONLY_PYTHON = re.compile(r"\(\?P[<=>]|[*+?}]\+")
# Exchange's error is "You cannot configure a pattern with groups of multiple match conditions". It names these four.
_COSTLY_GROUP = re.compile(r"\([^()]*\.(?:[*+]|\{[01],)")
# .NET syntax for features that Python also has. It is replaced only to check the pattern, which is sent as written.
_DOTNET = ((re.compile(r"\(\?<(?=[A-Za-z_])"), "(?P<"), (re.compile(r"\\[pP]\{\w+\}"), r"\\w"))


def check_each(check: Callable[[str], None], *, most: int | None = None) -> Callable[[Listed | None], Listed | None]:
    """Return a validator that checks each entry of a list, and its length if `most` is given."""

    def check_list(value: Listed | None) -> Listed | None:
        if value is None:
            return None
        entries = written_entries(value)
        if not entries:
            raise ValueError("an empty list limits nothing. Leave the setting out, or write null")
        if most is not None and len(entries) > most:
            raise ValueError(f"Exchange allows at most {most} entries here, not {len(entries)}")
        for entry in entries:
            check(entry)
        return value

    return check_list


def check_word(text: str) -> None:
    if not text.strip():
        raise ValueError("an empty word matches every message")


def check_subject_word(text: str) -> None:
    check_word(text)
    if len(text) > WORD:
        raise ValueError(f"{text[:20]!r}... has {len(text)} characters. Exchange allows {WORD}")


def check_extension(text: str) -> None:
    check_word(text)
    if text.startswith((".", "*")):
        raise ValueError(
            f"write {text.lstrip('*.')!r} instead of {text!r}, because Exchange compares extensions without a dot"
        )


def check_domain(text: str) -> None:
    if not _DOMAIN.fullmatch(text):
        raise ValueError(f"{text!r} is not a domain. Write one such as example.org, which includes its subdomains")


def check_address(text: str) -> None:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text!r} is not an email address. Write the recipient's primary address")


def check_optional_address(text: str | None) -> str | None:
    if text is not None:
        check_address(text)
    return text


def check_attribute(text: str | None) -> str | None:
    if text is not None and text not in ATTRIBUTES:
        raise ValueError(f"{text!r} is not an attribute that rules can compare. Use one of: {', '.join(ATTRIBUTES)}")
    return text


def check_report_content(text: str) -> None:
    if text not in REPORT_CONTENTS:
        raise ValueError(f"{text!r} cannot be in an incident report. Use one of: {', '.join(REPORT_CONTENTS)}")


def check_header(text: str | None) -> str | None:
    if text is not None and not _HEADER.fullmatch(text):
        raise ValueError(
            f"{text!r} is not the name of a header field. Write one such as X-School-Checked, without a colon"
        )
    return text


def check_pattern(text: str) -> None:
    """Raise ValueError for a regular expression that Exchange would refuse.

    Exchange uses .NET's syntax, with limits.
    """
    check_word(text)
    signs = _LITERAL.sub("x", text)
    if _ONLY_PYTHON.search(signs):
        raise ValueError(
            f"the pattern {text!r} uses (?P<name>...) or a + after a quantifier, which .NET does not support"
        )
    if _COSTLY_GROUP.search(signs):
        raise ValueError(f"the pattern {text!r} has .* or .+ inside a group, which Exchange refuses as too costly")
    translated = text
    for dotnet_syntax, python_syntax in _DOTNET:
        translated = dotnet_syntax.sub(python_syntax, translated)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of set operations that .NET does not have
            re.compile(translated)
    except re.error as error:
        if "look-behind" not in str(error):  # .NET allows it any width
            raise ValueError(f"the pattern {text!r} is not a valid regular expression: {error}") from error


def check_attribute_words(text: str) -> None:
    """Raise ValueError unless a text is an attribute with words, such as `Department:office,leadership`."""
    name, colon, words = text.partition(":")
    if not colon or not words.strip():
        raise ValueError(
            f"{text!r} has no words. Write an attribute and its words, such as Department:office,leadership"
        )
    check_attribute(_ATTRIBUTES.get(name.lower(), name))  # lists of words are compared, and imported, in lower case


def check_attribute_pattern(text: str) -> None:
    check_attribute_words(text)
    check_pattern(text.partition(":")[2])


def check_property_words(text: str) -> None:
    """Raise ValueError unless a text is a document property with words, such as `Sensitivity:internal`."""
    name, colon, words = text.partition(":")
    if not (name.strip() and colon and words.strip()):
        raise ValueError(f"{text!r} is not a property with words. Write one such as Sensitivity:internal,confidential")


def check_ip_range(text: str) -> None:
    try:
        canonical_range(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not an address, network or range. Write 192.0.2.0/24 or 192.0.2.1-192.0.2.9"
        ) from error


def check_size(value: str | int | None) -> str | int | None:
    if isinstance(value, str) and not _SIZE.fullmatch(value.strip()):
        raise ValueError(f"{value!r} is not a size. Write one such as 10 MB")
    return value


def check_moment(value: str | None) -> str | None:
    """Raise ValueError if a time has no offset from UTC, because its meaning would differ in summer and winter."""
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date and time. Write one such as 2026-09-01T08:00:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone. Write it with its offset, such as 2026-09-01T08:00:00+01:00")
    return value


def check_name(name: str) -> str | None:
    """Return the problem with a rule's name, or None if the name is valid."""
    if len(name) > NAME:
        return f"{name!r} has {len(name)} characters. Exchange allows {NAME}"
    if name != name.strip():
        return f"{name!r} begins or ends with a space, which Exchange removes"
    return None


def size_of_patterns(settings: Settings) -> int:
    """Return the bytes of a rule's regular expressions, of which a tenant's rules can have 20 KB together."""
    lists = (value for path, value in settings.items() if path.endswith("matches_patterns"))
    return sum(len(pattern.encode()) for value in lists for pattern in entries(value))
