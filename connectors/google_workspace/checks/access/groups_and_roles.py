"""Compares administrators, and the members of restricted groups, with the playbook. It reads only the directory.

Follows https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list
"""

from collections.abc import Collection, Iterable, Sequence

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.access import ALL_RIGHTS, MEMBERS, SOME_RIGHTS, GroupsAndRoles
from toolkit.controls.access_holders import (
    AccessHolder,
    compare_full_administrators,
    compare_limited_administrators,
    compare_members,
)
from toolkit.errors import ServiceError
from toolkit.sdk import CheckOccasion, Finding, check_subject, text
from toolkit.values import Body

_EVERYONE = "everyone in the school"
needs = leave("directory.users.list", "directory.members.list", "directory.domains.list")


def check(settings: GroupsAndRoles, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Compare administrators and members of groups with the playbook. The list of accounts is read once."""
    yield check_subject(
        ALL_RIGHTS, lambda: compare_full_administrators(settings, context, _find_administrators(via, highest=True))
    )
    yield check_subject(
        SOME_RIGHTS, lambda: compare_limited_administrators(settings, context, _find_administrators(via, highest=False))
    )
    yield check_subject(MEMBERS, lambda: _compare_members(settings, context, via))


def _find_administrators(via: GoogleWorkspace, *, highest: bool) -> Sequence[AccessHolder]:
    administrators = [account for account in via.accounts.all().values() if account.administrator]
    return [
        AccessHolder((account.address,), closed=not account.enabled)
        for account in administrators
        if account.super_administrator is highest
    ]


def _compare_members(settings: GroupsAndRoles, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    names = [group.group for group in settings.groups_on("google_workspace")]
    closed = {account.address.casefold() for account in via.accounts.all().values() if not account.enabled}
    read = {
        name: rows if isinstance(rows, ServiceError) else _to_access_holders(rows, closed, via.domains())
        for name, rows in zip(names, via.memberships.all_members(names), strict=True)
    }
    return compare_members(settings, context, "google_workspace", read)


def _to_access_holders(
    rows: Sequence[Body], closed: Collection[str], domains: Collection[str]
) -> Sequence[AccessHolder]:
    """Return the members with active accounts, and the groups of other organisations.

    toolkit cannot see their members.
    """
    holders = [AccessHolder((_find_member_name(row),)) for row in rows if not _is_group_of_school(row, domains)]
    return [holder for holder in holders if not holder.is_among(closed)]


def _find_member_name(row: Body) -> str:
    return _EVERYONE if row["type"] == "CUSTOMER" else text(row.get("email")) or str(row["id"])


def _is_group_of_school(row: Body, domains: Collection[str]) -> bool:
    """Return whether a member is a group of the school. The members of such a group are also in the list."""
    return row["type"] == "GROUP" and text(row.get("email")).casefold().rpartition("@")[2] in domains
