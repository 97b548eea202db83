"""Administrators are read; members of restricted groups are added, removed where asked, and limited by a rule."""

from collections.abc import Iterator, Sequence

from connectors.google_workspace.kinds.member_restriction import TERMS, MemberRestriction
from toolkit.controls.access import GroupsAndRoles, members_parts, role_parts
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource


def groups_and_roles(wanted: GroupsAndRoles, _: ControlContext) -> Iterator[Part]:
    """Compare super administrators, delegated ones, and restricted groups."""
    yield from role_parts("a role that a group has is seen only where the directory marks its members")
    unseen = "who is in a shared drive is not seen: that needs access to every file"
    yield from members_parts(wanted, "google_workspace", unseen)
    ruled = {one.group: one.members_only for one in wanted.on("google_workspace") if one.members_only}
    if ruled:
        yield Part(
            name="rules for members of restricted groups",
            level=Level.ENFORCED,
            covers="keeps others from being added by anyone: outside accounts, and what is not a person",
            limits=(
                "members who break the rule stay: the plan names their group",
                "Google has such rules in Education Standard, Education Plus and other editions, not in Fundamentals",
                "they are not set for dynamic groups, and a rule about people lets no group be added",
            ),
            resources=tuple(_rule(group, words) for group, words in ruled.items()),
        )


def _rule(group: str, words: Sequence[str]) -> Resource:
    rule = " && ".join(term for word, term in TERMS.items() if word in words)
    return Resource("member_restriction", group, MemberRestriction(rule=rule))


CONTROLS = (CloudControl("access.groups_and_roles", groups_and_roles),)
