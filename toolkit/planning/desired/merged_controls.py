"""The controls of schools whose objects were merged: their parts name the merged objects."""

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


def without_objects(request: ControlRequest, renamed: Renamed, kept: set[Address]) -> ControlRequest:
    """Return a request whose objects were merged, with the new names of split objects.

    Parts of the whole tenant count only if no school has them.
    """
    controls = request.controls
    if request.school == WHOLE_TENANT:
        controls = tuple(_parts_of_tenant(control, kept) for control in controls)
        controls = tuple(replace(control, school="") for control in controls if control.realisation.parts)
        return ControlRequest(controls=controls)
    return replace(
        request,
        contributions=(),
        controls=tuple(_rename_resources(control, request.school, renamed) for control in controls),
        absent=tuple(
            replace(absent, address=renamed.get((request.school, absent.address), absent.address))
            for absent in request.absent
        ),
    )


def _parts_of_tenant(control: RealisedControl, kept: set[Address]) -> RealisedControl:
    parts = tuple(
        part
        for part in control.realisation.parts
        if any(_address_of(resource, control) in kept for resource in part.resources)
    )
    return replace(control, realisation=replace(control.realisation, parts=parts))


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
