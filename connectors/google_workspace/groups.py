"""Reads groups, their members and their settings. Google writes true and false in settings as words.

Follows https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups and
https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups/list
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from connectors.google_workspace.api.calls import Api, Call
from toolkit.errors import BadAnswer, Conflict, NotFound, ServiceError, answered
from toolkit.sdk import Person
from toolkit.values import Body

_GROUP = "nextPageToken,groups(id,email,name,description)"


def check_name(name: str) -> str | None:
    """Return an error message if a name is not the address of a group, otherwise None."""
    if "@" in name and name == name.lower():
        return None
    return f"{name!r} is not the address of a group. Write the complete primary address in lower case"


class GroupsSettings:
    """The groups of the tenant and their settings, by address."""

    def __init__(self, admin: Api, settings: Api) -> None:
        self._admin = admin
        self._settings = settings

    def groups(self) -> Sequence[Body]:
        """Return all groups, each with its id, address, name and description."""
        parameters: Body = {"customer": "my_customer", "maxResults": 200, "fields": _GROUP}
        return self._admin.pages(Call("directory.groups.list", parameters), "groups")

    def get(self, address: str) -> Body:
        return self._settings.read(_make_get_call(address))

    def get_many(self, addresses: Sequence[str]) -> Sequence[Body | ServiceError]:
        """Return the settings of many groups, or the error of a group, in order. One request reads 50 groups."""
        return self._settings.batch([_make_get_call(address) for address in addresses])

    def patch(self, address: str, body: Body) -> Body:
        """Change the settings of a group that are in the body. Return all settings of the group."""
        return self._settings.change(_make_patch_call(address, body))

    def patch_many(self, changes: Sequence[tuple[str, Body]]) -> Sequence[Body | ServiceError]:
        """Change many groups, 50 in a request. Return all settings of each group, or its error, in order."""
        return self._settings.batch([_make_patch_call(address, body) for address, body in changes])


def _make_get_call(address: str) -> Call:
    return Call("groupsSettings.groups.get", {"groupUniqueId": address})


def _make_patch_call(address: str, body: Body) -> Call:
    return Call("groupsSettings.groups.patch", {"groupUniqueId": address}, body)


Groups = Mapping[str, str]
"""Addresses of groups by their ids."""


class Memberships:
    """Reads and changes the members of groups. Also finds people's accounts. Nothing is cached between calls."""

    def __init__(self, admin: Api) -> None:
        self._admin = admin

    def groups_of(self, people: Sequence[Person]) -> Sequence[Groups | None]:
        """Return the groups of which each person is a direct member, or None if the person has no account.

        One request reads the groups of 50 people. Groups that contain these groups are left out. Raise an error if the
        groups of any person cannot be read.
        """
        calls = [_make_groups_call(person) for person in people]
        rows_by_person = self._admin.lists(calls, "groups")
        return [
            self._read_groups(person, call, rows)
            for person, call, rows in zip(people, calls, rows_by_person, strict=True)
        ]

    def managers(self, groups: Sequence[str]) -> Sequence[Sequence[str] | ServiceError]:
        """Return the addresses of each group's managers and owners, or the error of a group.

        One request reads 50 groups. Members of nested groups are left out, because Google does not document whether
        they manage the outer group.
        """
        calls = [_make_managers_call(group) for group in groups]
        return [_list_manager_addresses(rows) for rows in self._admin.lists(calls, "members")]

    def all_members(self, groups: Sequence[str]) -> Sequence[Sequence[Body] | ServiceError]:
        """Return all members of each group: direct members, nested groups, and the members of the nested groups."""
        listed = self._admin.lists([_make_all_members_call(group) for group in groups], "members")
        return [_check_types(group, rows) for group, rows in zip(groups, listed, strict=True)]

    def direct_members(self, groups: Sequence[str]) -> Sequence[Sequence[Body] | ServiceError]:
        """Return the direct members of each group, without the members of nested groups."""
        return self._admin.lists([_make_members_call(group, "id") for group in groups], "members")

    def add(self, group: str, address: str) -> None:
        """Add a member to a group. Do nothing if the person is already a member."""
        call = Call("directory.members.insert", {"groupKey": group}, {"email": address, "role": "MEMBER"})
        with suppress(Conflict):
            self._admin.create(call, lambda: self._find_member(group, address))

    def remove(self, group: str, address: str) -> None:
        """Remove a member from a group. Do nothing if the person is no longer a member."""
        with suppress(NotFound):
            self._admin.delete(Call("directory.members.delete", {"groupKey": group, "memberKey": address}))

    def _find_member(self, group: str, address: str) -> Body | None:
        rows = self._admin.pages(_make_members_call(group, "email"), "members")
        return next((row for row in rows if str(row.get("email")).lower() == address), None)

    def account(self, address: str) -> Person | None:
        """Return the person whose account has an address, or None if no account has it."""
        try:
            row = self._admin.read(Call("directory.users.get", {"userKey": address, "fields": "id"}))
        except NotFound:
            return None
        return Person(str(row["id"]), address, address)

    def has_account(self, person: Person) -> bool:
        try:
            self._admin.read(Call("directory.users.get", {"userKey": person.id, "fields": "id"}))
        except NotFound:
            return False
        return True

    def _read_groups(self, person: Person, call: Call, rows: Sequence[Body] | ServiceError) -> Groups | None:
        # If a later page is missing, the account may still exist.
        if isinstance(rows, NotFound) and not self.has_account(person):
            return None
        return _to_groups(call, answered(rows))


def _make_groups_call(person: Person) -> Call:
    fields = "nextPageToken,groups(id,email)"
    return Call("directory.groups.list", {"userKey": person.id, "maxResults": 200, "fields": fields})


def _make_managers_call(group: str) -> Call:
    fields = "nextPageToken,members(email,type,status)"
    options: Body = {"roles": "OWNER,MANAGER", "maxResults": 200, "fields": fields}
    return Call("directory.members.list", {"groupKey": group, **options})


def _make_members_call(group: str, properties: str) -> Call:
    fields = f"nextPageToken,members({properties})"
    return Call("directory.members.list", {"groupKey": group, "maxResults": 200, "fields": fields})


def _make_all_members_call(group: str) -> Call:
    options: Body = {
        "includeDerivedMembership": True,
        "maxResults": 200,
        "fields": "nextPageToken,members(id,email,type)",
    }
    return Call("directory.members.list", {"groupKey": group, **options})


def _check_types(group: str, rows: Sequence[Body] | ServiceError) -> Sequence[Body] | ServiceError:
    if isinstance(rows, ServiceError) or all(row.get("type") and row.get("id") for row in rows):
        return rows
    return BadAnswer(f"a member of {group} has no id or type, so the group's members are unknown")


def _list_manager_addresses(rows: Sequence[Body] | ServiceError) -> Sequence[str] | ServiceError:
    """Return the addresses of managers and owners with active accounts, who can approve messages."""
    if isinstance(rows, ServiceError):
        return rows
    able = [row for row in rows if row.get("type") == "USER" and row.get("status") != "SUSPENDED"]
    return [str(row["email"]).lower() for row in able if row.get("email")]


def _to_groups(call: Call, rows: Sequence[Body]) -> Groups:
    if any(not row.get("id") for row in rows):
        raise BadAnswer(f"{call}: the response contains a group without an id")
    return {str(row["id"]): str(row.get("email") or row["id"]) for row in rows}
