"""Administrators are read; members are added to restricted groups and, where that is declared, removed."""

from collections.abc import Iterator

from toolkit.controls.access import GroupsAndRoles, members_parts, role_parts
from toolkit.sdk.part import CloudControl, ControlContext, Part


def groups_and_roles(wanted: GroupsAndRoles, context: ControlContext) -> Iterator[Part]:
    """Compare super administrators, delegated ones, and restricted groups."""
    yield from role_parts("a role that a group has is seen only where the directory marks its members")
    unseen = "who is in a shared drive is not seen: that needs access to every file"
    yield from members_parts(wanted, "google_workspace", context.school.protected.accounts, unseen)


CONTROLS = (CloudControl("access.groups_and_roles", groups_and_roles),)
