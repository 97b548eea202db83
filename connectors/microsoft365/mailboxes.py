"""Reads people's mailbox settings, 20 in a request, and sends mail from a mailbox."""

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
"""Graph's limit of requests in a batch."""

# Graph's error codes if the account itself does not exist. A missing mailbox has other codes.
_NO_ACCOUNT = {"ErrorInvalidUser", "Request_ResourceNotFound"}


def settings_path(person: str, select: str = "") -> str:
    """Return the path of a person's mailbox settings, by id or address."""
    return path_with(f"/users/{segment(person)}/mailboxSettings", {"select": select} if select else {})


def read_settings(graph: Graph, people: Sequence[str], select: str) -> Iterator[tuple[str, Body | RequestFailed]]:
    """Yield each person's selected settings, or the error for that person.

    Raise an error if no one's settings can be read, unless no one has a mailbox. Follows
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
    """Divide people into groups, one for each request."""
    return (people[start : start + size] for start in range(0, len(people), size))


def raise_for_everybody(errors: Sequence[RequestFailed]) -> None:
    """Raise an error because of which no one could be read. A missing mailbox is not such an error."""
    for error in errors:
        if not isinstance(error, NotFound):
            raise error


def has_no_account(error: RequestFailed) -> bool:
    """Return whether the tenant has no account with the requested name."""
    return isinstance(error, NotFound) and error.code in _NO_ACCOUNT


def explain_unreadable_mailbox(error: RequestFailed) -> str:
    """Return a sentence that explains why a mailbox cannot be read."""
    match error:
        case NotFound():
            return f"this person has no active mailbox in Exchange Online: {error}"
        case Refused():
            return (
                "Exchange lets this app open other mailboxes but not this mailbox. An access policy, or the scope of "
                "an application role, leaves out this mailbox"
            )
        case BadAnswer():
            return f"toolkit cannot understand the service's response: {error}"
        case _:
            return str(error)


PERMISSION = "Mail.Send"
PERMISSIONS = Permissions(write=(graph(PERMISSION, narrowed="Application Mail.Send"),))


def send(graph: Graph, message: Message) -> None:
    """Send a plain-text message once. The sender's mailbox keeps no copy.

    The app needs the application permission Mail.Send. RBAC for Applications in Exchange can limit the app to the
    sender's mailbox. Without that, it could send as anyone. The message is sent again only if Graph reports that it did
    not accept it. Raise Unavailable if there was no response, because the message may have been sent. Follows
    https://learn.microsoft.com/graph/api/user-sendmail
    """
    path = f"/users/{segment(message.sender)}/sendMail"
    try:
        graph.send_once(path, {"message": _to_body(message), "saveToSentItems": False})
    except Unavailable as error:
        reason = str(error).rstrip(".")
        raise Unavailable(f"{reason}. The message may have been sent, so toolkit does not send it again") from error
    except Refused as error:
        raise Refused(
            f"{error}. This app needs the application permission {PERMISSION}, and Exchange must let it use the "
            f"mailbox {message.sender}",
            missing=PERMISSION,
        ) from error
    except NotFound as error:
        raise NotFound(f"{error}. {message.sender} is not a mailbox of this tenant. Set another sender") from error


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
