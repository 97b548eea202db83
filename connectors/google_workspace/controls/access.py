"""Administrators and restricted groups: `toolkit check` reads them, and a person changes them."""

from collections.abc import Iterator

from toolkit.controls.access import GroupsAndRoles, members_part, role_parts
from toolkit.sdk.part import CloudControl, ControlContext, Part


def groups_and_roles(_settings: GroupsAndRoles, _: ControlContext) -> Iterator[Part]:
    """Compare super administrators, delegated ones, and restricted groups."""
    yield from role_parts("a role that a group has is seen only where the directory marks its members")
    yield members_part("who is in a shared drive is not seen: that needs access to every file")


CONTROLS = (CloudControl("access.groups_and_roles", groups_and_roles),)
