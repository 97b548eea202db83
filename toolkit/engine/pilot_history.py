"""What the ledger keeps of pilots, so that it is seen where one is cut short."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from toolkit.engine.ledger_state import Recalled
from toolkit.ledger.entries import Piloted
from toolkit.planning.audience.pilot_parts import InPilot
from toolkit.planning.plan import Plan, RealisedControl
from toolkit.sdk.resource import Reach


def piloted(plan: Plan) -> Sequence[Piloted]:
    """List the controls of a plan that only a pilot has."""
    return [
        Piloted(
            control=one.control,
            provider=one.provider,
            audience=one.audience,
            role=one.pilot.role,
            until=one.pilot.until,
            people=one.pilot.reach.people,
            devices=one.pilot.reach.devices,
        )
        for one in plan.controls
        if one.pilot and not one.pilot.over
    ]


def cut_short(plan: Plan, recalled: Recalled, today: date) -> Plan:
    """Say of each control that is for everybody before the day of its pilot, as the last apply knew it, that it is."""
    providers = {one.provider for one in plan.controls}
    known = {
        (one.control, one.provider, one.audience): one
        for provider in providers
        for one in recalled.pilots(provider)
        if one.until > today
    }
    return replace(plan, controls=tuple(_cut_short(one, known) for one in plan.controls)) if known else plan


def _cut_short(control: RealisedControl, known: dict[tuple[str, str, str], Piloted]) -> RealisedControl:
    before = known.get((control.control, control.provider, control.audience))
    if before is None or control.exception or (control.pilot and not control.pilot.over):
        return control
    reach = Reach(before.people, before.devices)
    return replace(control, pilot=InPilot(before.role, before.until, reach, over=True, early=True))
