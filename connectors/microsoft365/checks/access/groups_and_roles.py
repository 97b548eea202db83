"""Checks who is an administrator, a partner organisation, a member of a restricted group, or a guest who owns a group.

Follows https://learn.microsoft.com/graph/api/directoryrole-list-members,
https://learn.microsoft.com/graph/api/crosstenantaccesspolicy-list-partners and
https://learn.microsoft.com/graph/api/group-list-owners
"""

from collections.abc import Iterable, Mapping, Sequence

from connectors.microsoft365.directory import USER, find_groups
from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.role_members import MEMBER, read_members
from connectors.microsoft365.special_accounts import GLOBAL_ADMINISTRATOR
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.access import ALL_RIGHTS, MEMBERS, OUTSIDE, OWNERS, SOME_RIGHTS, GroupsAndRoles
from toolkit.controls.access_holders import (
    AccessHolder,
    compare_full_administrators,
    compare_limited_administrators,
    compare_members,
    compare_owners,
    compare_partners,
)
from toolkit.errors import BadAnswer, NotFound, RequestFailed
from toolkit.sdk import CheckOccasion, Finding, check_subject, flag, segment, text
from toolkit.values import Body

_PARTNERS = "/policies/crossTenantAccessPolicy/partners"
Rows = Sequence[Body] | RequestFailed

needs = (
    graph("RoleManagement.Read.Directory"),
    graph("GroupMember.Read.All"),
    graph("User.Read.All"),
    graph("Policy.Read.All"),
)


def check(control: GroupsAndRoles, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Compare members of roles, partner organisations, and members and owners of groups with the control's settings."""
    yield check_subject(
        ALL_RIGHTS, lambda: compare_full_administrators(control, context, _read_global_administrators(via))
    )
    yield check_subject(
        SOME_RIGHTS, lambda: compare_limited_administrators(control, context, _read_other_administrators(via))
    )
    yield check_subject(OUTSIDE, lambda: compare_partners(control, _read_partners(via)))
    yield check_subject(
        MEMBERS, lambda: compare_members(control, context, "microsoft365", _read_group_members(control, via))
    )
    yield check_subject(OWNERS, lambda: compare_owners(control, *_read_groups_owned_by_guests(via)))


def _read_global_administrators(via: Microsoft365) -> Sequence[AccessHolder]:
    return [_to_holder(row) for row in via.roles.administrators(GLOBAL_ADMINISTRATOR, closed=True)]


def _read_other_administrators(via: Microsoft365) -> Sequence[AccessHolder]:
    highest = {row["id"] for row in via.roles.administrators(GLOBAL_ADMINISTRATOR, closed=True)}
    return [_to_holder(row) for row in via.roles.administrators(closed=True) if row["id"] not in highest]


def _read_partners(via: Microsoft365) -> Sequence[str]:
    rows = via.graph.pages(_PARTNERS, select="tenantId,isServiceProvider")
    if not all(text(row.get("tenantId")) for row in rows):
        raise BadAnswer(f"GET {_PARTNERS}: an organisation has no id")
    return [str(row["tenantId"]) for row in rows if flag(row.get("isServiceProvider"))]


def _read_group_members(
    control: GroupsAndRoles, via: Microsoft365
) -> Mapping[str, Sequence[AccessHolder] | RequestFailed]:
    groups = find_groups(via.graph, [group.group for group in control.groups_on("microsoft365")])
    keys = {name: str(row["id"]) for name, row in groups.items() if not isinstance(row, RequestFailed)}
    members = read_members(via.graph, list(keys.values()))
    failed = {name: row for name, row in groups.items() if isinstance(row, RequestFailed)}
    return {**failed, **{name: _find_active_holders(members[key]) for name, key in keys.items()}}


def _read_groups_owned_by_guests(
    via: Microsoft365,
) -> tuple[Sequence[tuple[str, Sequence[AccessHolder] | RequestFailed]], int]:
    """Return each group that guests own with these guests, and the number of guests in the tenant.

    If the tenant has no guests, read no groups.
    """
    rows = via.graph.pages("/users", filter="userType eq 'Guest'", select=",".join(("id", *MEMBER)), top="999")
    guests = {str(row["id"]): _to_holder(row) for row in rows if flag(row.get("accountEnabled"), missing=True)}
    if not guests:
        return (), 0
    groups = via.graph.pages("/groups", select="id,displayName,mail", top="999")
    paths = [path_with(f"/groups/{segment(group['id'])}/owners", {"select": "id"}) for group in groups]
    owned: list[tuple[str, Sequence[AccessHolder] | RequestFailed]] = [
        (
            text(group.get("mail")) or text(group.get("displayName")) or str(group["id"]),
            owners
            if isinstance(owners, RequestFailed)
            else [guests[str(owner["id"])] for owner in owners if owner["id"] in guests],
        )
        for group, owners in zip(groups, via.graph.lists(paths), strict=True)
        if not isinstance(owners, NotFound)  # deleted since the list was read
    ]
    return owned, len(guests)


def _find_active_holders(rows: Rows) -> Sequence[AccessHolder] | RequestFailed:
    if isinstance(rows, RequestFailed):
        return rows
    people = [row for row in rows if row.get("@odata.type") == USER]
    return [_to_holder(row) for row in people if flag(row.get("accountEnabled"), missing=True)]


def _to_holder(row: Body) -> AccessHolder:
    names = (text(row.get("mail")), text(row.get("userPrincipalName")))
    closed = not flag(row.get("accountEnabled"), missing=True)
    return AccessHolder(tuple(name for name in names if name) or (str(row["id"]),), closed)
