"""Reads the tenant's people, and the groups and organisational units that the school file names."""

from collections.abc import Mapping, Sequence

from connectors.google_workspace.accounts import Account, Accounts
from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.units import Units
from toolkit.errors import BadAnswer, NotFound, Refused, RequestFailed
from toolkit.sdk import Directory, Group, Permissions, Person, Use, text
from toolkit.values import Body

PEOPLE = "people"
PERMISSIONS: Mapping[Use, Permissions] = {
    Use.PEOPLE: Permissions(needs("directory.users.list")),
    Use.GROUPS: Permissions(needs("directory.users.list", "directory.groups.get", "directory.members.list")),
    Use.UNITS: Permissions(needs("directory.users.list", "directory.orgunits.list")),
}
_OF_UNITS = ("/", "id:")
_OF_DELETED_UNITS = "orgUnits/"  # a policy's name for a unit that no longer exists
_MEMBERS = "nextPageToken,members(id,type,email)"


class DirectoryReader:
    """Reads the directory. The field `unknown` of the result has the names that cannot be read."""

    def __init__(self, admin: Api, accounts: Accounts, units: Units) -> None:
        self._admin = admin
        self._accounts = accounts
        self._units = units
        self._unknown: dict[str, RequestFailed] = {}
        self._named: set[str] = set()

    def read(self, *, people: bool, groups: Sequence[str]) -> Directory:
        """Return the people, and the groups and units with these names. One request reads many groups.

        A name that begins with a slash is the path of a unit, and a name that begins with `id:` is the id of a unit.
        The members of a unit are the people in the unit and in the units below it.
        """
        names = list(dict.fromkeys(groups))
        persons = self._read_accounts([PEOPLE, *names] if people else names)
        deleted = [name for name in names if name.startswith(_OF_DELETED_UNITS)]
        self._unknown.update({name: NotFound(f"there is no unit {name}") for name in deleted})
        self._named.update(deleted)
        existing = [name for name in names if name not in deleted] if persons is not None else []
        groups_found = {
            **self._read_units([name for name in existing if name.startswith(_OF_UNITS)], persons or {}),
            **self._read_groups([name for name in existing if not name.startswith(_OF_UNITS)], persons or {}),
        }
        return Directory(
            {key: _to_person(account) for key, account in (persons or {}).items()} if people else {},
            {name: groups_found[name] for name in names if name in groups_found},
            unknown={name: str(error) for name, error in self._unknown.items()},
            missing={name: error.missing for name, error in self._unknown.items() if isinstance(error, Refused)},
            named=frozenset(self._named),
            gone=frozenset(name for name, error in self._unknown.items() if isinstance(error, NotFound)),
        )

    def _read_accounts(self, needed: Sequence[str]) -> dict[str, Account] | None:
        """Return all accounts, by id, or None if they cannot be read.

        Groups' members from the school are then unknown.
        """
        if not needed:
            return {}
        try:
            return dict(self._accounts.all())
        except RequestFailed as error:
            self._unknown.update(dict.fromkeys(needed, error))
            return None

    def _read_units(self, paths: Sequence[str], accounts: dict[str, Account]) -> dict[str, Group]:
        unit_groups: dict[str, Group] = {}
        for path in paths:
            try:
                unit = self._units.unit_at(path) if path.startswith("/") else self._units.unit_by_id(path)
            except RequestFailed as error:
                self._unknown[path] = error
                self._named |= {path} if isinstance(error, NotFound) else set()
                continue
            members = frozenset(key for key, account in accounts.items() if unit.holds(account.unit))
            unit_groups[path] = Group(unit.directory_id, unit.path, None, members)
        return unit_groups

    def _read_groups(self, names: Sequence[str], accounts: dict[str, Account]) -> dict[str, Group]:
        calls = [Call("directory.groups.get", {"groupKey": name, "fields": "id,name,email"}) for name in names]
        group_rows: dict[str, Body] = {}
        for name, answer in zip(names, self._admin.batch(calls), strict=True):
            if isinstance(answer, RequestFailed):
                self._unknown[name] = _to_group_error(name, answer)
                self._named |= {name} if isinstance(answer, NotFound) else set()
            else:
                group_rows[name] = answer
        listed = self._admin.lists([_make_members_call(row) for row in group_rows.values()], "members")
        outside = self._find_unreadable_groups(listed)
        groups: dict[str, Group] = {}
        for (name, row), members in zip(group_rows.items(), listed, strict=True):
            try:
                if isinstance(members, RequestFailed):
                    raise members
                people = _find_people_of_school(name, members, accounts, outside)
            except RequestFailed as error:
                self._unknown[name] = error
                self._named |= set() if error is members else {name}
                continue
            nested_groups = sum(member.get("type") == "GROUP" for member in members)
            groups[name] = Group(
                str(row["id"]),
                str(row["name"]),
                str(row["email"]),
                people,
                inside=nested_groups,
                outsiders=_find_guests(members, accounts),
            )
        return groups

    def _find_unreadable_groups(self, listed: Sequence[Sequence[Body] | RequestFailed]) -> frozenset[str]:
        """Return the ids of the nested groups whose members cannot be read."""
        rows = (row for members in listed if not isinstance(members, RequestFailed) for row in members)
        inside = list(dict.fromkeys(str(row["id"]) for row in rows if row.get("type") == "GROUP" and "id" in row))
        calls = [Call("directory.groups.get", {"groupKey": key, "fields": "id"}) for key in inside]
        answers = self._admin.batch(calls) if calls else []
        return frozenset(key for key, answer in zip(inside, answers, strict=True) if isinstance(answer, RequestFailed))


def _to_person(account: Account) -> Person:
    return Person(
        id=account.id,
        address=account.address,
        name=account.name,
        enabled=account.enabled,
        mailbox=account.mailbox,
    )


def _to_group_error(name: str, error: RequestFailed) -> RequestFailed:
    if not isinstance(error, NotFound):
        return error
    return NotFound(f"there is no group {name}" if "@" in name else f"there is no group {name}. Use its address")


def _make_members_call(group: Body) -> Call:
    key = str(group["id"])
    options: Body = {"includeDerivedMembership": True, "maxResults": 200, "fields": _MEMBERS}
    return Call("directory.members.list", {"groupKey": key, **options})


def _find_people_of_school(
    name: str, members: Sequence[Body], accounts: dict[str, Account], outside: frozenset[str]
) -> frozenset[str]:
    """Return the members of a group, and of its nested groups, who are people of the school. Guests are left out.

    Raise BadAnswer if a nested group cannot be read, because some members are then unknown.
    """
    if any(member.get("type") == "CUSTOMER" for member in members):
        return frozenset(accounts)  # a group that includes everyone
    if untyped := [member for member in members if "type" not in member or "id" not in member]:
        raise BadAnswer(f"{len(untyped)} of the members of {name} have no type, so it is unknown who they are")
    if unread := [str(row.get("email") or row["id"]) for row in members if str(row["id"]) in outside]:
        raise BadAnswer(f"{unread[0]} is in {name} and cannot be read, so the members of {name} are unknown")
    return frozenset(str(member["id"]) for member in members if member["type"] == "USER") & frozenset(accounts)


def _find_guests(members: Sequence[Body], accounts: dict[str, Account]) -> frozenset[str]:
    """Return the addresses of the members of a group who are people outside the school."""
    guests = (member for member in members if member.get("type") == "USER" and member.get("id") not in accounts)
    return frozenset(text(guest.get("email")).casefold() for guest in guests) - {""}
