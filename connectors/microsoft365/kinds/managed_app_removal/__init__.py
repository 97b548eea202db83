"""Removes managed Google Play and Microsoft Store apps from the devices of groups. Groups can be excluded."""

import re
from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assignments import NESTING, assigned_targets
from connectors.microsoft365.kinds.managed_app_removal.endpoint import (
    EVERYBODY,
    ManagedAppRemoval,
    ManagedApps,
    is_package,
    names_there,
    required_apps,
)
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import Conflict, NotFound
from toolkit.sdk import (
    EVERY,
    Desired,
    Doubt,
    EffectArea,
    Kind,
    Lifecycle,
    NameRules,
    ObjectEffects,
    Permissions,
    Scale,
)
from toolkit.values import Json, entries

_STORE = re.compile(r"[0-9A-Z]{12,14}", re.ASCII)


def check_name(name: str) -> str | None:
    if name == EVERY or is_package(name) or _STORE.fullmatch(name):
        return None
    return (
        f"{name!r} is not an app. Write an Android package such as com.whatsapp, or a store app's identifier such as "
        "9NKSQGP7F2NH"
    )


def doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield doubts about groups that are missing or empty, or that have an assignment that requires the app."""
    required = required_apps(via)
    named_groups: list[tuple[str, str, str]] = []
    for entry in desired:
        name = entry.address.name
        for setting, word in _list_named_groups(entry):
            if setting == "uninstall_for" and word in required.get(name, ()):
                reason = f"the app is required for {word}, so Intune would not remove it. Remove that assignment first"
                yield Doubt(name, setting, reason)
            if word in EVERYBODY:
                continue
            try:
                named_groups.append((name, setting, via.intune.groups.find_id(word)))
            except (NotFound, Conflict) as unclear:
                yield Doubt(name, setting, str(unclear))
    removed = [(name, identifier) for name, setting, identifier in named_groups if setting == "uninstall_for"]
    empty = via.intune.groups.find_empty(identifier for _, identifier in removed)
    for name, identifier in removed:
        if identifier in empty:
            reason = f"the group {via.intune.groups.name_of(identifier)} is empty, so this would affect no device"
            yield Doubt(name, "uninstall_for", reason)


def _list_named_groups(desired: Desired) -> Iterator[tuple[str, str]]:
    return ((name, word) for name in ManagedAppRemoval.table() for word in entries(desired.settings.get(name)))


def withdraw_removals(written: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Return the settings for a withdrawal, which takes toolkit's entries out of both lists.

    Entries added by others stay.
    """
    return {name: {"lacks": _to_list(value)} for name, value in written.items() if _to_list(value)} or None


def _to_list(value: Json) -> list[Json]:
    match value:
        case {"contains": [*items]} | {"exactly": [*items]}:
            return items
        case [*items]:
            return items
        case _:
            return []


KIND = Kind(
    name="managed_app_removal",
    title="app removal",
    plural="apps",
    spec=ManagedAppRemoval,
    endpoint=ManagedApps(),
    reference="https://learn.microsoft.com/graph/api/intune-apps-mobileapp-assign",
    permissions=Permissions(
        read=(graph("DeviceManagementApps.Read.All"), graph("GroupMember.Read.All")),
        write=(graph("DeviceManagementApps.ReadWrite.All"), graph("GroupMember.Read.All")),
    ),
    settles=SETTLES,
    whole=False,
    fixed=True,
    logged=INTUNE,
    sample="""\
- microsoft365.managed_app_removal: com.whatsapp
  uninstall_for: [all devices]
  excluded: [Trip leaders]
""",
    reach=Scale.GROUP,
    targets=lambda _name, settings: assigned_targets(settings, "uninstall_for"),
    nesting=NESTING,
    doubts=doubts,
    names=NameRules(check=check_name),
    names_there=names_there,
    lifecycle=Lifecycle(only_where_there=True, withdrawn=withdraw_removals),
    stops=ObjectEffects(area=EffectArea.DEVICES),
)
