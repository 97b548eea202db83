"""For whom a policy of Intune is, and about whose mail a mail rule is: the audience of a control or its pilot."""

from collections.abc import Mapping

from toolkit.sdk.audience import Audience
from toolkit.sdk.part import ControlContext
from toolkit.values import Json

EVERYBODY = "all users"


def assigned(context: ControlContext) -> Mapping[str, Json]:
    """Assign a policy to whom a control reaches now."""
    excepted: list[Json] = [_word(audience) for audience in context.scope.excepted]
    protected: list[Json] = [group] if (group := context.school.protected.exclude_group) else []
    return {"assigned_to": [_word(context.scope.reached)], "excluded": [*excepted, *protected] or None}


def excluding_protected(context: ControlContext) -> Mapping[str, Json]:
    """Exclude the group that holds the protected accounts, where the school file names one."""
    group = context.school.protected.exclude_group
    return {"excluded": [group]} if group else {}


def _word(audience: Audience) -> str:
    """Call a group as Intune's kinds do: by its address where it has one."""
    group = audience.group
    return EVERYBODY if group is None else group.address or group.name


def sent_by(context: ControlContext) -> Mapping[str, Json]:
    """Limit a rule to what people of the school send, or to those of one role."""
    return {"from_scope": "InOrganization", **_members(context, "from_member_of")}


def received_by(context: ControlContext) -> Mapping[str, Json]:
    """Limit a rule to what people of one role get; nothing to say for everyone."""
    return _members(context, "sent_to_member_of")


def sparing_protected(context: ControlContext) -> Mapping[str, Json]:
    """Keep a rule that stops mail away from the mailboxes that the school file protects, both ways."""
    protected: list[Json] = list(context.protected)
    return {"except_if_from": protected, "except_if_sent_to": protected} if protected else {}


def _members(context: ControlContext, setting: str) -> Mapping[str, Json]:
    group = context.scope.reached.group
    if group is None:
        return {}
    if not group.address:
        raise ValueError(f"the group {group.name!r} has no mail address, and a mail rule knows groups by theirs")
    return {setting: [group.address]}
