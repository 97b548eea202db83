"""Controls about mail that leaves: Gmail's own limits, and what the console alone sets."""

from collections.abc import Iterator

from toolkit.controls.outgoing_mail import OutboundStop, RecipientLimits
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, manual

_GMAIL = "in the admin console, Apps > Google Workspace > Gmail"
_OWN_LIMITS = Part(
    name="Gmail's own limits",
    level=Level.CHECKED,
    covers="how many messages and recipients one account can send in a day",
    always=True,
    reason="Google limits every account, and no one can change the numbers",
    for_governors="Google limits how much one account can send in a day, and no one can change that",
    limits=("mail that the MIS, a parent app or a newsletter service sends does not pass here",),
)


def outbound_stop(wanted: OutboundStop, _: ControlContext) -> Iterator[Part]:
    """Name Gmail's own limits, and leave the quarantine to a person: no API sets it."""
    yield _OWN_LIMITS
    held = f"; add the senders {', '.join(wanted.held)} and the quarantine as action" if wanted.held else ""
    yield manual(
        "quarantine for outgoing mail",
        "a place where outgoing mail waits until an administrator releases it",
        f"no API sets it: {_GMAIL} > Manage quarantines, then Compliance > Content compliance > Outbound{held}",
    )


def recipient_limits(_settings: RecipientLimits, _: ControlContext) -> Iterator[Part]:
    """Name Gmail's own limits; the warning before outside recipients is a switch of the console that no API shows."""
    yield _OWN_LIMITS
    yield manual(
        "warning before outside recipients",
        "a warning when a person writes to someone outside the school",
        f"no API sets it: {_GMAIL} > End User Access > Warn for external recipients, for the whole organisation",
        "Gmail has no warning for messages to many people",
    )


CONTROLS = (
    CloudControl("mail.outbound_stop", outbound_stop),
    CloudControl("mail.recipient_limits", recipient_limits),
)
