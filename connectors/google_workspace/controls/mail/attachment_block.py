"""Dangerous attachments on Google: what Gmail's own protection does is looked at, the list of extensions is manual."""

from connectors.google_workspace.controls.targets import group_limit, in_words, setting
from toolkit.controls.mail.attachment_block import AttachmentBlock
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_CONSEQUENCE = {"reject": "reject the message, with the reason", "quarantine": "quarantine the message"}


def realise(wanted: AttachmentBlock, context: ControlContext) -> Realisation:
    """Leave the rule on extensions to people: no API writes it, and a DLP rule does not look at file names in mail."""
    return Realisation(
        (
            Part(
                name="attachment compliance rule",
                level=Level.MANUAL,
                covers="messages with a forbidden extension, from inside and outside",
                reason="no API sets it: in the admin console, Apps > Google Workspace > Gmail > Compliance > "
                f"Attachment compliance, for {in_words(context)}: custom file types {', '.join(wanted.extensions)}: "
                f"{_CONSEQUENCE[wanted.act]}",
                limits=("archives with a password cannot be looked into and pass",),
            ),
            Part(
                name="attachment safety",
                level=Level.CHECKED,
                covers="attachments that hold scripts or cannot be looked into, from senders not trusted by Google",
                reason="the console holds it: Apps > Google Workspace > Gmail > Safety > Attachments",
                limits=group_limit(context),
                resources=(
                    setting(
                        "gmail.email_attachment_safety",
                        context,
                        {
                            "enable_attachment_with_scripts_protection": True,
                            "enable_encrypted_attachment_protection": True,
                        },
                    ),
                ),
            ),
        )
    )
