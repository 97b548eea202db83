"""The members of groups. toolkit adds and removes people, but neither creates nor deletes a group.

Follows https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/insert and
https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/delete
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.groups import check_name
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, NotFound, ServiceError, answered
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
    last_change_by_app,
    members_as_targets,
    refuse_member_changes,
    text,
    texts,
)
from toolkit.values import Body


class _MemberGroups(WrittenGroups):
    """Reads and changes the members of the groups that playbooks name by address."""

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterator[Remote | Unreadable]:
        for name, members in _read_members(
            via, sorted(selection.names) if isinstance(selection, NamedOnly) else []
        ).items():
            if isinstance(members, ServiceError):
                yield Unreadable(name, name, str(members))
            else:
                yield Remote(name, name, {MEMBERS: sorted(member.addresses[0] for member in members)})

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        """Add members, and then remove members, with one request for each person. Other members are not changed."""
        before, after = set(texts(remote.body[MEMBERS])), set(texts(body[MEMBERS]))
        for address in sorted(after - before):
            via.memberships.add(remote.name, address)
        for address in sorted(before - after):
            via.memberships.remove(remote.name, address)


def _read_members(via: GoogleWorkspace, names: Sequence[str]) -> Mapping[str, Sequence[GroupMember] | ServiceError]:
    """Return the members of groups: the direct members, and the members of nested groups.

    Missing groups are left out.
    """
    pairs = zip(names, via.memberships.all_members(names), via.memberships.direct_members(names), strict=True)
    members_by_group = {
        name: _to_members(everyone, direct) for name, everyone, direct in pairs if not isinstance(everyone, NotFound)
    }
    failures = [members for members in members_by_group.values() if isinstance(members, ServiceError)]
    if failures and len(failures) == len(members_by_group):
        raise failures[0]
    return members_by_group


def _to_members(
    everyone: Sequence[Body] | ServiceError, direct: Sequence[Body] | ServiceError
) -> Sequence[GroupMember] | ServiceError:
    try:
        direct_ids = {row["id"] for row in answered(direct)}
        people = [row for row in answered(everyone) if row["type"] == "USER"]
    except ServiceError as error:
        return error
    return [GroupMember(str(row["id"]), (_find_member_address(row),), direct=row["id"] in direct_ids) for row in people]


def _find_member_address(row: Body) -> str:
    return text(row.get("email")).lower() or str(row["id"])


def _doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield doubts about groups that a query or an app fills, unknown accounts, and removals that must not be made."""
    results = _read_members(via, [group.address.name for group in desired])
    members_by_group = {name: answered(members) for name, members in results.items()}
    by_query = via.member_rules.read_only_reasons(list(members_by_group))
    traces = via.read_logged_changes([ADMIN.log], *change_search_period(via.clock()))
    if traces.unread_reasons:
        raise BadAnswer(f"toolkit could not read who last changed a group: {traces.unread_reasons[0]}")
    known_addresses = {account.address.lower(): account.address.lower() for account in via.accounts.all().values()}
    for group in desired:
        if (name := group.address.name) in members_by_group:
            read_only = by_query.get(name) or last_change_by_app(traces.changes, ADMIN, [name])
            yield from refuse_member_changes(group, members_by_group[name], known_addresses, read_only)


KIND: Kind[GoogleWorkspace] = Kind(
    name="group_members",
    title="members of a group",
    plural="groups",
    spec=GroupMembers,
    endpoint=_MemberGroups(),
    reference="https://developers.google.com/workspace/admin/directory/reference/rest/v1/members",
    permissions=Permissions(
        read=needs("directory.members.list", "directory.users.list"),
        write=needs(
            "directory.members.insert",
            "directory.members.delete",
            "directory.users.list",
            "directory.groups.get",
            "cloudidentity.groups.get",
            "reports.activities.list",
        ),
    ),
    settles=30.0,
    reach=Scale.GROUP,
    targets=members_as_targets,
    whole=False,
    fixed=True,
    logged=ADMIN,
    sample="""\
- google_workspace.group_members: dsl@example-primary.example
  members: {contains: [head@example-primary.example, deputy@example-primary.example]}
""",
    doubts=_doubts,
    names=NameRules(check=check_name, identifies=True),
    lifecycle=LIFECYCLE,
    members=LISTED,
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
