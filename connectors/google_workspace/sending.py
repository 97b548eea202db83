"""Sending mail as one mailbox (developers.google.com/workspace/gmail/api/guides/sending)."""

from base64 import urlsafe_b64encode
from email.message import EmailMessage

from connectors.google_workspace.api import Api, Call
from connectors.google_workspace.permissions import needs
from toolkit.errors import Rejected, Unavailable
from toolkit.sdk.permission import Permissions
from toolkit.sdk.signals import Message

PERMISSIONS = Permissions(write=needs("gmail.users.messages.send"))


def send_message(gmail: Api, message: Message) -> None:
    """Send one message as its sender, once.

    PersonUnreadable where nobody can act as the sender, Unavailable where no answer came, since it may have gone.
    """
    raw = urlsafe_b64encode(_written(message)).decode()
    try:
        gmail.once(Call("gmail.users.messages.send", {"userId": message.sender}, {"raw": raw}, message.sender))
    except Unavailable as error:
        raise Unavailable(f"{error}; the message may have gone, so it is not sent again") from error


def _written(message: Message) -> bytes:
    """Write a message as RFC 5322 has it; Rejected where a line break would make a header of its own."""
    mail = EmailMessage()
    try:
        mail["From"] = message.sender
        mail["To"] = message.to.address
        mail["Subject"] = message.subject
    except ValueError as wrong:
        raise Rejected(
            f"the message to {message.to.address} cannot be written, so nothing was sent: {wrong}"
        ) from wrong
    mail.set_content(message.text)
    for one in message.attachments:
        main, _, sub = one.media.partition("/")
        mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    return mail.as_bytes()
