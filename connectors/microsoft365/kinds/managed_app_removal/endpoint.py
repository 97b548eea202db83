"""Reads apps with their assignments, and replaces these as a whole, since Intune takes them only so."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from connectors.microsoft365.intune.assignments import (
    ALL_DEVICES,
    ALL_USERS,
    assignments,
    groups_in,
    shown_targets,
    targets_of,
)
from connectors.microsoft365.intune.client import ASSIGNMENTS
from connectors.microsoft365.intune.policies import read_again
from connectors.microsoft365.intune.policy import ASSIGNED, named_targets, with_deleted_groups, with_names
from connectors.microsoft365.via import Microsoft365
from toolkit.records import dataclass
from toolkit.sdk import (
    EVERY,
    WORDS,
    Effect,
    Everything,
    FixedObjects,
    Join,
    Listed,
    NamedOnly,
    Properties,
    Remote,
    Setting,
    Spec,
    Unreadable,
    Wanted,
    adds_entries,
    declare,
    declare_effects,
    removes_entries,
    written_entries,
)
from toolkit.values import Body, Json, Settings, entries

EVERYBODY = frozenset({ALL_DEVICES, ALL_USERS})


def _named(written: Listed | None) -> Listed | None:
    if not all(word.strip() for word in written_entries(written)):
        raise ValueError("an entry is empty; write a group by its address, or by its name where it has none")
    return written


def _groups_alone(written: Listed | None) -> Listed | None:
    if everybody := EVERYBODY & {word.strip().lower() for word in written_entries(written)}:
        raise ValueError(f"{min(everybody)} cannot be excluded; only groups can")
    return _named(written)


class ManagedAppRemoval(Spec):
    """From whose devices an app is removed; other assignments of it, and their filters, stay as they are."""

    effects = declare_effects(
        {
            "uninstall_for": Effect("{name} is removed from devices", adds_entries),
            "excluded": Effect("{name} is removed from devices", removes_entries),
        }
    )

    properties: ClassVar[Properties] = ASSIGNED.extended(
        ignored={
            "assignments[].@odata.type": "is the same for every assignment",
            "assignments[].settings.@odata.type": "follows from which type of app it is",
        },
        defaults={
            "assignments[].intent": "uninstall",
            "assignments[].settings.notifications": "showAll",
        },
    )

    uninstall_for: Annotated[
        Listed | None, AfterValidator(_named), Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION)
    ] = declare(
        f"Lists from whose devices it is taken, and kept away: groups by their addresses, or by their "
        f"names where they have none, {ALL_DEVICES}, {ALL_USERS}; entries of others stay.",
        [ALL_DEVICES],
    )
    excluded: Annotated[
        Listed | None, AfterValidator(_groups_alone), Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION)
    ] = declare("Lists the groups that are spared; entries of others stay.", ["Trip leaders"])

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read the removals among an app's assignments."""
        held = cls._held(body)
        return {name: setting.form.read(held[name]) for name, setting in cls.table().items()}

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:
        return with_deleted_groups(body, cls._held(body))

    @staticmethod
    def _held(body: Body) -> Body:
        shown = named_targets(body)
        return {"uninstall_for": shown["assigned_to"], "excluded": shown["excluded"]}

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        """Give settings by their names: the endpoint puts them among all assignments of the app."""
        return {name: cls.table()[name].form.write(value) for name, value in settings.items()}


COLLECTION = "/deviceAppManagement/mobileApps"
_PACKAGE = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+", re.ASCII)
_UNINSTALL, _REQUIRED = "uninstall", "required"
# What an app is known by, by its type.
_NAMES: Mapping[str, str] = {
    "#microsoft.graph.androidManagedStoreApp": "packageId",
    "#microsoft.graph.androidForWorkApp": "packageId",
    "#microsoft.graph.winGetApp": "packageIdentifier",
}


class ManagedApps(FixedObjects):
    """The apps that are in the tenant; toolkit changes who must not have one, and adds or removes none."""

    none_created = (
        "{name!r} is not among this tenant's apps: approve it in managed Google Play, or add it in the Intune admin "
        "centre > Apps, and then it can be taken off devices"
    )
    none_deleted = "{name!r} stays among the tenant's apps: toolkit removes none"

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read apps that can be known by a package or by an identifier of the store.

        A package that is not there is on no work profile; a store app that is not there may be on any computer.
        """
        seen = [one for row in _rows(via) for one in _seen(via, row)]
        match wanted:
            case NamedOnly(names) if EVERY not in names:
                unseen = sorted(name for name in names - {one.name for one in seen} if not is_package(name))
                return [*(one for one in seen if one.name in names), *map(_not_added, unseen)]
            case _:
                return seen

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        """Replace an app's assignments by those that it has now, with its removals as they are to be."""
        found = _assignments(read_again(via, COLLECTION, remote)) or []
        settings = {
            ours: body[name] or [] for ours, name in (("assigned_to", "uninstall_for"), ("excluded", "excluded"))
            if name in body
        }  # fmt: skip
        before = [one.target for one in found if one.intent == _UNINSTALL]
        after = assignments(before, settings, via.intune.groups.named)
        rows: list[Body] = [
            *(one.row for one in found if one.intent != _UNINSTALL),
            *(_removal(target["target"], found) for target in after),
        ]
        via.intune.assign(COLLECTION, remote.id, rows, parameter="mobileAppAssignments")


def names_there(via: Microsoft365) -> Iterable[str]:
    """Name the apps that are taken off a person's devices, and those of which that is unknown."""
    return [
        one.name
        for one in ManagedApps().read(via, Everything())
        if isinstance(one, Unreadable) or ManagedAppRemoval.observed(one.body)["uninstall_for"]
    ]


def required_apps(via: Microsoft365) -> Mapping[str, frozenset[str]]:
    """Name for each app who must have it."""
    found: dict[str, frozenset[str]] = {}
    for row in _rows(via):
        if name := _name(row):
            targets = [one.target for one in _assignments(row) or [] if one.intent == _REQUIRED]
            shown = shown_targets(targets, via.intune.groups.name_of)
            found[name] = frozenset(entries(WORDS.read(shown["assigned_to"])))
    return found


def is_package(name: str) -> bool:
    """Say whether a name is that of an Android package; others are identifiers of Microsoft's store."""
    return _PACKAGE.fullmatch(name) is not None


def _not_added(name: str) -> Unreadable:
    reason = (
        "it is not among this tenant's apps, so it is unknown who has it: add it in the Intune admin centre > Apps, "
        "and then it can be taken off devices"
    )
    return Unreadable(name, name, reason)


def _rows(via: Microsoft365) -> Sequence[Body]:
    """List all apps again, since a list that is kept may be from before a write; beta alone shows filters."""
    return via.graph.pages(f"/beta{COLLECTION}", expand=ASSIGNMENTS)


@dataclass(frozen=True, slots=True)
class _Assignment:
    intent: str
    target: Body
    row: Body  # as it is sent back
    shown: Body


def _assignments(app: Body) -> list[_Assignment] | None:
    """List an app's assignments; None where they, or their filters, were not shown."""
    targets, rows = targets_of(app), app.get("assignments")
    if targets is None or not isinstance(rows, list):
        return None
    return [
        _Assignment(str(row["intent"]), target, _row(str(row["intent"]), target, row.get("settings")), row)
        for row, target in zip(rows, targets, strict=True)
        if isinstance(row, Mapping)
    ]


def _row(intent: str, target: Json, settings: Json) -> Body:
    return {
        "@odata.type": "#microsoft.graph.mobileAppAssignment",
        "intent": intent,
        "target": target,
        "settings": settings,
    }


def _removal(target: Json, found: Sequence[_Assignment]) -> Body:
    """Write a removal; one that is there keeps its own settings."""
    kept = (one.row for one in found if one.intent == _UNINSTALL and one.target == target)
    return next(kept, _row(_UNINSTALL, target, None))


def _seen(via: Microsoft365, row: Body) -> Iterator[Remote | Unreadable]:
    name = _name(row)
    if not name:
        return
    identifier, found = str(row["id"]), _assignments(row)
    if found is None:
        yield Unreadable(identifier, name, "Intune did not show whom it is assigned to, with the filters of each")
        return
    removals = [one for one in found if one.intent == _UNINSTALL]
    names = {group: via.intune.groups.name_of(group) for group in groups_in([one.target for one in removals])}
    shown: Body = {"assignments": [one.shown for one in removals]}
    yield Remote(identifier, name, with_names(shown, names, via.intune.groups.deleted(names)))


def _name(row: Body) -> str:
    return str(row.get(_NAMES.get(str(row.get("@odata.type")), "")) or "")
