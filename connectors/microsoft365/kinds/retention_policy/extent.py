"""What a change reaches that keeps less or deletes: mailboxes, sites, groups, and the people whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from connectors.microsoft365.kinds.retention_policy.expertise import deletes, keeps, less_kept, period
from connectors.microsoft365.kinds.retention_policy.mailboxes import Box, chosen, read_mailboxes
from connectors.microsoft365.kinds.retention_policy.places import ALL, PLACES
from connectors.microsoft365.kinds.retention_policy.sites import count_sites
from connectors.microsoft365.permissions import global_reader, graph
from toolkit.sdk.extent import AffectedPlace, Extent
from toolkit.sdk.permission import Permission
from toolkit.values import Settings, entries

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365

_OF_PEOPLE = frozenset({"mail", "teams_chats"})
_OF_GROUPS = frozenset({"groups", "teams_channels"})
_UNIFIED = "Unified"


def extent(via: Microsoft365, before: Settings | None, after: Settings | None) -> Extent:
    """Count what a policy names before a change or after it, since what it leaves is kept no more.

    Whose a mailbox or chat is can be told; files, sites and groups that are named one by one may be anybody's.
    """
    sides = [settings for settings in (before, after) if settings is not None]
    tenant = _Tenant(via)
    places = [place for place in PLACES if any(settings.get(place) for settings in sides)]
    return Extent(
        counts=tuple(_counted(tenant, place, sides) for place in places),
        effects=tuple(_effects(before, after, places)),
        places=tuple(_place(tenant, place, one) for place in places for one in sides if one.get(place)),
    )


def extent_needs(settings: Settings) -> tuple[Permission, ...]:
    """Name what counting needs at the places that are named: a change may widen or narrow what is there to all."""
    places = {place for place in PLACES if settings.get(place)}
    mailboxes = global_reader("View-Only Recipients") if places & _OF_PEOPLE else ()
    groups = (graph("GroupMember.Read.All"),) if places & _OF_GROUPS else ()
    sites = (graph("Reports.Read.All"),) if places - _OF_PEOPLE - _OF_GROUPS else ()
    return (*mailboxes, *groups, *sites)


class _Tenant:
    """What is counted in the tenant, each read when it is first needed."""

    def __init__(self, via: Microsoft365) -> None:
        self.via = via

    @cached_property
    def boxes(self) -> Sequence[Box]:
        return read_mailboxes(self.via.exchange)

    @cached_property
    def groups(self) -> int:
        rows = self.via.graph.pages("/groups", select="id,groupTypes", top="999")
        return sum(_UNIFIED in _listed(row.get("groupTypes")) for row in rows)


def _place(tenant: _Tenant, place: str, settings: Settings) -> AffectedPlace:
    named, spared = entries(settings.get(place)), entries(settings.get(f"{place}_except"))
    if place in _OF_PEOPLE:
        return AffectedPlace(
            everybody=ALL in named,
            named=frozenset() if ALL in named else _names(chosen(tenant.boxes, named)),
            spared=_names(chosen(tenant.boxes, spared)),
        )
    return AffectedPlace(everybody=True, certain=ALL in named and not spared)


def _names(boxes: Sequence[Box]) -> frozenset[str]:
    return frozenset(name for box in boxes for name in box.names)


def _counted(tenant: _Tenant, place: str, sides: Sequence[Settings]) -> str:
    everything = any(ALL in entries(settings.get(place)) for settings in sides)
    named = len({name for settings in sides for name in entries(settings.get(place))})
    spares = any(settings.get(f"{place}_except") for settings in sides)
    return f"{_number_of(tenant, place, everything=everything, named=named)}{', less those left out' if spares else ''}"


def _number_of(tenant: _Tenant, place: str, *, everything: bool, named: int) -> str:
    match place:
        case "mail":
            return _number(len(tenant.boxes) if everything else named, "mailbox", "mailboxes")
        case "teams_chats":
            people = sum(box.personal for box in tenant.boxes) if everything else named
            return f"the chats of {_number(people, 'person', 'people')}"
        case "files" | "sites":
            one = "OneDrive site" if place == "files" else "SharePoint site"
            if not everything:
                return _number(named, one)
            count, day = count_sites(tenant.via.graph, place)
            return f"{_number(count, one)}, as of {day}"
        case "groups":
            return _number(tenant.groups if everything else named, "Microsoft 365 group")
        case _:
            number = _number(tenant.groups if everything else named, "team")
            return f"the channels of {number}{', at most' if everything else ''}"


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _effects(before: Settings | None, after: Settings | None, places: Sequence[str]) -> Iterator[str]:
    if after and deletes(after):
        yield f"whatever is older than {period(after)} is deleted, also what is there already"
    if less_kept(before, after):
        still = f"for {period(after)} alone, and where it says" if after and keeps(after) else "no longer"
        yield f"what people delete, or deleted before, is kept {still}: what it kept beyond that is gone for good"
    if after and after.get("locked"):
        yield "Preservation Lock is put on it, which nobody can ever take off"
    if {"files", "sites", "groups", "teams_channels"} & set(places):
        yield "sites that a case holds as such are not looked for: look in the Purview portal first"


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
