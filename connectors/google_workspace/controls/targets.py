"""Finds the organisational unit or the group for a setting, from the audience of a control."""

from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.kinds.policy_setting.spec import PolicySetting
from toolkit.sdk import ControlContext, Reach, Resource, Spec
from toolkit.values import Json

_ROOT = "/"
_INHERITED = ChromePolicy.model_validate({"inherited": True})
"""Settings that remove a Chrome policy, so that its target inherits again."""


def unit_of(context: ControlContext) -> str:
    """Return the path of the audience's unit, or the root unit if the audience is a group."""
    group = context.audience.group
    return group.name if group and group.name.startswith(_ROOT) else _ROOT


def describe_place(context: ControlContext) -> str:
    """Return the unit or group for which an administrator must choose a console setting."""
    unit = unit_of(context)
    return "the whole organisation" if unit == _ROOT else f"the unit {unit}"


def chrome_target(context: ControlContext) -> str:
    """Return the target of a Chrome policy for the audience: a unit's path, or a group's address."""
    group = context.scope.current_audience.group
    if group is None or group.name.startswith(_ROOT):
        return group.name if group else _ROOT
    if not group.address:
        raise ValueError(f"the group {group.name!r} has no address, which Chrome policies need")
    unit = _find_unit_above_pilot(context)
    return f"group:{group.address} in {unit}" if unit else f"group:{group.address}"


def _find_unit_above_pilot(context: ControlContext) -> str | None:
    """Return the unit whose policies a pilot group overrides.

    Return None without a pilot, or if it is in another group.
    """
    base = context.audience.group
    if context.scope.pilot is None or not (base is None or base.name.startswith(_ROOT)):
        return None
    return unit_of(context)


def chrome_policy(schema: str, context: ControlContext, **fields: Json) -> Resource:
    """Return the Chrome policy for the audience. The policy of an exception's group overrides the policy of the unit.

    Raise ValueError for an exception to another group's policy, because it is not set which group takes precedence.
    """
    target, policy = chrome_target(context), ChromePolicy.model_validate(fields)
    base = context.scope.departs_from
    if base is None:
        restored = _INHERITED if context.scope.pilot else None
        return Resource("chrome_policy", f"{schema} @ {target}", policy, back=restored)
    unit = unit_of_base(context)
    if unit is None:
        raise ValueError(
            f"{context.audience.name} cannot be exempt from the group {base.name}: exempt it from a unit instead"
        )
    return Resource("chrome_policy", f"{schema} @ {target} in {unit}", policy, back=_INHERITED)


def exempt_group_limits(context: ControlContext) -> tuple[str, ...]:
    """Return a sentence for each exempt group to which the policy of its unit still applies."""
    return tuple(
        f"{group.name}: no change here, because the policy belongs to their unit. Write different settings for them "
        "in `change`"
        for group in context.scope.exempt
    )


def unit_of_base(context: ControlContext) -> str | None:
    """Return the unit whose policy an exception changes, or None if the exception changes a group's policy."""
    base = context.scope.departs_from
    group = base.group if base else None
    if group is None:
        return _ROOT
    return group.name if group.name.startswith(_ROOT) else None


def group_limit(context: ControlContext) -> tuple[str, ...]:
    """Return a sentence if the audience is a group, because Google stores the setting by unit."""
    if context.audience.group is None or unit_of(context) != _ROOT:
        return ()
    return (f"the whole organisation is checked, because {context.audience.group.name} is a group and not a unit",)


def console_setting(name: str, context: ControlContext, **fields: Json) -> Resource:
    """Return the desired fields of a console setting, for the unit of the audience."""
    return Resource("policy_setting", f"{name} @ {unit_of(context)}", PolicySetting.model_validate(fields))


def resource_for_each_person(kind: str, context: ControlContext, spec: Spec) -> tuple[Resource, ...]:
    """Return a resource with the same settings for each person in the audience whose mailbox toolkit may change."""
    return tuple(
        Resource(kind, person.id, spec, label=person.address, reach=Reach(people=1))
        for person in context.correspondents
    )


def people_left_out(context: ControlContext) -> tuple[str, ...]:
    """Return sentences with the number of people in the audience who are left out, and the reason."""
    people = context.scope.people
    without = sum(not person.mailbox for person in people)
    protected = len(people) - without - len(context.correspondents)
    return (
        *([f"{without} of the accounts have no Gmail and are left out"] if without else []),
        *([f"{protected} of the accounts are protected and left out"] if protected else []),
    )
