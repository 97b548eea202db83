"""JSON batching: up to twenty requests in one, each answered by itself (learn.microsoft.com/graph/json-batching)."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import parse_qsl, unquote

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.service import Answer, Call, Perform
from connectors.emulator.wire import Body, Json

_MOST = 20
_FAILED = 400


@dataclass(frozen=True, slots=True)
class _GraphBatchPart:
    id: str
    call: Call
    needs: tuple[str, ...]


def answer_batch(call: Call, version: str, perform: Perform) -> Answer:
    """Answer every part, those that need others after them."""
    answers: dict[str, Answer] = {}
    for part in _parts(call, version):
        failed = [one for one in part.needs if answers[one].status >= _FAILED]
        answers[part.id] = errors.answer(call, _dependency(failed)) if failed else perform(part.call)
    # The real service keeps no order either; a client that relies on one is found out here.
    return Answer(body={"responses": [_response(key, answers[key]) for key in reversed(answers)]})


def _parts(call: Call, version: str) -> list[_GraphBatchPart]:
    try:
        requests = json.loads(call.body)["requests"]
        parts = [_part(call, version, cast(Body, one)) for one in requests]
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise errors.bad_request("Invalid batch payload format.") from bad
    if len(parts) > _MOST:
        raise errors.bad_request(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    known: set[str] = set()
    for part in parts:
        if part.id in known:
            raise errors.bad_request(f"Duplicate request id '{part.id}' in batch.")
        if set(part.needs) - known:
            raise errors.bad_request(f"Request '{part.id}' depends on a request that does not come before it.")
        known.add(part.id)
    return parts


def _part(call: Call, version: str, one: Body) -> _GraphBatchPart:
    path, _, query = str(one["url"]).partition("?")
    given, needs = one.get("headers") or {}, one.get("dependsOn") or []
    if not isinstance(given, Mapping) or not isinstance(needs, list):
        raise TypeError("headers must be an object, dependsOn a list")
    headers = {name.lower(): str(value) for name, value in given.items()}
    signed = {name: value for name, value in call.headers.items() if name in ("authorization", "client-request-id")}
    inside = replace(
        call,
        method=str(one["method"]).upper(),
        path=f"/{version}/{unquote(path).lstrip('/')}",
        query=parse_qsl(query, keep_blank_values=True),
        headers={**signed, **headers},
        body=_body(one.get("body")),
    )
    return _GraphBatchPart(str(one["id"]), inside, tuple(str(need) for need in needs))


def _body(body: Json) -> bytes:
    if body is None:
        return b""
    return b64decode(body) if isinstance(body, str) else json.dumps(body).encode()


def _dependency(failed: list[str]) -> errors.GraphError:
    return errors.GraphError(
        424, "FailedDependency", f"A request that this one depends on failed: {', '.join(failed)}."
    )


def _response(key: str, answer: Answer) -> Body:
    body = b64encode(answer.body).decode() if isinstance(answer.body, bytes) else answer.body
    headers = {"Content-Type": "application/json", **answer.headers} if body is not None else dict(answer.headers)
    part: dict[str, Json] = {"id": key, "status": answer.status, "headers": headers}
    return part if body is None else {**part, "body": body}
