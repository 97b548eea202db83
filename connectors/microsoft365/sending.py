"""Sends one message from the one mailbox that this app may send from."""

from base64 import b64encode
from urllib.parse import quote

from connectors.microsoft365.graph import Graph
from connectors.microsoft365.permissions import graph
from toolkit.errors import NotFound, Refused, Unavailable
from toolkit.sdk.permission import Permissions
from toolkit.sdk.signals import Message
from toolkit.values import Body, Json

PERMISSION = "Mail.Send"
PERMISSIONS = Permissions(write=(graph(PERMISSION, narrowed="Application Mail.Send"),))


def send(graph: Graph, message: Message) -> None:
    """Send a message in plain text, once; the sender's mailbox keeps no copy of it.

    The app needs the application permission Mail.Send, kept to the sender's mailbox by RBAC for Applications of
    Exchange: without that it could send as anybody. It is sent again only where Graph answered that it took nothing;
    Unavailable where no answer came, since the message may have gone. Follows
    https://learn.microsoft.com/graph/api/user-sendmail
    """
    path = f"/users/{quote(message.sender, safe='@')}/sendMail"
    try:
        graph.once(path, {"message": _written(message), "saveToSentItems": False})
    except Unavailable as error:
        raise Unavailable(f"{error}; the message may have gone, so it is not sent again") from error
    except Refused as error:
        raise Refused(
            f"{error}; this app needs the application permission {PERMISSION}, and Exchange has to let it use the "
            f"mailbox {message.sender}",
            missing=PERMISSION,
        ) from error
    except NotFound as error:
        raise NotFound(f"{error}; name a mailbox of this tenant to send from, {message.sender} is none") from error


def _written(message: Message) -> Body:
    attached: list[Json] = [
        {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": one.name,
            "contentType": one.media,
            "contentBytes": b64encode(one.content).decode(),
        }
        for one in message.attachments
    ]
    return {
        "subject": message.subject,
        "body": {"contentType": "text", "content": message.text},
        "toRecipients": [{"emailAddress": {"address": message.to.address, "name": message.to.name}}],
        **({"attachments": attached} if attached else {}),
    }
