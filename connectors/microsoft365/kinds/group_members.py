"""The members of directory groups. toolkit neither creates nor deletes a group.

Follows https://learn.microsoft.com/graph/api/group-post-members and
https://learn.microsoft.com/graph/api/group-delete-members
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.directory import USER, find_groups
from connectors.microsoft365.graph.service import path_with, to_literal
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.role_members import read_members
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound, Rejected, RequestFailed, answered
from toolkit.records import dataclass
from toolkit.sdk import (
    LIFECYCLE,
    LISTED,
    MEMBERS,
    Desired,
    Doubt,
    EffectArea,
    GroupMember,
    GroupMembers,
    Kind,
    NamedOnly,
    NameRules,
    ObjectEffects,
    Permissions,
    ReadScope,
    Remote,
    Scale,
    Unreadable,
    WrittenGroups,
    change_search_period,
    flag,
    last_change_by_app,
    members_as_targets,
    read_before_change,
    refuse_member_changes,
    segment,
    text,
    texts,
)
from toolkit.values import Body, entries

_SHOWN = ("mailEnabled", "onPremisesSyncEnabled", "isAssignableToRole")
_ACCOUNT = "id,mail,userPrincipalName"
Rows = Sequence[Body] | RequestFailed


class _DirectoryGroups(WrittenGroups):
    """The groups that playbooks name.

    A member is identified by a primary address, or by a sign-in name without an address.
    """

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterator[Remote | Unreadable]:
        for name, group in _read_groups(
            via, sorted(selection.names) if isinstance(selection, NamedOnly) else []
        ).items():
            if isinstance(group, _ReadGroup):
                yield Remote(group.key, name, {MEMBERS: sorted(member.addresses[0] for member in group.members)})
            else:
                yield Unreadable("", name, str(group))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        """Add members, and then remove members, one in a request. Skip people who are already added or removed."""
        before, after = set(texts(remote.body[MEMBERS])), set(texts(body[MEMBERS]))
        path = f"/groups/{segment(remote.id)}/members"
        for account in _find_new_members(via, sorted(after - before)):
            _add_member(via, path, account.key)
        for row in via.graph.pages(path, select=_ACCOUNT) if before - after else ():
            if _list_addresses(row)[0] in before - after:
                with suppress(NotFound):  # already removed by someone else
                    via.graph.delete(f"{path}/{segment(row['id'])}/$ref")


def _find_new_members(via: Microsoft365, addresses: Sequence[str]) -> Sequence[GroupMember]:
    """Return the accounts to add, by their addresses. Raise BadAnswer if any account is not found."""
    accounts = read_before_change(lambda: _find_accounts(via, addresses))
    if len(accounts) < len(addresses):
        raise BadAnswer("nothing was changed, because an account was not found")
    return list(accounts.values())


def _add_member(via: Microsoft365, path: str, key: str) -> None:
    try:
        via.graph.send(
            "POST",
            f"{path}/$ref",
            {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{segment(key)}"},
        )
    except Rejected as error:
        if "already exist" not in str(error):
            raise


@dataclass(frozen=True, slots=True)
class _ReadGroup:
    """A group in the directory, with its direct members and the members of nested groups."""

    row: Body
    members: Sequence[GroupMember]

    @property
    def key(self) -> str:
        return str(self.row["id"])


def _read_groups(via: Microsoft365, names: Sequence[str]) -> Mapping[str, _ReadGroup | RequestFailed]:
    """Return groups with their direct members and the members of nested groups. Missing groups are left out."""
    results = {
        name: row for name, row in find_groups(via.graph, names, *_SHOWN).items() if not isinstance(row, NotFound)
    }
    rows = {name: row for name, row in results.items() if not isinstance(row, RequestFailed)}
    failed = {name: row for name, row in results.items() if isinstance(row, RequestFailed)}
    if failed and not rows:
        raise next(iter(failed.values()))
    keys = [str(row["id"]) for row in rows.values()]
    everyone = read_members(via.graph, keys)
    direct = via.graph.lists([path_with(f"/groups/{segment(key)}/members", {"select": "id"}) for key in keys])
    shown = {
        name: _to_group(row, everyone[str(row["id"])], inside)
        for (name, row), inside in zip(rows.items(), direct, strict=True)
    }
    return {**failed, **shown}


def _to_group(row: Body, everyone: Rows, direct: Rows) -> _ReadGroup | RequestFailed:
    try:
        direct_ids = {member["id"] for member in answered(direct)}
        people = [member for member in answered(everyone) if member.get("@odata.type") == USER]
    except RequestFailed as error:
        return error
    return _ReadGroup(
        row,
        [
            GroupMember(str(person["id"]), _list_addresses(person), direct=person["id"] in direct_ids)
            for person in people
        ],
    )


def _list_addresses(row: Body) -> tuple[str, ...]:
    names = (text(row.get("mail")), text(row.get("userPrincipalName")))
    return tuple(name.lower() for name in names if name) or (str(row["id"]),)


def _find_accounts(via: Microsoft365, addresses: Sequence[str]) -> Mapping[str, GroupMember]:
    """Return accounts by address. Missing accounts are left out."""
    named = [f"mail eq {to_literal(address)} or userPrincipalName eq {to_literal(address)}" for address in addresses]
    answers = via.graph.lists([path_with("/users", {"filter": query, "select": _ACCOUNT}) for query in named])
    rows = {address: answered(answer) for address, answer in zip(addresses, answers, strict=True)}
    return {
        address: GroupMember(str(matches[0]["id"]), _list_addresses(matches[0]))
        for address, matches in rows.items()
        if len(matches) == 1
    }


def _doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield doubts about groups managed elsewhere, unknown accounts, and removals of protected or nested members."""
    read = _read_groups(via, [entry.address.name for entry in desired])
    groups = {name: answered(group) for name, group in read.items()}
    traces = via.read_logged_changes([DIRECTORY.log], *change_search_period(via.clock()))
    if traces.unread_reasons:
        raise BadAnswer(f"the app that last changed a group is unknown: {traces.unread_reasons[0]}")
    members = (member for group in groups.values() for member in group.members)
    shown = {member.addresses[0]: member.addresses[0] for member in members}  # a member may be desired in another group
    desired_addresses = {address for entry in desired for address in entries(entry.settings.get(MEMBERS))}
    accounts = _find_accounts(via, sorted(desired_addresses - shown.keys()))
    addresses = {**shown, **{address: account.addresses[0] for address, account in accounts.items()}}
    for entry in desired:
        if group := groups.get(entry.address.name):
            by_app = last_change_by_app(traces.changes, DIRECTORY, [group.key])
            yield from refuse_member_changes(
                entry, group.members, addresses, _explain_read_only_group(group.row) or by_app
            )


def _explain_read_only_group(group: Body) -> str:
    """Return why toolkit must not change the members of a group, or "" if it may."""
    types = texts(group.get("groupTypes"))
    if "DynamicMembership" in types:
        return "a rule sets the group's members. Change the rule in the Microsoft Entra admin centre, under Groups"
    if flag(group.get("onPremisesSyncEnabled")):
        return "the group is synced from the school's own directory. Change it there"
    if flag(group.get("isAssignableToRole")):
        return (
            "the group can have administrator roles, so only a person may change it, in the Microsoft Entra "
            "admin centre"
        )
    if flag(group.get("mailEnabled")) and "Unified" not in types:
        return (
            "only Exchange can change a mail-enabled security group. Change it in the Exchange admin "
            "centre, under Groups"
        )
    return ""


KIND: Kind[Microsoft365] = Kind(
    name="group_members",
    title="group membership",
    plural="groups",
    spec=GroupMembers,
    endpoint=_DirectoryGroups(),
    reference="https://learn.microsoft.com/graph/api/group-post-members",
    permissions=Permissions(
        read=(graph("GroupMember.Read.All"), graph("User.Read.All")),
        write=(graph("GroupMember.ReadWrite.All"), graph("User.Read.All"), *DIRECTORY.permissions),
    ),
    settles=30.0,
    reach=Scale.GROUP,
    targets=members_as_targets,
    whole=False,
    fixed=True,
    logged=DIRECTORY,
    sample="""\
- microsoft365.group_members: IT support
  members: {contains: [it@example-primary.example]}
""",
    doubts=_doubts,
    names=NameRules(identifies=True),
    lifecycle=LIFECYCLE,
    members=LISTED,
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
