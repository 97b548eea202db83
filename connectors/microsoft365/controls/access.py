"""Administrators are read; members are added to restricted groups and, where that is declared, removed."""

from collections.abc import Iterator

from toolkit.controls.access import OUTSIDE, OWNERS, GroupsAndRoles, members_parts, role_parts
from toolkit.sdk.part import CloudControl, ControlContext, Part, checked


def groups_and_roles(wanted: GroupsAndRoles, _: ControlContext) -> Iterator[Part]:
    """Compare administrators, organisations that administer the tenant, and restricted groups."""
    yield from role_parts(
        "a role that PIM lets a person take for some hours is not seen, nor one for an administrative unit alone",
        "roles that the school made, those of Exchange alone, and apps that have a role are not seen",
    )
    yield checked(
        OUTSIDE,
        "organisations that may administer the tenant, such as the local authority (GDAP)",
        "`toolkit check` lists service providers; which roles each has, and who has them there, only the Microsoft 365 "
        "admin centre shows, under Settings > Partner relationships",
    )
    yield checked(
        OWNERS,
        "guests who own a group or a team, and so decide who is in it",
        "`toolkit check` compares them with `guest_owners`; no one is taken out",
        "Graph shows no owners of groups that Exchange made, nor of synced ones",
    )
    yield from members_parts(wanted, "microsoft365", "apps and devices that are in a group are not compared")


CONTROLS = (CloudControl("access.groups_and_roles", groups_and_roles),)
