"""The locations of a retention policy: all or some mailboxes, sites and groups, with exceptions."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator

from toolkit.sdk import Form, Setting
from toolkit.values import Json, Settings, Value, entries, plain, unique

ALL = "all"
PLACES: Mapping[str, str] = {
    "mail": "ExchangeLocation",
    "files": "OneDriveLocation",
    "sites": "SharePointLocation",
    "groups": "ModernGroupLocation",
    "teams_chats": "TeamsChatLocation",
    "teams_channels": "TeamsChannelLocation",
}
"""The service's name for each place, by its setting."""

TEAMS = frozenset({"teams_chats", "teams_channels"})
EXCEPTIONS: Mapping[str, str] = {f"{name}_except": f"{wire}Exception" for name, wire in PLACES.items()}


def covers(settings: Settings, place: str, other: Settings) -> bool:
    """Return whether a policy covers everything in a location that another policy covers there."""
    entries_at_place = set(entries(settings.get(place)))
    return ALL in entries_at_place or set(entries(other.get(place))) <= entries_at_place


def _read_locations(value: Json) -> Value:
    """Return `all` or a list of names. The value comes from a playbook, or from the service as a list of objects."""
    match value:
        case None | "":
            return None
        case str():
            return (_comparable_name(value),)
        case Sequence():
            return unique(_comparable_name(_location_name(location)) for location in value) or None
        case _:
            raise ValueError(f"{value!r} is not a list of locations")


def _location_name(location: Json) -> str:
    match location:
        case {"Name": str(name)} | str(name) if name:
            return name
        case _:
            raise ValueError(f"a location has no name: {location!r}")


def _comparable_name(value: str) -> str:
    return value.strip().rstrip("/").lower()


def _to_playbook(value: Value) -> Json:
    return ALL if value == (ALL,) else plain(value)


LOCATIONS = Form(
    "all, or a list, compared without regard to order and case", _read_locations, is_list=True, to_playbook=_to_playbook
)


def _check_addresses(value: str | list[str] | None) -> str | list[str] | None:
    for entry in value if isinstance(value, list) else ():
        if "@" not in entry:
            raise ValueError(f"{entry!r} is not an address. Write the address of each mailbox or group, or `all`")
    return value


def _check_sites(value: str | list[str] | None) -> str | list[str] | None:
    for entry in value if isinstance(value, list) else ():
        if not entry.lower().startswith("https://"):
            raise ValueError(f"{entry!r} is not a site. Write an address that begins with https://, or `all`")
    return value


Addresses: TypeAlias = Annotated[
    Literal["all"] | list[str] | None, AfterValidator(_check_addresses), Setting(LOCATIONS)
]
Sites: TypeAlias = Annotated[Literal["all"] | list[str] | None, AfterValidator(_check_sites), Setting(LOCATIONS)]
AddressesSpared: TypeAlias = Annotated[
    list[str] | None, AfterValidator(_check_addresses), Setting(LOCATIONS, silence=None)
]
SitesSpared: TypeAlias = Annotated[list[str] | None, AfterValidator(_check_sites), Setting(LOCATIONS, silence=None)]
