"""Time zones as Outlook names them, and instants as it reads and shows them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.emulator.absences import ZONE
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.service import Call
from connectors.emulator.wire import Body, Json

HERE = "GMT Standard Time"  # what Windows calls Europe/London
_WINDOWS: Mapping[str, str] = {
    HERE: ZONE,
    "UTC": "UTC",
    "Greenwich Standard Time": "Atlantic/Reykjavik",
    "W. Europe Standard Time": "Europe/Berlin",
    "Romance Standard Time": "Europe/Paris",
    "Eastern Standard Time": "America/New_York",
    "Pacific Standard Time": "America/Los_Angeles",
}
_PREFERRED = re.compile(r'outlook\.timezone\s*=\s*"?([^",;]+)"?', re.IGNORECASE)


def preferred(call: Call) -> str:
    """Read the zone in which a caller wants times; UTC unless it says another. Raises GraphError."""
    found = _PREFERRED.search(call.headers.get("prefer", ""))
    name = found[1].strip() if found else "UTC"
    zone(name)
    return name


def applied(call: Call) -> dict[str, str]:
    """Say in a header that the zone was taken into account, where one was asked for."""
    asked = _PREFERRED.search(call.headers.get("prefer", ""))
    return {"Preference-Applied": f'outlook.timezone="{asked[1].strip()}"'} if asked else {}


def zone(name: str) -> ZoneInfo:
    """Find a zone by either of its names; raises GraphError."""
    try:
        return ZoneInfo(_WINDOWS.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise GraphError(
            400,
            "TimeZoneNotSupportedException",
            f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'.",
        ) from unknown


def read_wall(value: Json) -> tuple[datetime, ZoneInfo]:
    """Read a dateTimeTimeZone: what the clock shows, and where it hangs. Raises GraphError."""
    body = value if isinstance(value, Mapping) else {}
    place = zone(str(body.get("timeZone") or "UTC"))
    try:
        wall = datetime.fromisoformat(str(body.get("dateTime")))
    except ValueError as bad:
        raise _no_instant(body) from bad
    if wall.tzinfo is not None:
        raise _no_instant(body)  # the zone stands beside it
    return wall, place


def read_instant(value: Json) -> datetime:
    """Read a dateTimeTimeZone as an instant; raises GraphError."""
    wall, place = read_wall(value)
    return wall.replace(tzinfo=place).astimezone(UTC)


def shown(instant: datetime, name: str) -> Body:
    """Show an instant in a zone."""
    return wall_shown(instant.astimezone(zone(name)), name)


def wall_shown(wall: datetime, name: str) -> Body:
    """Show what a clock says, to seven places as Outlook does."""
    return {"dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S.%f0"), "timeZone": name}


def _no_instant(body: Body) -> GraphError:
    text = f"The value '{body.get('dateTime')}' of 'dateTime' is not a date and time without an offset."
    return GraphError(400, "ErrorInvalidParameter", text)
