"""Postpone the objects that a control in a pilot shares with other controls, because an object can have only one
audience.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.messages import one_of
from toolkit.planning.audience.pilot_parts import find_objects_shared_with_pilot, to_waiting_part
from toolkit.planning.desired.control_request import ControlRequest
from toolkit.planning.plan_details import RealisedControl
from toolkit.sdk.part import Part
from toolkit.sdk.resource import Address


def defer_shared_with_pilot(requests: Sequence[ControlRequest]) -> list[ControlRequest]:
    """Return the objects of all controls, without objects that a control in a pilot shares with other controls.

    Each part that needs such an object says why it waits.
    """
    shared = find_objects_shared_with_pilot(
        contribution for request in requests for contribution in request.contributions
    )
    return [_defer_parts(request, shared) for request in requests] if shared else list(requests)


def _defer_parts(request: ControlRequest, shared_objects: Mapping[Address, Sequence[str]]) -> ControlRequest:
    dropped = {
        address
        for control in request.controls
        for part in control.realisation.parts
        if (addresses := _addresses_of_part(part, control)) & shared_objects.keys()
        for address in addresses
    }
    if not any(contribution.pilot and contribution.address in dropped for contribution in request.contributions):
        return request
    return replace(
        request,
        contributions=tuple(
            contribution
            for contribution in request.contributions
            if not (contribution.pilot and contribution.address in dropped)
        ),
        controls=tuple(_mark_waiting_parts(control, shared_objects) for control in request.controls),
    )


def _mark_waiting_parts(control: RealisedControl, shared_objects: Mapping[Address, Sequence[str]]) -> RealisedControl:
    if control.pilot is None or control.pilot.is_over:
        return control
    parts = []
    for part in control.realisation.parts:
        sharing = {
            name
            for address in _addresses_of_part(part, control) & shared_objects.keys()
            for name in shared_objects[address]
        }
        others = sorted(sharing - {control.control}) or ["another entry for this control"]
        why = f"it shares its objects with {one_of(others, 'and')}, which already applies to other people"
        parts.append(to_waiting_part(part, control.pilot.until, why) if sharing else part)
    return replace(control, realisation=replace(control.realisation, parts=tuple(parts)))


def _addresses_of_part(part: Part, control: RealisedControl) -> set[Address]:
    return {Address(control.provider, resource.kind, resource.name, resource.label) for resource in part.resources}
