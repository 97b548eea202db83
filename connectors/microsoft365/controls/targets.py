"""The audience of a control, as Intune policies and mail rules name it.

During a pilot, the audience is the pilot's group.
"""

from typing import Any, TypedDict

from toolkit.sdk import UNSAID, Audience, ControlContext

EVERYBODY = "all users"


class Assignment(TypedDict):
    """The assignment settings of an Intune policy."""

    assigned_to: list[str]
    excluded: list[str] | None


def assignment_of(context: ControlContext) -> Assignment:
    """Return the Intune assignment for the control's current audience."""
    excluded = [*map(_find_group_name, context.scope.excepted_audiences), *protected_group(context)]
    return {"assigned_to": [_find_group_name(context.scope.current_audience)], "excluded": excluded or None}


def protected_group(context: ControlContext) -> list[str]:
    """Return a list of the school file's group of protected accounts, or an empty list if there is no group."""
    group = context.school.protected.exclude_group
    return [group] if group else []


def _find_group_name(audience: Audience) -> str:
    """Return a group's address, or its name if it has no address. Intune kinds accept both."""
    group = audience.group
    return EVERYBODY if group is None else group.address or group.name


def protected_mailboxes(context: ControlContext) -> Any:
    """Return the mailboxes that the school file protects.

    A rule that blocks mail must not apply to mail from or to them.
    """
    return list(context.protected) or UNSAID


def covered_group(context: ControlContext) -> Any:
    """Return the group whose mail a rule covers, or UNSAID if the rule covers everyone."""
    group = context.scope.current_audience.group
    if group is None:
        return UNSAID
    if not group.address:
        raise ValueError(f"the group {group.name!r} has no mail address. Mail rules need the address of a group")
    return [group.address]
