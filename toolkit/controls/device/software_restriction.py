"""Software comes from where the school says, and from nowhere else."""

from toolkit.controls.control import Control, ControlSettings


class SoftwareRestriction(ControlSettings):
    """Where software may come from."""


CONTROL = Control(
    name="device.software_restriction",
    title="Software is installed from approved places alone",
    clauses=("SYS-02", "SYS-03", "MIS-09"),
    settings=SoftwareRestriction,
)
