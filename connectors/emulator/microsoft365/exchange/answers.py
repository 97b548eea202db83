"""Writes the service's responses (rows, pages, errors, the empty 403), and reads the cmdlets in a request or in a
$batch.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlsplit

from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet
from connectors.emulator.microsoft365.exchange.parameters import (
    BadParameters,
    BadValue,
    CmdletError,
    Missing,
    NotEmulated,
    Reach,
    UnknownParameter,
    index_by_name,
    shared_parameters,
)
from connectors.emulator.microsoft365.exchange.values import convert_value
from connectors.emulator.service import Answer, Call, Perform
from connectors.emulator.store import Body, Json

QUOTA = {"Rate-Limit-Limit": "30000", "Rate-Limit-Remaining": "29999"}
_INVOKE = "Microsoft.Exchange.Management.PSDirectInvoke.DirectInvokeCmdletExecutionException"
_WORDLESS = f"Exception of type '{_INVOKE}' was thrown."
_TYPES = {"Guid": "System.Guid", "WhenChanged": "System.DateTime", "WhenCreated": "System.DateTime"}


def rows_answer(
    root: str, rows: Iterable[Body], warnings: Sequence[str] = (), marks: Body | None = None, *, in_header: bool = False
) -> Answer:
    """Return a 200 response with rows. A write returns no rows. `marks` are the keys that begin with @."""
    body: Body = {
        "@odata.context": f"{root}/$metadata#Collection(Exchange.GenericHashTable)",
        "adminapi.warnings@odata.type": "#Collection(String)",
        "@adminapi.warnings": [] if in_header else list(warnings),
        **(marks or {}),
        "value": [_with_types(row) for row in rows],
    }
    return Answer(200, body, {**QUOTA, **({"X-Warnings": json.dumps(list(warnings))} if in_header else {})})


def error_answer(error: CmdletError) -> Answer:
    """Return the response for an error, in the format of its class."""
    match error:
        case BadValue():
            inner = _inner_error("Invalid Operation", error.text, error.kind)
            return _error_answer(HTTPStatus.BAD_REQUEST, inner, None)
        case BadParameters():
            detail = {"code": "Client", "target": "", "message": f"|{error.kind}|{error.text}"}
            inner = _inner_error("Invalid Operation", error.text, error.kind)
            return _error_answer(HTTPStatus.BAD_REQUEST, inner, detail)
    status = HTTPStatus.NOT_FOUND if isinstance(error, Missing) else HTTPStatus.BAD_REQUEST
    detail = {"code": "Context", "target": "", "message": f"Ex6F9304|{error.kind}|{error.text}"}
    return _error_answer(status, _inner_error("Error executing cmdlet", _WORDLESS, _INVOKE), detail)


def no_token(call: Call) -> Answer:
    """Return the front end's 401 response, which has an empty body."""
    return Answer(401, b"", {"WWW-Authenticate": f'Bearer realm="", authorization_uri="{call.base}"'})


def access_denied() -> Answer:
    """Return the service's 403 response, whose body is NUL bytes that are declared as gzip."""
    return Answer(403, bytes(64), {"Content-Type": "application/octet-stream", "Content-Encoding": "gzip"})


def front_end_error(status: int, code: str, message: str) -> Answer:
    """Return an error response of the front end, which does not run cmdlets."""
    return Answer(status, {"error": {"code": code, "message": message}})


def _with_types(row: Body) -> Body:
    shown: dict[str, Json] = {}
    for name, value in row.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            shown[f"{name}@odata.type"] = "#Collection(String)"
        elif isinstance(value, int) and not isinstance(value, bool):
            shown[f"{name}@data.type"] = "System.Int32"
        elif name in _TYPES and value is not None:
            shown[f"{name}@data.type"] = _TYPES[name]
        shown[name] = value
    return shown


def _inner_error(message: str, text: str, kind: str) -> Body:
    return {
        "message": message,
        "type": "Microsoft.Exchange.Admin.OData.Core.ODataServiceException",
        "stacktrace": "",
        "internalexception": {"message": text, "type": kind, "stacktrace": ""},
    }


def _error_answer(status: HTTPStatus, inner: Body, detail: Body | None) -> Answer:
    code = "NotFound" if status is HTTPStatus.NOT_FOUND else "BadRequest"
    error: dict[str, Json] = {"code": code, "message": inner["message"], "innererror": inner}
    if detail:
        error["details"] = [detail]
    else:
        error |= {"adminapi.warnings@odata.type": "#Collection(String)", "@adminapi.warnings": []}
    return Answer(status, {"error": error}, QUOTA)


LARGEST = 1000
EXPIRED = "Expired or Invalid pagination request. Default Expiry time is 00:30:00."
_AFFINITY = ("x-anchormailbox", "connection-id")


class LostPlace(Exception):
    """Raised if a request for the next page has another body, anchor mailbox or connection."""


@dataclass(frozen=True, slots=True)
class RowPage:
    """One page of rows that a cmdlet returns, and the token of the next page if there is one."""

    rows: Sequence[Body]
    token: str | None


def page_of_rows(call: Call, rows: Sequence[Body], initial_domain: str) -> RowPage:
    """Return the page that a call requests. Raise LostPlace if the anchor mailbox does not lead to the same server."""
    start = _page_start(call, initial_domain)
    end = start + _page_size(call.headers)
    return RowPage(rows[start:end], f"{end}.{_connection_digest(call)}" if end < len(rows) else None)


def next_link(root: str, token: str) -> str:
    """Return the address of the next page."""
    return f"{root}/InvokeCommand?%24skiptoken={quote(token)}"


def _page_size(headers: Mapping[str, str]) -> int:
    for preference in headers.get("prefer", "").replace(",", ";").split(";"):
        name, _, value = preference.strip().partition("=")
        if name.lower() == "odata.maxpagesize" and value.isdecimal() and int(value) > 0:
            return min(int(value), LARGEST)
    return LARGEST


def _page_start(call: Call, initial_domain: str) -> int:
    token = next((value for name, value in call.query if name.lower() == "$skiptoken"), None)
    if token is None:
        return 0
    start, _, affinity = token.partition(".")
    kept = all(call.headers.get(name) for name in _AFFINITY) and _is_anchored(call, initial_domain)
    if not kept or affinity != _connection_digest(call) or not start.isdecimal():
        raise LostPlace
    return int(start)


def _is_anchored(call: Call, initial_domain: str) -> bool:
    """Return whether the anchor mailbox names the initial domain. For a person, the tenant's id is enough.

    Reported in https://github.com/MicrosoftDocs/office-docs-powershell/issues/10907
    """
    domain = call.headers.get("x-anchormailbox", "").rpartition("@")[2].lower()
    person = call.principal if call.principal and call.principal.subject else None
    return domain == initial_domain.lower() or (person is not None and domain == person.tenant_id)


def _connection_digest(call: Call) -> str:
    """Return a digest of the host, anchor, connection and body, which must be the same for every page."""
    kept = [call.base, *(call.headers.get(name, "") for name in _AFFINITY), call.body.decode(errors="replace")]
    return sha256("\n".join(kept).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Invocation:
    """A cmdlet's name, with its parameters as they were sent."""

    name: str
    parameters: Mapping[str, Json]


class Malformed(Exception):
    """Raised if the body does not invoke a cmdlet."""


def read_body(call: Call) -> Mapping[str, Json]:
    """Return the JSON object in the body of a call."""
    try:
        body = json.loads(call.body)
    except ValueError:
        raise Malformed("The request body is not JSON.") from None
    if not isinstance(body, Mapping):
        raise Malformed("The request body is not a JSON object.")
    return body


def read_invocation(call: Call) -> Invocation:
    """Parse {"CmdletInput": {"CmdletName": ..., "Parameters": {...}}}. Parameters may be empty, but not null."""
    command = read_body(call).get("CmdletInput")
    name = command.get("CmdletName") if isinstance(command, Mapping) else None
    if not isinstance(command, Mapping) or not isinstance(name, str) or not name:
        raise Malformed("CmdletInput.CmdletName is required.")
    parameters = command.get("Parameters")
    if not isinstance(parameters, Mapping):
        raise Malformed("CmdletInput.Parameters must be an object.")
    return Invocation(name, parameters)


def bind_parameters(cmdlet: Cmdlet, sent: Mapping[str, Json], hidden: Collection[str] = ()) -> Mapping[str, Json]:
    """Return the converted parameters. Ignored parameters are left out, and hidden parameters count as unknown."""
    table = {**index_by_name(shared_parameters("everywhere")), **cmdlet.parameters}
    values: dict[str, Json] = {}
    for name, value in sent.items():
        if "@" in name:  # the type of a value, such as "AllowList@odata.type"
            continue
        parameter = table.get(name.lower())
        if parameter is None or parameter.reach is Reach.ABSENT or parameter.name in hidden:
            raise UnknownParameter(name)
        if parameter.reach is Reach.ELSEWHERE:
            raise NotEmulated(f"{cmdlet.name} -{parameter.name}")
        if parameter.name in values:
            raise BadParameters(f"Cannot bind parameter because parameter '{parameter.name}' is specified twice.")
        if parameter.is_stored:
            values[parameter.name] = convert_value(parameter, value)
    for parameter in table.values():
        if parameter.required and not values.get(parameter.name):
            raise BadParameters(
                f"Cannot process command because of one or more missing mandatory parameters: {parameter.name}."
            )
    return values


LARGEST_BATCH = 10
_FAILED = 400


@dataclass(frozen=True, slots=True)
class BatchedCommand:
    """One request of a $batch to Exchange."""

    id: str
    call: Call


def read_batch(call: Call) -> Sequence[BatchedCommand]:
    requests = read_body(call).get("requests")
    if not isinstance(requests, Sequence) or isinstance(requests, str) or not requests:
        raise Malformed("A batch needs requests.")
    if len(requests) > LARGEST_BATCH:
        raise Malformed(f"A batch holds at most {LARGEST} requests, not {len(requests)}.")
    commands = [_read_part(call, request) for request in requests]
    if len({part.id for part in commands}) < len(commands):
        raise Malformed("Two requests of a batch have the same id.")
    return commands


def perform_batch(call: Call, perform: Perform) -> Answer:
    """Perform each part of a batch and return the responses.

    After a failure the other parts are skipped, unless the caller has asked to continue.
    """
    goes_on = "continue-on-error" in call.headers.get("prefer", "").lower()
    answers: list[Body] = []
    failed = False
    for part in read_batch(call):
        undone = Answer(424, {"error": {"code": "FailedDependency", "message": "An earlier request failed."}})
        answer = undone if failed and not goes_on else perform(part.call)
        failed = failed or answer.status >= _FAILED
        answers.append(_part_response(part.id, answer))
    return Answer(200, {"responses": answers[::-1]}, QUOTA)


def _read_part(call: Call, request: Json) -> BatchedCommand:
    if not isinstance(request, Mapping):
        raise Malformed("A request of a batch is an object.")
    match request:
        case {"id": str(name), "method": str(method), "url": str(url), "body": Mapping() as body}:
            address = urlsplit(url)
        case _:
            raise Malformed("A request of a batch needs id, method, url and body.")
    headers = request.get("headers")
    sent = headers if isinstance(headers, Mapping) else {}
    if str(sent.get("parameter-based-routing")).lower() != "true":
        # No program is known that leaves it out, so the answer without it is not known.
        raise Malformed("A request of a batch needs the header parameter-based-routing.")
    inner = replace(
        call,
        method=method.upper(),
        path=address.path if address.path.startswith("/") else f"/{address.path}",
        query=parse_qsl(address.query, keep_blank_values=True),
        headers={**call.headers, **{key.lower(): str(value) for key, value in sent.items()}},
        body=json.dumps(body).encode(),
    )
    return BatchedCommand(name, inner)


def _part_response(name: str, answer: Answer) -> Body:
    body = answer.body.decode(errors="replace") if isinstance(answer.body, bytes) else answer.body
    return {"id": name, "status": answer.status, "headers": dict(answer.headers), "body": body}
