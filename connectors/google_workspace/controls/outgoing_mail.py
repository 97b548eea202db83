"""Controls about mail that leaves: Gmail's own limits, and what the console alone sets."""

from collections.abc import Iterator

from connectors.google_workspace.controls.targets import console_setting
from toolkit.controls.outgoing_mail import EncryptMail, OutboundStop, RecipientLimits
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


def encrypt_mail(_settings: EncryptMail, context: ControlContext) -> Iterator[Part]:
    """Check confidential mode, which is no encryption, and leave secure transport to a person: no API shows it."""
    yield Part(
        name="confidential mode",
        level=Level.CHECKED,
        covers="messages that expire and cannot be forwarded, printed or downloaded",
        reason="the console holds it: Apps > Google Workspace > Gmail > User settings > Confidential mode",
        limits=("it does not encrypt: Google can read such a message, and a reader can photograph it",),
        resources=(console_setting("gmail.confidential_mode", context, enable_confidential_mode=True),),
    )
    yield manual(
        "encrypted connections to partners",
        "mail to the local authority, health and social care, which must not leave unencrypted",
        f"no API sets it: {_GMAIL} > Compliance > Secure transport (TLS) compliance, list each partner's domain",
        "S/MIME needs Education Standard or Plus and a certificate for each person",
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
    CloudControl("data.encrypt_mail", encrypt_mail),
    CloudControl("mail.outbound_stop", outbound_stop),
    CloudControl("mail.recipient_limits", recipient_limits),
)
