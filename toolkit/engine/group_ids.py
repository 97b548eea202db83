"""Finds the groups and units whose names are gone by the ids under which earlier runs found them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from toolkit.engine.observe import read_directories
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory

Bound = Callable[[str, str], str | None]
"""Gives, for a provider and the name of a group or unit, the id under which a run found it last."""


def rebound(
    directories: Mapping[str, Directory], connections: Mapping[str, Connection], bound: Bound
) -> Mapping[str, Directory]:
    """Put under a name that is gone the group or unit that had it, where there still is one of its id."""
    return {name: _rebound(name, one, connections[name], bound) for name, one in directories.items()}


def _rebound(provider: str, directory: Directory, connection: Connection, bound: Bound) -> Directory:
    ids = {name: found for name in sorted(directory.gone) if (found := bound(provider, name))}
    if not ids:
        return directory
    by_id = read_directories({provider: connection}, {provider: [*ids.values()]}, people=False)[provider]
    there = {name: by_id.groups[found] for name, found in ids.items() if found in by_id.groups}
    unread = {
        name: f"{directory.unknown[name]}, and what was called so could not be read: {by_id.unknown[found]}"
        for name, found in ids.items()
        if found in by_id.unknown and found not in by_id.gone
    }
    unknown = {**directory.unknown, **unread}
    return replace(
        directory,
        groups={**directory.groups, **there},
        unknown={name: reason for name, reason in unknown.items() if name not in there},
        gone=directory.gone - there.keys() - unread.keys(),
    )
