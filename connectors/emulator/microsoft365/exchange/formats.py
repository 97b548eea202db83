"""Checks and writes Exchange's values, such as sizes, times and IP addresses, and lists its enumerations."""

import json
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

from connectors.emulator.data_files import read_data
from connectors.emulator.store import Json

_SIZE = re.compile(r"(?P<amount>\d+(\.\d+)?)\s?(?P<unit>B|KB|MB|GB|TB)?(\s\((?P<bytes>[\d,]+) bytes\))?", re.IGNORECASE)
_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_SPAN = re.compile(r"(?P<days>\d+)(\.(?P<clock>\d\d:\d\d:\d\d))?")
_HEADER = re.compile(r"[!-9;-~]+")  # RFC 5322: printable, no colon
_STATUS = re.compile(r"5\.7\.(1|9\d\d)")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
# The differences between regular expressions of .NET and of Python.
_DOTNET = ((re.compile(r"\(\?<(?=[A-Za-z_])"), "(?P<"), (re.compile(r"\\[pP]\{\w+\}"), r"\\w"))


def to_size(text: str) -> str:
    """Return a size as Exchange shows it, such as 10 MB (10,485,760 bytes). Raise ValueError if it is not a size."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text} is not a size. Write 10 MB")
    if match["bytes"]:
        count = int(match["bytes"].replace(",", ""))
    else:
        count = int(float(match["amount"]) * _UNITS[(match["unit"] or "B").upper()])
    unit = next((unit for unit in ("TB", "GB", "MB", "KB") if count >= _UNITS[unit]), "B")
    amount = count / _UNITS[unit]
    return f"{amount:.4g} {unit} ({count:,} bytes)"


def to_moment(when: datetime) -> str:
    """Return an instant as UTC text with seven decimals of a second, as .NET writes it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00")


def to_span(text: str) -> str:
    """Return a duration as .NET writes it, such as 14.00:00:00. A plain number means days.

    Raise ValueError if the text is not a duration.
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text} is not a duration. Write a number of days, or a time span such as 14.00:00:00")
    return f"{int(match['days'])}.{match['clock'] or '00:00:00'}"


def to_unlimited_span(text: str) -> str:
    """Return a duration as .NET writes it, or `Unlimited`. Raise ValueError for any other text."""
    return "Unlimited" if text.strip().lower() == "unlimited" else to_span(text)


def check_expression(text: str) -> str:
    """Return a regular expression of .NET unchanged. Raise ValueError if Python finds an error in it."""
    written = text
    for theirs, ours in _DOTNET:
        written = theirs.sub(ours, written)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python foresees set operations that .NET does not have
            re.compile(written)
    except re.error as error:
        if "look-behind" not in str(error):  # .NET allows it any width
            raise ValueError(f"the regular expression {text} is invalid: {error}") from None
    return text


def check_ip_addresses(text: str) -> str:
    """Return an IP address, a network in CIDR notation, or a range of IP addresses unchanged.

    Raise ValueError for any other text.
    """
    first, dash, last = text.partition("-")
    if dash:
        low, high = ip_address(first.strip()), ip_address(last.strip())
        if low.version != high.version or int(low) > int(high):
            raise ValueError(f"{text} is not a range of addresses")
    else:
        ip_network(text, strict=False)
    return text


def check_header_name(text: str) -> str:
    """Return the name of a header field of mail unchanged. Raise ValueError if it has a forbidden character."""
    return _check_pattern(_HEADER, text, "not the name of a header field")


def check_status_code(text: str) -> str:
    """Return the status code of a rejected message unchanged. Raise ValueError unless Exchange allows the code."""
    return _check_pattern(_STATUS, text, "not 5.7.1 or between 5.7.900 and 5.7.999")


def check_mail_address(text: str) -> str:
    """Return a mail address unchanged. Raise ValueError if it is not valid."""
    return _check_pattern(_ADDRESS, text, "not a mail address")


def to_sentence_text(value: Json) -> str:
    """Return a value of any type as text for use in a message."""
    return value if isinstance(value, str) else json.dumps(value)


def _check_pattern(pattern: re.Pattern[str], text: str, message: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"{text} is {message}")
    return text


MEMBERS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(members) for kind, members in read_data(Path(__file__).parent / "enumerations.json").items()
}
