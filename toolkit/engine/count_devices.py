"""Count a tenant's devices for the controls that apply to devices."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from toolkit.errors import NotLicensed, ServiceError
from toolkit.planning.audience.resolve import resolve_audience
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.verdicts.use import is_device_control
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import DeviceUse, Directory
from toolkit.sdk.endpoint import attempt


def add_device_counts(
    controls: Iterable[RealisedControl],
    school: School,
    connections: Mapping[str, Connection],
    directories: Mapping[str, Directory],
    *,
    only: Collection[str] = (),
) -> tuple[RealisedControl, ...]:
    """Return the controls, with the number of devices in the tenant added to each control that applies to devices.

    Nothing is read if no playbook uses such a control. A cloud without a licence for device management has no devices
    to count.
    """
    counted: dict[str, DeviceUse | ServiceError] = {}

    def count(control: RealisedControl) -> RealisedControl:
        name, use = control.provider, control.use
        if use is None or use.unknown or use.role or name not in connections or not is_device_control(control):
            return control
        if only and control.control not in only:
            return control
        if name not in counted:
            counted[name] = read_devices(connections[name])
        devices, people = counted[name], resolve_audience(school, control.audience, name, directories).audience.people
        if isinstance(devices, ServiceError):
            why = "" if isinstance(devices, NotLicensed) else str(devices)
            return replace(control, use=replace(use, devices=None, devices_unknown=why))
        return replace(control, use=replace(use, devices=devices.count_for(people)))

    return tuple(map(count, controls))


def read_devices(connection: Connection) -> DeviceUse | ServiceError:
    """Return the number of devices in a tenant, or the error if the number cannot be read."""
    return attempt("devices", connection.devices)
