"""Instants as Outlook writes them: what a clock shows, and the zone in which it hangs."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from toolkit.values import Body, Json


def read_instant(value: Json) -> datetime:
    """Read a dateTimeTimeZone as an instant in UTC; ValueError where it is none, or its zone is not known.

    Follows https://learn.microsoft.com/graph/api/resources/datetimetimezone
    """
    body = value if isinstance(value, Mapping) else {}
    return read_wall(value).replace(tzinfo=find_zone(str(body.get("timeZone") or "UTC"))).astimezone(UTC)


def read_wall(value: Json) -> datetime:
    """Read what the clock shows in a dateTimeTimeZone; ValueError where it shows nothing."""
    written = value.get("dateTime") if isinstance(value, Mapping) else None
    if not isinstance(written, str):
        raise ValueError(f"{value!r} is not a date and time")  # noqa: TRY004 - the service's answer is wrong, not a type
    shown = datetime.fromisoformat(_six_places(written))
    if shown.tzinfo is not None:
        raise ValueError(f"{written!r} has an offset, and its zone stands beside it")
    return shown


def write_instant(instant: datetime) -> Body:
    """Write an instant for the wire."""
    return {"dateTime": instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def find_zone(name: str) -> tzinfo:
    """Find a zone by the name that Windows or the tz database has for it; ValueError for any other.

    The names of Windows are those of CLDR's windowsZones, each with the zone of its territory 001.
    """
    try:
        return ZoneInfo(_windows().get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError(f"the time zone {name!r} is not known") from unknown


def known_zone(*names: str) -> tzinfo:
    """Find the first of some zones that is known; ValueError where none is."""
    for name in names:
        try:
            return find_zone(name)
        except ValueError:
            continue
    raise ValueError(f"no time zone of {' or '.join(repr(name) for name in names)} is known")


def _six_places(written: str) -> str:
    """Cut the seventh digit of a second, which Outlook shows and Python does not read."""
    return re.sub(r"(\.\d{6})\d+$", r"\1", written)


@cache
def _windows() -> Mapping[str, str]:
    found = json.loads(files("connectors.microsoft365").joinpath("windows_zones.json").read_text(encoding="utf-8"))
    return {str(name): str(zone) for name, zone in found.items()}
