"""The control for new devices: which still wait for approval."""

from toolkit.controls.control import Control, ControlSettings


class EnrolmentApproval(ControlSettings):
    """Devices that wait for approval are listed; none is blocked."""


CONTROL = Control(
    name="device.enrolment_approval",
    title="Approval of new devices",
    clauses=("SYS-14", "SYS-15"),
    settings=EnrolmentApproval,
)
