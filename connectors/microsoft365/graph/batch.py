"""Up to twenty requests in one, each with an answer of its own (learn.microsoft.com/graph/json-batching)."""

from collections.abc import Mapping
from http import HTTPStatus

from connectors.microsoft365.graph.answers import body_of
from connectors.microsoft365.graph.requests import GraphRequest
from connectors.microsoft365.graph.wire import GraphWire
from connectors.microsoft365.replies import Reply, read_part
from toolkit.errors import BadAnswer, ServiceError, Unavailable
from toolkit.values import Body, Json

MOST = 20
_BATCH = "/$batch"


def send_batch(wire: GraphWire, requests: Mapping[int, GraphRequest]) -> Mapping[int, Body | ServiceError]:
    """Send at most twenty requests once; raises only where all of them were refused together."""
    if len(requests) == 1:
        ((number, request),) = requests.items()
        return {number: _outcome(request, wire.send(request))}
    replies = _replies(wire, requests)
    stale = {n: requests[n] for n, reply in replies.items() if reply.status == HTTPStatus.UNAUTHORIZED}
    if stale:
        wire.renew()
        replies = {**replies, **_replies(wire, stale)}
    return {n: _outcome(request, replies.get(n)) for n, request in requests.items()}


def _replies(wire: GraphWire, requests: Mapping[int, GraphRequest]) -> Mapping[int, Reply]:
    """Send a batch and match the answers by id: the service does not keep the order."""
    parts: list[Json] = [_part(number, request) for number, request in requests.items()]
    batch = GraphRequest("POST", _BATCH, {"requests": parts})
    answers = body_of(batch, wire.send(batch)).get("responses")
    if not isinstance(answers, list):
        raise BadAnswer(f"{batch}: the answer holds no answers to its parts")
    found = {str(part.get("id")): read_part(part) for part in answers if isinstance(part, Mapping)}
    return {n: found[str(n)] for n in requests if str(n) in found}


def _part(number: int, request: GraphRequest) -> Body:
    part: dict[str, Json] = {"id": str(number), "method": request.method, "url": request.path}
    if request.body is None:
        return part
    return {**part, "headers": {"Content-Type": "application/json"}, "body": request.body}


def _outcome(request: GraphRequest, reply: Reply | None) -> Body | ServiceError:
    if reply is None:
        return Unavailable(f"{request}: this part of the batch was not answered")
    try:
        return body_of(request, reply)
    except ServiceError as error:
        return error
