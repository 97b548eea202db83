"""$batch: at most ten invocations in one request, answered each by itself and in no particular order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from connectors.emulator.microsoft365.exchange.answers import QUOTA
from connectors.emulator.microsoft365.exchange.invocation import Malformed, read_body
from connectors.emulator.service import Answer, Call, Perform
from connectors.emulator.wire import Body, Json

LARGEST = 10
_FAILED = 400


@dataclass(frozen=True, slots=True)
class BatchedCommand:
    """One request of a batch."""

    id: str
    call: Call


def parts(call: Call) -> Sequence[BatchedCommand]:
    """Read the requests of a batch."""
    requests = read_body(call).get("requests")
    if not isinstance(requests, Sequence) or isinstance(requests, str) or not requests:
        raise Malformed("A batch needs requests.")
    if len(requests) > LARGEST:
        raise Malformed(f"A batch holds at most {LARGEST} requests, not {len(requests)}.")
    found = [_part(call, request) for request in requests]
    if len({part.id for part in found}) < len(found):
        raise Malformed("Two requests of a batch have the same id.")
    return found


def performed(call: Call, perform: Perform) -> Answer:
    """Have each part answered; after a failure the rest is left undone, unless the caller prefers to go on."""
    goes_on = "continue-on-error" in call.headers.get("prefer", "").lower()
    answers: list[Body] = []
    failed = False
    for part in parts(call):
        undone = Answer(424, {"error": {"code": "FailedDependency", "message": "An earlier request failed."}})
        answer = undone if failed and not goes_on else perform(part.call)
        failed = failed or answer.status >= _FAILED
        answers.append(_response(part.id, answer))
    return Answer(200, {"responses": answers[::-1]}, QUOTA)


def _part(call: Call, request: Json) -> BatchedCommand:
    if not isinstance(request, Mapping):
        raise Malformed("A request of a batch is an object.")
    match request:
        case {"id": str(name), "method": str(method), "url": str(url), "body": Mapping() as body}:
            address = urlsplit(url)
        case _:
            raise Malformed("A request of a batch needs id, method, url and body.")
    headers = request.get("headers")
    sent = headers if isinstance(headers, Mapping) else {}
    inner = replace(
        call,
        method=method.upper(),
        path=address.path if address.path.startswith("/") else f"/{address.path}",
        query=parse_qsl(address.query, keep_blank_values=True),
        headers={**call.headers, **{key.lower(): str(value) for key, value in sent.items()}},
        body=json.dumps(body).encode(),
    )
    return BatchedCommand(name, inner)


def _response(name: str, answer: Answer) -> Body:
    body = answer.body.decode(errors="replace") if isinstance(answer.body, bytes) else answer.body
    return {"id": name, "status": answer.status, "headers": dict(answer.headers), "body": body}
