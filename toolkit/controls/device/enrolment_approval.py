"""A device that joins is approved by somebody."""

from toolkit.controls.control import Control, ControlSettings


class EnrolmentApproval(ControlSettings):
    """What waits for approval is listed; nobody is blocked."""


CONTROL = Control(
    name="device.enrolment_approval",
    title="Devices that join are approved",
    clauses=("SYS-14", "SYS-15"),
    settings=EnrolmentApproval,
)
