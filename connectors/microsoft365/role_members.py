"""The members of directory roles, including the members of groups with a role. They are read once for all checks.

Follows https://learn.microsoft.com/graph/api/directoryrole-list-members
"""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

from connectors.microsoft365.directory import GROUP, USER, MembersHidden, complete_members, hides_members, members_path
from connectors.microsoft365.graph.service import path_with, to_literal
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.special_accounts import SYNC
from toolkit.errors import NotFound, RequestFailed, answered
from toolkit.sdk import flag, read_only_once, segment
from toolkit.values import Body

MEMBER = ("userPrincipalName", "mail", "accountEnabled")
_ROLES = "/directoryRoles"
_FILTER_IDS = 15  # Graph's limit of ids in a filter
Rows = Sequence[Body] | RequestFailed


class RoleMembers:
    """The people with each role."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._read = read_only_once(self._read_roles)
        self._lock = Lock()

    def people(self) -> Mapping[str, Rows]:
        """Return the people with each role, by the id of the role's template. Apps with a role are left out."""
        with self._lock:
            return self._read()

    def administrators(self, *templates: str, closed: bool = False) -> Sequence[Body]:
        """Return the accounts with a given role, or with any role except directory synchronisation if none is given.

        With `closed`, accounts that cannot sign in are included.
        """
        row_lists = [rows for role, rows in self.people().items() if (role in templates if templates else role != SYNC)]
        accounts = {str(row["id"]): row for rows in row_lists for row in answered(rows)}
        return [row for row in accounts.values() if closed or flag(row.get("accountEnabled"), missing=True)]

    def _read_roles(self) -> Mapping[str, Rows]:
        (role_rows,) = self._graph.lists([path_with(_ROLES, {"select": "id,roleTemplateId"})])
        roles = {str(row["id"]): str(row["roleTemplateId"]) for row in answered(role_rows)}
        paths = [path_with(f"{_ROLES}/{segment(key)}/members", {"select": ",".join(("id", *MEMBER))}) for key in roles]
        members_by_role = dict(zip(roles.values(), self._graph.lists(paths), strict=True))
        groups = [
            key
            for rows in members_by_role.values()
            if not isinstance(rows, RequestFailed)
            for key in _list_groups(rows)
        ]
        group_members = read_members(self._graph, groups)
        return {template: _resolve_people(rows, group_members) for template, rows in members_by_role.items()}


def read_members(graph: Graph, groups: Sequence[str]) -> Mapping[str, Rows]:
    """Return all members of each group, by group id. A group that hides members from this app has an error instead."""
    keys = list(dict.fromkeys(groups))
    paths = [members_path(key, *MEMBER) for key in keys]
    responses = graph.lists([*paths, *map(_visibility_path, _split_keys(keys))]) if keys else []
    visibilities = responses[len(keys) :]
    return {key: _check_visible_members(key, rows, visibilities) for key, rows in zip(keys, responses, strict=False)}


def _resolve_people(rows: Rows, group_members: Mapping[str, Rows]) -> Rows:
    if isinstance(rows, RequestFailed):
        return rows
    people = [row for row in rows if row.get("@odata.type") == USER]
    for group in _list_groups(rows):
        members = group_members[group]
        if isinstance(members, RequestFailed):
            return members
        people += [row for row in members if row.get("@odata.type") == USER]
    return people


def _split_keys(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _FILTER_IDS] for start in range(0, len(keys), _FILTER_IDS))


def _visibility_path(keys: Sequence[str]) -> str:
    ids = ",".join(map(to_literal, keys))
    return path_with("/groups", {"filter": f"id in ({ids})", "select": "id,visibility"})


def _check_visible_members(key: str, rows: Rows, visibilities: Sequence[Rows]) -> Rows:
    """Return the members of a group, or an error if some are hidden. A deleted group has no members."""
    if isinstance(rows, NotFound):
        return ()
    group = f"the group {key}"
    try:
        if any(
            row["id"] == key and hides_members(row)
            for rows_of_groups in visibilities
            for row in answered(rows_of_groups)
        ):
            raise MembersHidden(group)
        return complete_members(group, rows)
    except RequestFailed as error:
        return error


def _list_groups(rows: Sequence[Body]) -> Sequence[str]:
    return [str(row["id"]) for row in rows if row.get("@odata.type") == GROUP]
