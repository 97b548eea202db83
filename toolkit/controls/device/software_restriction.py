"""The control for software: the sources it may come from."""

from toolkit.controls.control import Control, ControlSettings


class SoftwareRestriction(ControlSettings):
    """The sources from which users may install software."""


CONTROL = Control(
    name="device.software_restriction",
    title="Software from approved sources only",
    clauses=("SYS-02", "SYS-03", "MIS-09"),
    settings=SoftwareRestriction,
)
