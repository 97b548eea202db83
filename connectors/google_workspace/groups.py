"""The settings of groups, where booleans are the words "true" and "false", and the groups that people are in.

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
    """Return why a name is no address of a group."""
    if "@" in name and name == name.lower():
        return None
    return f"{name!r} is not the address of a group: write the primary one, whole and in lower case"


class GroupsSettings:
    """Groups by their addresses."""

    def __init__(self, admin: Api, settings: Api) -> None:
        self._admin = admin
        self._settings = settings

    def groups(self) -> Sequence[Body]:
        """List all groups: id, address, name and description."""
        parameters: Body = {"customer": "my_customer", "maxResults": 200, "fields": _GROUP}
        return self._admin.pages(Call("directory.groups.list", parameters), "groups")

    def get(self, address: str) -> Body:
        return self._settings.read(_get(address))

    def get_many(self, addresses: Sequence[str]) -> Sequence[Body | ServiceError]:
        """Read the settings of many groups, fifty in a request; for each its settings or its error, in their order."""
        return self._settings.batch([_get(address) for address in addresses])

    def patch(self, address: str, body: Body) -> Body:
        """Change what the body names, and give all settings."""
        return self._settings.change(_patch(address, body))

    def patch_many(self, changes: Sequence[tuple[str, Body]]) -> Sequence[Body | ServiceError]:
        """Change many groups, fifty in a request; for each its settings or its error, in their order."""
        return self._settings.batch([_patch(address, body) for address, body in changes])


def _get(address: str) -> Call:
    return Call("groupsSettings.groups.get", {"groupUniqueId": address})


def _patch(address: str, body: Body) -> Call:
    return Call("groupsSettings.groups.patch", {"groupUniqueId": address}, body)


Groups = Mapping[str, str]
"""Addresses of groups by their ids."""


class Memberships:
    """Who is in which groups, and who has an account at all; asked for each time."""

    def __init__(self, admin: Api) -> None:
        self._admin = admin

    def groups_of(self, people: Sequence[Person]) -> Sequence[Groups | None]:
        """Read the groups that each person is directly in, fifty people in a request; None: there is no such account.

        Groups around a group are not among them. Raises where this cannot be read of one of the people.
        """
        calls = [_list_groups_of(person) for person in people]
        rows_by_person = self._admin.lists(calls, "groups")
        return [
            self._read(person, call, rows) for person, call, rows in zip(people, calls, rows_by_person, strict=True)
        ]

    def managers(self, groups: Sequence[str]) -> Sequence[Sequence[str] | ServiceError]:
        """Read the addresses of those who manage or own each group, fifty groups in a request, or why they are unknown.

        A group inside a group is not among them: whether its members manage the outer one is not documented.
        """
        calls = [_list_managers(group) for group in groups]
        return [_managers(rows) for rows in self._admin.lists(calls, "members")]

    def everyone(self, groups: Sequence[str]) -> Sequence[Sequence[Body] | ServiceError]:
        """Read everyone in each group, members of groups inside it included, and those groups too."""
        listed = self._admin.lists([_list_everyone(group) for group in groups], "members")
        return [_check_types(group, rows) for group, rows in zip(groups, listed, strict=True)]

    def direct(self, groups: Sequence[str]) -> Sequence[Sequence[Body] | ServiceError]:
        """Read whom each group holds itself, without the members of groups inside it."""
        return self._admin.lists([_list_members(group, "id") for group in groups], "members")

    def add(self, group: str, address: str) -> None:
        """Make someone a member, and leave one who is there already as they are."""
        call = Call("directory.members.insert", {"groupKey": group}, {"email": address, "role": "MEMBER"})
        with suppress(Conflict):
            self._admin.create(call, lambda: self._member(group, address))

    def remove(self, group: str, address: str) -> None:
        """Take someone out of a group; that they are gone already is what was wanted."""
        with suppress(NotFound):
            self._admin.delete(Call("directory.members.delete", {"groupKey": group, "memberKey": address}))

    def _member(self, group: str, address: str) -> Body | None:
        rows = self._admin.pages(_list_members(group, "email"), "members")
        return next((row for row in rows if str(row.get("email")).lower() == address), None)

    def account(self, address: str) -> Person | None:
        """Return whose an address is; None for an unknown address."""
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

    def _read(self, person: Person, call: Call, rows: Sequence[Body] | ServiceError) -> Groups | None:
        # A later page that is gone says nothing of the account.
        if isinstance(rows, NotFound) and not self.has_account(person):
            return None
        return _groups(call, answered(rows))


def _list_groups_of(person: Person) -> Call:
    fields = "nextPageToken,groups(id,email)"
    return Call("directory.groups.list", {"userKey": person.id, "maxResults": 200, "fields": fields})


def _list_managers(group: str) -> Call:
    fields = "nextPageToken,members(email,type,status)"
    options: Body = {"roles": "OWNER,MANAGER", "maxResults": 200, "fields": fields}
    return Call("directory.members.list", {"groupKey": group, **options})


def _list_members(group: str, properties: str) -> Call:
    fields = f"nextPageToken,members({properties})"
    return Call("directory.members.list", {"groupKey": group, "maxResults": 200, "fields": fields})


def _list_everyone(group: str) -> Call:
    options: Body = {
        "includeDerivedMembership": True,
        "maxResults": 200,
        "fields": "nextPageToken,members(id,email,type)",
    }
    return Call("directory.members.list", {"groupKey": group, **options})


def _check_types(group: str, rows: Sequence[Body] | ServiceError) -> Sequence[Body] | ServiceError:
    if isinstance(rows, ServiceError) or all(row.get("type") and row.get("id") for row in rows):
        return rows
    return BadAnswer(f"a member of {group} came without an id or a type, so who is in it is not known")


def _managers(rows: Sequence[Body] | ServiceError) -> Sequence[str] | ServiceError:
    """Return those who can let messages through today: people whose accounts are not suspended."""
    if isinstance(rows, ServiceError):
        return rows
    able = [row for row in rows if row.get("type") == "USER" and row.get("status") != "SUSPENDED"]
    return [str(row["email"]).lower() for row in able if row.get("email")]


def _groups(call: Call, rows: Sequence[Body]) -> Groups:
    if any(not row.get("id") for row in rows):
        raise BadAnswer(f"{call}: the answer has a group without an id")
    return {str(row["id"]): str(row.get("email") or row["id"]) for row in rows}
