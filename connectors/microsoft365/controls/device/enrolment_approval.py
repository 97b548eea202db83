"""Devices that join: Intune approves none one by one, so that who may enrol is for people to set."""

from toolkit.controls.device.enrolment_approval import EnrolmentApproval
from toolkit.sdk.part import ControlContext, Level, Part, Realisation


def realise(settings: EnrolmentApproval, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is written
    """Leave the restriction to people."""
    return Realisation(
        (
            Part(
                name="enrolment restrictions",
                level=Level.MANUAL,
                covers="who may enrol which devices",
                reason="toolkit does not write them: Intune > Devices > Enrolment > Device platform restriction: block "
                "personally owned devices",
            ),
        )
    )
