"""Sending a message as one's own mailbox: nobody gets it, and a test can read it in gmail.sentMessages."""

from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from email import message_from_bytes, policy
from types import MappingProxyType
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.mailboxes import owner
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body, Json

SENT = "gmail.sentMessages"  # by message's id


def _send(asked: MethodCall) -> Body:
    person = owner(asked)
    raw = text(asked.body.get("raw"))
    if not raw:
        raise errors.invalid_argument(
            "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        )
    try:
        message = message_from_bytes(urlsafe_b64decode(raw + "=" * (-len(raw) % 4)), policy=policy.default)
    except NotBase64 as bad:
        raise errors.invalid_argument("Invalid value for ByteString") from bad
    to = [str(message[name]) for name in ("To", "Cc", "Bcc") if message[name]]
    if not to:
        raise errors.invalid_argument("Recipient address required")
    key = uuid4().hex[:16]
    sent: dict[str, Json] = {"id": key, "threadId": text(asked.body.get("threadId")) or key, "labelIds": ["SENT"]}
    kept: dict[str, Json] = {
        **sent,
        "sender": person["primaryEmail"],
        "to": ", ".join(to),
        "subject": str(message["Subject"] or ""),
        "sentTime": clock.text(asked.now),
        "raw": raw,
    }
    asked.collection(SENT).put(key, kept)
    return sent


HANDLERS: Mapping[str, Handler] = MappingProxyType({"gmail.users.messages.send": _send})
