"""The settings of many people's mailboxes, twenty in a request, and sending mail from one mailbox."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import TypeVar

from connectors.microsoft365.graph.service import GraphRequest, path_with
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.permissions import graph
from toolkit.errors import BadAnswer, NotFound, Refused, RequestFailed, Unavailable
from toolkit.school.signals import Message
from toolkit.sdk import Permissions, segment
from toolkit.values import Body, Json

T = TypeVar("T")

TOGETHER = 20
"""People of one request: as many as Graph takes parts in a batch."""

# The codes of Graph where there is no account at all, which is another thing than no mailbox.
_NO_ACCOUNT = {"ErrorInvalidUser", "Request_ResourceNotFound"}


def settings_path(person: str, select: str = "") -> str:
    """Name the settings of a person's mailbox, by id or address."""
    return path_with(f"/users/{segment(person)}/mailboxSettings", {"select": select} if select else {})


def read_settings(graph: Graph, people: Sequence[str], select: str) -> Iterator[tuple[str, Body | RequestFailed]]:
    """Give for each of the people the chosen settings, or why that one has none to be read.

    Raises where no one's could be read, and not because none of them has a mailbox. Follows
    https://learn.microsoft.com/graph/api/user-get-mailboxsettings
    """
    any_read, failed = False, list[tuple[str, RequestFailed]]()
    for chunk in chunks(people):
        responses = graph.batch([GraphRequest("GET", settings_path(person, select)) for person in chunk])
        for person, response in zip(chunk, responses, strict=True):
            if isinstance(response, RequestFailed):
                failed.append((person, response))
                continue
            any_read = True
            yield person, response
    if not any_read:
        raise_for_everybody([error for _, error in failed])
    yield from failed


def chunks(people: Sequence[T], size: int = TOGETHER) -> Iterator[Sequence[T]]:
    """Divide people into as many as go into one request."""
    return (people[start : start + size] for start in range(0, len(people), size))


def raise_for_everybody(errors: Sequence[RequestFailed]) -> None:
    """Raise what kept everybody from being read; return where no one was asked about, or no one has a mailbox."""
    for error in errors:
        if not isinstance(error, NotFound):
            raise error


def has_no_account(error: RequestFailed) -> bool:
    """Return whether the tenant has no one of the name that was asked for."""
    return isinstance(error, NotFound) and error.code in _NO_ACCOUNT


def told(error: RequestFailed) -> str:
    """Say in plain words why one mailbox cannot be read while others can."""
    match error:
        case NotFound():
            return f"there is no mailbox in Exchange Online, or none that is in use: {error}"
        case Refused():
            return (
                "Exchange does not let this app open the mailbox, though it opens others: an access policy, or the "
                "scope of a role for applications, leaves it out"
            )
        case BadAnswer():
            return f"its answer could not be understood: {error}"
        case _:
            return str(error)


PERMISSION = "Mail.Send"
PERMISSIONS = Permissions(write=(graph(PERMISSION, narrowed="Application Mail.Send"),))


def send(graph: Graph, message: Message) -> None:
    """Send a message in plain text, once; the sender's mailbox keeps no copy of it.

    The app needs the application permission Mail.Send, kept to the sender's mailbox by RBAC for Applications of
    Exchange: without that it could send as anybody. It is sent again only where Graph answered that it took nothing;
    Unavailable where no answer came, since the message may have gone. Follows
    https://learn.microsoft.com/graph/api/user-sendmail
    """
    path = f"/users/{segment(message.sender)}/sendMail"
    try:
        graph.once(path, {"message": _to_body(message), "saveToSentItems": False})
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


def _to_body(message: Message) -> Body:
    attachments: list[Json] = [
        {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": attachment.name,
            "contentType": attachment.media,
            "contentBytes": b64encode(attachment.content).decode(),
        }
        for attachment in message.attachments
    ]
    return {
        "subject": message.subject,
        "body": {"contentType": "text", "content": message.text},
        "toRecipients": [{"emailAddress": {"address": message.to.address, "name": message.to.name}}],
        **({"attachments": attachments} if attachments else {}),
    }
