"""Lengths of time: people write `5 min`, Google counts in seconds for one field and in minutes for another."""

import re
from collections.abc import Callable, Mapping

from connectors.google_workspace.kinds.chrome_policy.rows import ChromeField, ChromeFieldType
from toolkit.sdk.form import Form
from toolkit.values import Json, Value

_MINUTE = 60
_UNITS: Mapping[str, int] = {"s": 1, "min": _MINUTE, "h": 60 * _MINUTE}
_WRITTEN = re.compile(r"(\d+) ?(s|min|h)")


def parse_length(text: str) -> int:
    """Read `5 min`, `90 s` or `8 h` as seconds; ValueError for anything else."""
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no length of time; write one as 5 min, 90 s or 8 h")
    return int(found[1]) * _UNITS[found[2]]


def shown_length(seconds: int) -> str:
    """Write seconds in the largest unit that holds them whole."""
    unit = next((unit for unit in ("h", "min") if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds // _UNITS[unit]} {unit}"


def length_form(field: ChromeField) -> Form:
    """Make the form of a length of time: on the wire a number inside an object."""
    unit = _MINUTE if field.takes is ChromeFieldType.MINUTES else 1

    def read(value: Json) -> Value:
        match value:
            case {"duration": int() | str() as number}:
                return shown_length(int(number) * unit)
            case None | "" | Mapping():
                return None
            case _:
                return shown_length(parse_length(str(value)))

    def write(value: Value) -> Json:
        return None if value is None else {"duration": parse_length(str(value)) // unit}

    return Form("length of time", read, write=write)


def checked_length(field: ChromeField) -> Callable[[str], str]:
    """Make the check of what a playbook writes."""

    def check(written: str) -> str:
        seconds = parse_length(written)
        if field.takes is ChromeFieldType.MINUTES and (seconds % _MINUTE or not seconds):
            raise ValueError(f"{written!r} is no whole number of minutes")
        if field.longest and seconds > field.longest * _MINUTE:
            raise ValueError(
                f"{written!r} is longer than Chrome takes: {shown_length(field.longest * _MINUTE)} at most"
            )
        return written

    return check
