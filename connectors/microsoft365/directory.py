"""The tenant's people, and the groups in the school file, read from Graph."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import TypeVar

from connectors.microsoft365.graph.service import path_with, to_literal
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.permissions import graph
from toolkit.errors import BadAnswer, NotFound, Refused, RequestFailed, Unavailable, answered
from toolkit.sdk import (
    Directory,
    Group,
    MembershipSource,
    Permissions,
    Person,
    Use,
    flag,
    mappings,
    segment,
    text,
    texts,
)
from toolkit.values import Body

T = TypeVar("T")
Rows = Sequence[Body] | RequestFailed

USER, DEVICE, GROUP, CONTACT = (f"#microsoft.graph.{name}" for name in ("user", "device", "group", "orgContact"))
_TYPE = "@odata.type"
_NEEDED = "Member.Read.Hidden"
_UNREAD = Unavailable("not read yet")


def members_path(key: str, *properties: str) -> str:
    """Return the path that lists the members of a group.

    The response also shows whether nested groups hide their members.
    """
    selected = ",".join(("id", "visibility", *properties))
    return path_with(f"/groups/{segment(key)}/transitiveMembers", {"select": selected, "top": "999"})


class GroupMembers:
    """The members of groups, including members of nested groups.

    A group that was read successfully is not read again.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rows_by_group: dict[str, Rows] = {}
        self._reading = Lock()

    def read(self, groups: Iterable[str]) -> Sequence[Rows]:
        """Return each group's members, or the error if the group cannot be read. The groups are given by id."""
        keys = [key.lower() for key in groups]
        with self._reading:
            missing = [
                key for key in dict.fromkeys(keys) if isinstance(self._rows_by_group.get(key, _UNREAD), RequestFailed)
            ]
            self._rows_by_group |= zip(missing, self._graph.lists([members_path(key) for key in missing]), strict=True)
            return [self._rows_by_group[key] for key in keys]


def hides_members(group: Body) -> bool:
    """Return whether an app needs a separate permission to see the members of a group."""
    return text(group.get("visibility")).lower() == "hiddenmembership"


class MembersHidden(Refused):
    """Raised for a group with members that this app cannot see."""

    def __init__(self, group: str) -> None:
        super().__init__(
            f"the members of {group} are hidden. To see them, this app needs the permission {_NEEDED}", missing=_NEEDED
        )


def complete_members(name: str, members: Sequence[Body] | RequestFailed) -> Sequence[Body]:
    """Return the members of a group. Raise RequestFailed if the list of members may be incomplete."""
    rows = answered(members)
    if untyped := [row for row in rows if _TYPE not in row]:
        raise BadAnswer(f"{len(untyped)} members of {name} have no type, so they are unknown")
    if any(row[_TYPE] == GROUP and hides_members(row) for row in rows):
        raise MembersHidden(f"a group that is nested in {name}")
    return rows


def member_ids(rows: Sequence[Body], *types: str) -> frozenset[str]:
    """Return the ids of the members that have one of these types."""
    return frozenset(str(row["id"]) for row in rows if row[_TYPE] in types)


PEOPLE = "people"
PERMISSIONS: Mapping[Use, Permissions] = {
    Use.PEOPLE: Permissions((graph("User.Read.All"),)),
    Use.GROUPS: Permissions((graph("GroupMember.Read.All"),)),
}
_PERSON = "id,userPrincipalName,mail,displayName,accountEnabled,onPremisesSyncEnabled,assignedPlans"
_GROUP = "id,displayName,mail,visibility,groupTypes,membershipRuleProcessingState"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DYNAMIC = "DynamicMembership"


def read_directory(
    graph: Graph, group_members: GroupMembers, *, people: bool, groups: Sequence[str], home_property: str = ""
) -> Directory:
    """Read people, and the groups with these names. One request reads the members of all groups."""
    names = list(dict.fromkeys(groups))
    properties = f"{_PERSON},{home_property}" if home_property else _PERSON
    everyone = [path_with("/users", {"select": properties, "top": "999"})] if people else []
    persons: dict[str, Person] = {}

    def add_person(row: Body) -> None:
        persons[str(row["id"])] = _to_person(row, home_property)

    lists = iter(graph.lists([*everyone, *map(_make_group_path, names)], dict.fromkeys(everyone, add_person)))
    unknown: dict[str, RequestFailed] = {}
    named: set[str] = set()
    if people and isinstance(error := next(lists), RequestFailed):
        unknown[PEOPLE] = error
        persons.clear()
    groups_by_name = _convert_responses(zip(names, lists, strict=True), _choose_group, unknown, named)
    members = group_members.read(str(group["id"]) for group in groups_by_name.values())
    members_by_name = _convert_responses(zip(groups_by_name, members, strict=True), complete_members, unknown, named)
    return Directory(
        persons,
        {name: _to_group(groups_by_name[name], rows) for name, rows in members_by_name.items()},
        unknown={name: str(error) for name, error in unknown.items()},
        missing={name: error.missing for name, error in unknown.items() if isinstance(error, Refused)},
        named=frozenset(named),
        gone=frozenset(name for name, error in unknown.items() if isinstance(error, NotFound)),
    )


def _convert_responses(
    answers: Iterable[tuple[str, Rows]],
    read: Callable[[str, Sequence[Body]], T],
    unknown: dict[str, RequestFailed],
    named: set[str],
) -> dict[str, T]:
    """Return the result of `read` for each response.

    Put errors into `unknown`, by name. If `read` raised the error, add the name to `named` too.
    """
    results: dict[str, T] = {}
    for name, rows in answers:
        try:
            results[name] = read(name, answered(rows))
        except RequestFailed as error:
            unknown[name] = error
            named |= set() if error is rows else {name}
    return results


def _to_person(row: Body, home_property: str) -> Person:
    address = text(row.get("mail")) or text(row.get("userPrincipalName"))
    if not text(row.get("id")):
        raise BadAnswer("GET /users: the response has a person without an id")
    return Person(
        id=str(row["id"]),
        address=address,
        name=text(row.get("displayName")) or address,
        enabled=flag(row.get("accountEnabled"), missing=True),
        is_synced=flag(row.get("onPremisesSyncEnabled")),
        mailbox=row.get("assignedPlans") is None or has_mailbox(row),
        home=text(row.get(home_property)) if home_property else "",
    )


def has_mailbox(person: Body) -> bool:
    """Return whether a person's licences include an Exchange mailbox."""
    return any(
        text(plan.get("service")) == "exchange" and text(plan.get("capabilityStatus")) == "Enabled"
        for plan in mappings(person.get("assignedPlans"))
    )


def find_groups(graph: Graph, names: Sequence[str], *properties: str) -> Mapping[str, Body | RequestFailed]:
    """Return the groups with these addresses, names or ids.

    A name that no group has, or several groups have, has an error instead.
    """
    row_lists = graph.lists([_make_group_path(name, *properties) for name in names])
    unknown: dict[str, RequestFailed] = {}
    return {**_convert_responses(zip(names, row_lists, strict=True), _choose_group, unknown, set()), **unknown}


def _make_group_path(name: str, *properties: str) -> str:
    if _ID.fullmatch(name):
        condition = f"id eq {to_literal(name)}"
    else:
        condition = f"mail eq {to_literal(name)} or displayName eq {to_literal(name)}"
    return path_with("/groups", {"filter": condition, "select": ",".join((_GROUP, *properties))})


def _choose_group(name: str, rows: Sequence[Body]) -> Body:
    """Return the group with this address. If no group has the address, return the only group with this display name."""
    by_address = [row for row in rows if str(row.get("mail") or "").lower() == name.lower()]
    match by_address or rows:
        case []:
            raise NotFound(f"there is no group {name}")
        case [group]:
            pass
        case several:
            raise BadAnswer(f"there are {len(several)} groups called {name}. Use the group's address or id instead")
    if hides_members(group):
        raise MembersHidden(name)
    return group


def _to_group(row: Body, members: Sequence[Body]) -> Group:
    address = row.get("mail")
    return Group(
        str(row["id"]),
        str(row.get("displayName") or ""),
        str(address) if address else None,
        member_ids(members, USER),
        len(member_ids(members, DEVICE)),
        _find_membership_source(row),
        len(member_ids(members, GROUP)),
        member_ids(members, DEVICE),
        member_ids(members, CONTACT),
    )


def _find_membership_source(row: Body) -> MembershipSource:
    """Return whether a rule decides who is in a group, and whether Microsoft currently applies the rule."""
    if _DYNAMIC not in texts(row.get("groupTypes")):
        return MembershipSource.BY_HAND
    return MembershipSource.PAUSED if row.get("membershipRuleProcessingState") == "Paused" else MembershipSource.BY_RULE
