"""The control for new devices: which still wait for approval."""

from toolkit.controls.control import Control, ControlSettings


class EnrolmentApproval(ControlSettings):
    """Lists new devices that wait for approval; blocks none."""


CONTROL = Control(
    name="device.enrolment_approval",
    title="Approval of new devices",
    clauses=("SYS-14", "SYS-15"),
    settings=EnrolmentApproval,
)
