"""For whom a policy of Intune is, and about whose mail a mail rule is: the audience of a control or its pilot."""

from typing import Any, TypedDict

from toolkit.sdk import UNSAID, Audience, ControlContext

EVERYBODY = "all users"


class Assignment(TypedDict):
    """The settings of a policy of Intune that say for whom it is."""

    assigned_to: list[str]
    excluded: list[str] | None


def assign(context: ControlContext) -> Assignment:
    """Assign a policy to whom a control reaches now."""
    excluded = [*map(_group_name, context.scope.excepted_audiences), *protected_group(context)]
    return {"assigned_to": [_group_name(context.scope.current_audience)], "excluded": excluded or None}


def protected_group(context: ControlContext) -> list[str]:
    """Return the group that holds the protected accounts, where the school file names one."""
    group = context.school.protected.exclude_group
    return [group] if group else []


def _group_name(audience: Audience) -> str:
    """Call a group as Intune's kinds do: by its address where it has one."""
    group = audience.group
    return EVERYBODY if group is None else group.address or group.name


def protected_mailboxes(context: ControlContext) -> Any:
    """Return the mailboxes that the school file protects, which a rule that stops mail leaves alone both ways."""
    return list(context.protected) or UNSAID


def members(context: ControlContext) -> Any:
    """Return the group about whose mail a rule is; not said for everyone."""
    group = context.scope.current_audience.group
    if group is None:
        return UNSAID
    if not group.address:
        raise ValueError(f"the group {group.name!r} has no mail address, and a mail rule knows groups by theirs")
    return [group.address]
