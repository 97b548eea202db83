"""The cmdlet named in a request, its parameters checked against the cmdlet's table; and $batch, up to ten of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from connectors.emulator.microsoft365.exchange.answers import QUOTA
from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet
from connectors.emulator.microsoft365.exchange.errors import BadParameters, NotEmulated, UnknownParameter
from connectors.emulator.microsoft365.exchange.parameters import EVERYWHERE, Reach, by_name
from connectors.emulator.microsoft365.exchange.values import converted
from connectors.emulator.service import Answer, Call, Perform
from connectors.emulator.wire import Body, Json


@dataclass(frozen=True, slots=True)
class Invocation:
    """A cmdlet by name, with its parameters as they were sent."""

    name: str
    parameters: Mapping[str, Json]


class Malformed(Exception):
    """The body is not an invocation."""


def read_body(call: Call) -> Mapping[str, Json]:
    """Read the JSON object that a call carries."""
    try:
        body = json.loads(call.body)
    except ValueError:
        raise Malformed("The request body is not JSON.") from None
    if not isinstance(body, Mapping):
        raise Malformed("The request body is not a JSON object.")
    return body


def read_invocation(call: Call) -> Invocation:
    """Read {"CmdletInput": {"CmdletName": ..., "Parameters": {...}}}; Parameters may be empty, and not null."""
    asked = read_body(call).get("CmdletInput")
    name = asked.get("CmdletName") if isinstance(asked, Mapping) else None
    if not isinstance(asked, Mapping) or not isinstance(name, str) or not name:
        raise Malformed("CmdletInput.CmdletName is required.")
    parameters = asked.get("Parameters")
    if not isinstance(parameters, Mapping):
        raise Malformed("CmdletInput.Parameters must be an object.")
    return Invocation(name, parameters)


def bound(cmdlet: Cmdlet, sent: Mapping[str, Json]) -> Mapping[str, Json]:
    """Convert the parameters that were sent; what is accepted and ignored is left out."""
    table = {**by_name(EVERYWHERE), **cmdlet.parameters}
    values: dict[str, Json] = {}
    for name, value in sent.items():
        if "@" in name:  # a type beside its value, as in "AllowList@odata.type"
            continue
        parameter = table.get(name.lower())
        if parameter is None or parameter.reach is Reach.ABSENT:
            raise UnknownParameter(name)
        if parameter.reach is Reach.ELSEWHERE:
            raise NotEmulated(f"{cmdlet.name} -{parameter.name}")
        if parameter.name in values:
            raise BadParameters(f"Cannot bind parameter because parameter '{parameter.name}' is specified twice.")
        if parameter.kept:
            values[parameter.name] = converted(parameter, value)
    for parameter in table.values():
        if parameter.required and not values.get(parameter.name):
            raise BadParameters(
                f"Cannot process command because of one or more missing mandatory parameters: {parameter.name}."
            )
    return values


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
