"""What Defender answers: a body, or its refusal in our terms.

Follows https://learn.microsoft.com/defender-endpoint/api/common-errors
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

from connectors.microsoft365.defender.requests import DefenderRequest
from connectors.microsoft365.replies import Reply, raise_by_status
from toolkit.errors import BadAnswer, NotFound, Refused, Rejected
from toolkit.sdk.shapes import read_rows
from toolkit.values import Body, Json

PERMISSION = "Ti.ReadWrite.All"


def body_of(request: DefenderRequest, reply: Reply) -> Body:
    """Give the body of an answer, empty where a write has none; raises for all that is not one."""
    if not reply.fine:
        _raise_refusal(request, reply)
    if isinstance(reply.body, Mapping):
        return reply.body
    if reply.body is None and not request.reads:
        return {}
    raise BadAnswer(f"{request}: the answer is no JSON object; is a web filter in between?")


def rows_of(request: DefenderRequest, body: Body) -> list[Body]:
    """Give the rows of an answer that is a list."""
    return read_rows(body.get("value"), str(request))


def next_link(body: Body) -> Json:
    """Return the link to the next page as the answer has it; nothing where there is none."""
    return body.get("@odata.nextLink")


def _raise_refusal(request: DefenderRequest, reply: Reply) -> NoReturn:
    error = reply.body.get("error") if isinstance(reply.body, Mapping) else None
    said = error if isinstance(error, Mapping) else {}
    code, words = str(said.get("code") or ""), str(said.get("message") or "no reason given")
    text = f"{request}: {words}" + (f" ({code})" if code else "")
    raise_by_status(reply, what=str(request), text=words)
    match reply.status:
        case HTTPStatus.FORBIDDEN:
            advice = f"this app needs the application permission {PERMISSION} of WindowsDefenderATP, with admin consent"
            raise Refused(f"{text}; {advice}", missing=PERMISSION)
        case HTTPStatus.NOT_FOUND:
            raise NotFound(text)
        case _ if reply.body is None:
            raise BadAnswer(f"{request}: {reply.status} without a reason; is a web filter in between?")
        case _:
            raise Rejected(text)
