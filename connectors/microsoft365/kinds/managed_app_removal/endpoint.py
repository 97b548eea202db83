"""Reads apps with their assignments, and writes all assignments of an app. Intune cannot change a single assignment."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from connectors.microsoft365.intune.assignments import (
    ALL_DEVICES,
    ALL_USERS,
    assignments,
    group_ids_in,
    target_settings,
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
    ReadScope,
    Remote,
    Setting,
    Spec,
    Unreadable,
    adds_entries,
    declare,
    declare_effects,
    removes_entries,
    written_entries,
)
from toolkit.values import Body, Json, Settings, entries

EVERYBODY = frozenset({ALL_DEVICES, ALL_USERS})


def _check_entries(value: Listed | None) -> Listed | None:
    if not all(word.strip() for word in written_entries(value)):
        raise ValueError("an entry is empty. Write a group's address, or its name if it has no address")
    return value


def _check_groups_only(value: Listed | None) -> Listed | None:
    if everybody := EVERYBODY & {word.strip().lower() for word in written_entries(value)}:
        raise ValueError(f"{min(everybody)} cannot be excluded. Only groups can be excluded")
    return _check_entries(value)


class ManagedAppRemoval(Spec):
    """The settings for the groups from whose devices an app is removed.

    The app's other assignments keep their filters.
    """

    effects = declare_effects(
        {
            "uninstall_for": Effect("{name} [is|are] removed from devices", adds_entries),
            "excluded": Effect("{name} [is|are] removed from devices", removes_entries),
        }
    )

    properties: ClassVar[Properties] = ASSIGNED.extended(
        ignored={
            "assignments[].@odata.type": "The value is the same for every assignment.",
            "assignments[].settings.@odata.type": "The type of the app determines the value.",
        },
        defaults={
            "assignments[].intent": "uninstall",
            "assignments[].settings.notifications": "showAll",
        },
    )

    uninstall_for: Annotated[
        Listed | None,
        AfterValidator(_check_entries),
        Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION),
    ] = declare(
        "Groups from whose devices the app is removed. People cannot install the app there again. Written as their "
        f"addresses, or their names if they have no address, {ALL_DEVICES}, {ALL_USERS}. Entries added by others "
        "stay.",
        [ALL_DEVICES],
    )
    excluded: Annotated[
        Listed | None,
        AfterValidator(_check_groups_only),
        Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION),
    ] = declare("Groups to exclude. Entries added by others stay.", ["Trip leaders"])

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the groups that an app is removed from, from all its assignments."""
        held = cls._read_removals(body)
        return {name: setting.form.read(held[name]) for name, setting in cls.table().items()}

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:
        return with_deleted_groups(body, cls._read_removals(body))

    @staticmethod
    def _read_removals(body: Body) -> Body:
        shown = named_targets(body)
        return {"uninstall_for": shown["assigned_to"], "excluded": shown["excluded"]}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return the settings unchanged, because the endpoint merges them into the app's assignments."""
        return {name: cls.table()[name].form.write(value) for name, value in settings.items()}


COLLECTION = "/deviceAppManagement/mobileApps"
_PACKAGE = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+", re.ASCII)
_UNINSTALL, _REQUIRED = "uninstall", "required"
# The property that identifies an app, by its type.
_NAMES: Mapping[str, str] = {
    "#microsoft.graph.androidManagedStoreApp": "packageId",
    "#microsoft.graph.androidForWorkApp": "packageId",
    "#microsoft.graph.winGetApp": "packageIdentifier",
}


class ManagedApps(FixedObjects):
    """The apps in the tenant.

    toolkit can remove an app from devices, but never adds or deletes an app in the tenant.
    """

    none_created = (
        "{name!r} is not one of this tenant's apps. Approve it in managed Google Play, or add it in the "
        "Intune admin centre > Apps. Then it can be removed from devices"
    )
    none_deleted = "toolkit does not delete {name!r} from the tenant's apps"

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Read the apps that have a package name or a store identifier.

        A package that the tenant does not have is not in any work profile. A store app that the tenant does not have
        may still be on any computer.
        """
        apps = [app for row in _read_apps(via) for app in _to_remotes(via, row)]
        match selection:
            case NamedOnly(names) if EVERY not in names:
                missing = sorted(name for name in names - {app.name for app in apps} if not is_package(name))
                return [*(app for app in apps if app.name in names), *map(_make_unknown_app, missing)]
            case _:
                return apps

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        """Send all assignments of an app: the present assignments, and the removals that the playbook asks for."""
        present = _read_assignments(read_again(via, COLLECTION, remote)) or []
        settings = {
            key: body[name] or [] for key, name in (("assigned_to", "uninstall_for"), ("excluded", "excluded"))
            if name in body
        }  # fmt: skip
        before = [assignment.target for assignment in present if assignment.intent == _UNINSTALL]
        after = assignments(before, settings, via.intune.groups.find_id)
        rows: list[Body] = [
            *(assignment.row for assignment in present if assignment.intent != _UNINSTALL),
            *(_make_removal_assignment(target["target"], present) for target in after),
        ]
        via.intune.assign(COLLECTION, remote.id, rows, parameter="mobileAppAssignments")


def names_there(via: Microsoft365) -> Iterable[str]:
    """Return the names of the apps that are removed from someone's devices, or whose removals are unknown."""
    return [
        app.name
        for app in ManagedApps().read(via, Everything())
        if isinstance(app, Unreadable) or ManagedAppRemoval.observed(app.body)["uninstall_for"]
    ]


def required_apps(via: Microsoft365) -> Mapping[str, frozenset[str]]:
    """Return the groups for which an app is required, by the name of the app."""
    required: dict[str, frozenset[str]] = {}
    for row in _read_apps(via):
        if name := _read_app_name(row):
            targets = [
                assignment.target for assignment in _read_assignments(row) or [] if assignment.intent == _REQUIRED
            ]
            shown = target_settings(targets, via.intune.groups.name_of)
            required[name] = frozenset(entries(WORDS.read(shown["assigned_to"])))
    return required


def is_package(name: str) -> bool:
    """Return whether a name is an Android package. Other names are identifiers of the Microsoft Store."""
    return _PACKAGE.fullmatch(name) is not None


def _make_unknown_app(name: str) -> Unreadable:
    reason = (
        "it is not one of this tenant's apps, so toolkit cannot tell who has it. Add it in the Intune admin centre > "
        "Apps. Then it can be removed from devices"
    )
    return Unreadable(name, name, reason)


def _read_apps(via: Microsoft365) -> Sequence[Body]:
    """Return all apps of the tenant from Graph's beta version, because only beta returns filters.

    The list is read again each time, because a cached list may be older than a change.
    """
    return via.graph.pages(f"/beta{COLLECTION}", expand=ASSIGNMENTS)


@dataclass(frozen=True, slots=True)
class _Assignment:
    intent: str
    target: Body
    row: Body  # as sent to Graph
    response: Body  # as returned by Graph


def _read_assignments(app: Body) -> list[_Assignment] | None:
    """Return an app's assignments, or None if Intune did not return them with their filters."""
    targets, rows = targets_of(app), app.get("assignments")
    if targets is None or not isinstance(rows, list):
        return None
    return [
        _Assignment(str(row["intent"]), target, _make_assignment(str(row["intent"]), target, row.get("settings")), row)
        for row, target in zip(rows, targets, strict=True)
        if isinstance(row, Mapping)
    ]


def _make_assignment(intent: str, target: Json, settings: Json) -> Body:
    return {
        "@odata.type": "#microsoft.graph.mobileAppAssignment",
        "intent": intent,
        "target": target,
        "settings": settings,
    }


def _make_removal_assignment(target: Json, present: Sequence[_Assignment]) -> Body:
    """Return the assignment that removes an app from a group. If it already exists, it keeps its own settings."""
    kept = (assignment.row for assignment in present if assignment.intent == _UNINSTALL and assignment.target == target)
    return next(kept, _make_assignment(_UNINSTALL, target, None))


def _to_remotes(via: Microsoft365, row: Body) -> Iterator[Remote | Unreadable]:
    name = _read_app_name(row)
    if not name:
        return
    identifier, present = str(row["id"]), _read_assignments(row)
    if present is None:
        yield Unreadable(identifier, name, "Intune did not return its assignments and their filters")
        return
    removals = [assignment for assignment in present if assignment.intent == _UNINSTALL]
    names = {
        group: via.intune.groups.name_of(group)
        for group in group_ids_in([assignment.target for assignment in removals])
    }
    shown: Body = {"assignments": [assignment.response for assignment in removals]}
    yield Remote(identifier, name, with_names(shown, names, via.intune.groups.find_deleted(names)))


def _read_app_name(row: Body) -> str:
    return str(row.get(_NAMES.get(str(row.get("@odata.type")), "")) or "")
