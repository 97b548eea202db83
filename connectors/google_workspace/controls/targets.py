"""For whom a setting of the console is asked: Google keeps settings by organisational unit."""

from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.kinds.policy_setting.spec import PolicySetting
from toolkit.sdk import ControlContext, Reach, Resource, Spec
from toolkit.values import Json

_ROOT = "/"
_INHERITED = ChromePolicy.model_validate({"inherited": True})
"""What takes a Chrome policy back: its target has what it inherits."""


def unit_of(context: ControlContext) -> str:
    """Give the path of the unit that an audience is; that of everybody's where the audience is a group."""
    group = context.audience.group
    return group.name if group and group.name.startswith(_ROOT) else _ROOT


def in_words(context: ControlContext) -> str:
    """Return for whom an admin has to choose a setting in the console."""
    unit = unit_of(context)
    return "the whole organisation" if unit == _ROOT else f"the unit {unit}"


def chrome_target(context: ControlContext) -> str:
    """Give the target of a Chrome policy for whom a control reaches now: a unit, or a group by its address."""
    group = context.scope.current_audience.group
    if group is None or group.name.startswith(_ROOT):
        return group.name if group else _ROOT
    if not group.address:
        raise ValueError(f"the group {group.name!r} has no address, and Chrome policies know groups by theirs")
    unit = _unit_above_pilot(context)
    return f"group:{group.address} in {unit}" if unit else f"group:{group.address}"


def _unit_above_pilot(context: ControlContext) -> str | None:
    """Give the unit whose policies those of a pilot's group stand before; None where it is of a group, or no pilot."""
    base = context.audience.group
    if context.scope.pilot is None or not (base is None or base.name.startswith(_ROOT)):
        return None
    return unit_of(context)


def chrome_policy(schema: str, context: ControlContext, **fields: Json) -> Resource:
    """Ask for a Chrome policy; for the group of an exception it stands before that of the unit that it is taken from.

    ValueError where the group is taken from another one: which of two counts is an order that no one sets.
    """
    target, policy = chrome_target(context), ChromePolicy.model_validate(fields)
    base = context.scope.departs_from
    if base is None:
        restored = _INHERITED if context.scope.pilot else None
        return Resource("chrome_policy", f"{schema} @ {target}", policy, back=restored)
    unit = unit_of_base(context)
    if unit is None:
        raise ValueError(
            f"{context.audience.name} cannot be excepted from the group {base.name}: except it from a unit"
        )
    return Resource("chrome_policy", f"{schema} @ {target} in {unit}", policy, back=_INHERITED)


def stays(context: ControlContext) -> tuple[str, ...]:
    """Name those of whom nothing is to be asked, and for whom a policy of their unit goes on."""
    return tuple(
        f"{group.name}: stays as it is here: the policy is their unit's; write what else holds for them in `change`"
        for group in context.scope.exempt
    )


def unit_of_base(context: ControlContext) -> str | None:
    """Give the unit from which the people of an exception are taken; None where they are taken from a group."""
    base = context.scope.departs_from
    group = base.group if base else None
    if group is None:
        return _ROOT
    return group.name if group.name.startswith(_ROOT) else None


def group_limit(context: ControlContext) -> tuple[str, ...]:
    """Say what a setting kept by unit means for an audience that is a group."""
    if context.audience.group is None or unit_of(context) != _ROOT:
        return ()
    return (f"it is looked at for the whole organisation: {context.audience.group.name} is a group, not a unit",)


def console_setting(name: str, context: ControlContext, **fields: Json) -> Resource:
    """Ask for fields of a setting as the unit of the audience has it."""
    return Resource("policy_setting", f"{name} @ {unit_of(context)}", PolicySetting.model_validate(fields))


def resource_for_each_person(kind: str, context: ControlContext, spec: Spec) -> tuple[Resource, ...]:
    """Ask for the same of everybody in the audience who has a mailbox that may be touched."""
    return tuple(
        Resource(kind, person.id, spec, label=person.address, reach=Reach(people=1))
        for person in context.correspondents
    )


def left_out(context: ControlContext) -> tuple[str, ...]:
    """Count those of the audience who are left out, and say why."""
    people = context.scope.people
    without = sum(not person.mailbox for person in people)
    protected = len(people) - without - len(context.correspondents)
    return (
        *([f"{without} of the accounts have no Gmail and are left out"] if without else []),
        *([f"{protected} of the accounts are protected and left out"] if protected else []),
    )
