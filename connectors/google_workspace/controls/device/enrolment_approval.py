"""Devices that join wait for approval, where the console asks for it; who waits is listed by check."""

from connectors.google_workspace.controls.targets import in_words
from toolkit.controls.device.enrolment_approval import EnrolmentApproval
from toolkit.sdk.part import ControlContext, Level, Part, Realisation


def realise(settings: EnrolmentApproval, context: ControlContext) -> Realisation:  # noqa: ARG001 - nobody is blocked
    """Leave the switch to people."""
    return Realisation(
        (
            Part(
                name="device approvals",
                level=Level.MANUAL,
                covers="whether a phone or tablet that joins has to be approved",
                reason="no API sets it: in the admin console, Devices > Mobile and endpoints > Universal settings > "
                f"Security > Device approvals, for {in_words(context)}",
            ),
            Part(
                name="devices that wait for approval",
                level=Level.CHECKED,
                covers="phones and tablets that nobody has approved yet",
                reason="`toolkit check` lists them; nobody is blocked",
                needed=False,
            ),
        )
    )
