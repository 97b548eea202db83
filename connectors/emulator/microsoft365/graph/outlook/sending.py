"""Sending a message: nobody gets it, and a test can read it."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.outlook.mailbox import SENT, forbidden, owner, read_body
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

_RECIPIENTS = ("toRecipients", "ccRecipients", "bccRecipients")


def actions() -> Sequence[Action]:
    """List the action."""
    notes = "kept in outlook.sentMessages; no message in MIME"
    permissions = frozenset({"Mail.Send"})
    return (Action("POST", "/users/{id}/sendMail", permissions, _send, notes=notes, forbid=forbidden),)


def _send(asking: ActionRequest) -> Answer:
    person = owner(asking)
    body = {name.lower(): value for name, value in asking.body().items()}
    given = body.get("message")
    if not isinstance(given, Mapping):
        raise GraphError(400, "ErrorInvalidRequest", "The parameter 'Message' is required.")
    message = read_body(_spelt(given), "message", asking.version)
    lists = (message.get(name) for name in _RECIPIENTS)
    everyone = [one for found in lists if isinstance(found, Sequence) for one in found]
    if not everyone or not all(_address(one) for one in everyone):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    key = str(uuid4())
    sent: dict[str, Json] = {
        "id": key,
        "sender": person["userPrincipalName"],
        "senderId": person["id"],
        "sentDateTime": clock.text(clock.now(asking.store, asking.tenant_id)),
        "saveToSentItems": body.get("savetosentitems", True),
        "message": message,
    }
    asking.store.put(asking.tenant_id, SENT, key, sent)
    return Answer(status=202)


def _spelt(message: Body) -> Body:
    """Spell the type of the content as the type has it: the vendor's own samples send HTML and Text."""
    content = message.get("body")
    if not isinstance(content, Mapping) or "contentType" not in content:
        return message
    return {**message, "body": {**content, "contentType": str(content["contentType"]).lower()}}


def _address(recipient: Json) -> bool:
    held = recipient.get("emailAddress") if isinstance(recipient, Mapping) else None
    return isinstance(held, Mapping) and "@" in str(held.get("address"))
