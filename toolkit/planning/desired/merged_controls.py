"""The controls of schools whose objects were merged: their parts name the merged objects."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeAlias

from toolkit.planning.desired.control_request import ControlRequest
from toolkit.planning.plan_details import RealisedControl
from toolkit.playbook.slices import BASE, WHOLE_TENANT
from toolkit.sdk.part import Resource
from toolkit.sdk.resource import Address

Renamed: TypeAlias = dict[tuple[str, Address], Address]
"""The addresses of split objects, by school and by the address before the split."""
_NOT_SCHOOLS = frozenset({"", BASE, WHOLE_TENANT})


def leave_out_parts_of_schools(requests: Sequence[ControlRequest]) -> list[ControlRequest]:
    """Return the requests, of which the controls for everyone in the tenant have only the parts that no school has."""
    parts_of_schools = {
        (control.control, control.provider, part.name)
        for request in requests
        if request.school not in _NOT_SCHOOLS
        for control in request.controls
        for part in control.realisation.parts
        if part.resources
    }
    return [
        _leave_out_parts(request, parts_of_schools) if request.school == WHOLE_TENANT else request
        for request in requests
    ]


def _leave_out_parts(request: ControlRequest, left_out: Collection[tuple[str, str, str]]) -> ControlRequest:
    controls = tuple(
        replace(
            control,
            school="",
            realisation=replace(
                control.realisation,
                parts=tuple(
                    part
                    for part in control.realisation.parts
                    if part.resources and (control.control, control.provider, part.name) not in left_out
                ),
            ),
        )
        for control in request.controls
    )
    kept = {
        _address_of(resource, control)
        for control in controls
        for part in control.realisation.parts
        for resource in part.resources
    }
    contributions = tuple(contribution for contribution in request.contributions if contribution.address in kept)
    controls = tuple(control for control in controls if control.realisation.parts)
    return ControlRequest(contributions=contributions, controls=controls, school=WHOLE_TENANT)


def without_objects(request: ControlRequest, renamed: Renamed) -> ControlRequest:
    """Return a request whose objects were merged, with the new names of split objects."""
    return replace(
        request,
        contributions=(),
        controls=tuple(_rename_resources(control, request.school, renamed) for control in request.controls),
        absent=tuple(
            replace(absent, address=renamed.get((request.school, absent.address), absent.address))
            for absent in request.absent
        ),
    )


def _rename_resources(control: RealisedControl, school: str, renamed: Renamed) -> RealisedControl:
    if not renamed or school in _NOT_SCHOOLS:
        return control

    def rename(resource: Resource) -> Resource:
        address = _address_of(resource, control)
        return replace(resource, name=renamed.get((school, address), address).name)

    parts = tuple(replace(part, resources=tuple(map(rename, part.resources))) for part in control.realisation.parts)
    return replace(control, realisation=replace(control.realisation, parts=parts))


def _address_of(resource: Resource, control: RealisedControl) -> Address:
    return Address(control.provider, resource.kind, resource.name, resource.label)
