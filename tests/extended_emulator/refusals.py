"""The form in which each service reports an error that a fault asks for, or a list that is cut short."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from connectors.emulator.data_files import read_data
from connectors.emulator.google_workspace.api import errors as google
from connectors.emulator.google_workspace.api.requests import apply_method_override
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.oauth import OAuth
from connectors.emulator.google_workspace.oauth import errors as oauth
from connectors.emulator.microsoft365 import sign_in_errors
from connectors.emulator.microsoft365.defender import Defender
from connectors.emulator.microsoft365.defender import checking as defender
from connectors.emulator.microsoft365.entra import Entra
from connectors.emulator.microsoft365.exchange import answers as exchange
from connectors.emulator.microsoft365.exchange.cmdlet import FIRST_THOUSAND
from connectors.emulator.microsoft365.exchange.service import CmdletService, read_route
from connectors.emulator.microsoft365.graph import errors as graph
from connectors.emulator.microsoft365.graph.query import next_link
from connectors.emulator.microsoft365.graph.service import Graph
from connectors.emulator.service import Answer, Call, Service
from connectors.emulator.store import Body, Json

_TABLE = read_data(Path(__file__).with_suffix(".json"))  # reasons, Google's messages by service, Exchange's by status
_REFUSED = "The request was refused."
_UNAVAILABLE = "The service is temporarily unavailable. Please retry later."
_ABORTED: Body = {"code": 10, "message": "The operation was aborted."}  # google.rpc.Code


def refuse(service: Service, call: Call, status: int, reason: str = "") -> Answer:
    """Return an error in the form of a service: 401, 403, 429, 500, 502, 503 or 504.

    If a fault names a reason, which is one of the service's codes, any status may come with it.
    """
    match service:
        case GoogleApi():
            return _google(service, status, reason)
        case OAuth():
            names = {401: "invalid_client", 403: "access_denied", 429: "rate_limit_exceeded"}
            error = reason or names.get(status, "internal_failure")
            return oauth.answer(oauth.OAuthError(error, "Backend Error", status))
        case Entra():
            names = {401: "invalid_client", 403: "access_denied"}
            error = reason or names.get(status, "temporarily_unavailable")
            return sign_in_errors.answer(sign_in_errors.EntraError(error, 90033, _UNAVAILABLE, status))
        case CmdletService():
            return _exchange(call, status, reason)
        case _:
            return _microsoft(service, call, status, reason)


def _microsoft(service: Service, call: Call, status: int, reason: str) -> Answer:
    match service:
        case Graph():
            refused = graph.GraphError(status, reason, _REFUSED) if reason else graph.fault(status)
            return graph.answer(call, refused)
        case Defender():
            error = defender.DefenderError(status, reason, _REFUSED) if reason else defender.fixed_error(status)
            return defender.answer(error)
    return Answer(status)


RETRY_TIME = "userRateLimitExceeded"
"""The reason with which Gmail states the retry time in its message and not in a header."""


def with_retry_time(answer: Answer, until: datetime) -> Answer:
    """Add the retry time to the message of a Google error."""
    assert isinstance(answer.body, Mapping)
    error = answer.body["error"]
    assert isinstance(error, Mapping)
    words = f"User-rate limit exceeded.  Retry after {until:%Y-%m-%dT%H:%M:%S}.000Z"
    return replace(answer, body={"error": {**error, "message": words}})


def _google(service: GoogleApi, status: int, reason: str) -> Answer:
    if reason == "operationUndone":  # the write is still running
        return Answer(body={"name": f"operations/{uuid4().hex}", "done": False})
    if reason == "operationFailed":  # the write failed, but the HTTP response is a success
        return Answer(body={"done": True, "error": _ABORTED})
    said = _TABLE["reasons"].get(reason, _REFUSED)
    error = google.ApiError(status, reason, said) if reason else google.fault(status)
    own = _TABLE["worded"].get(service.name, {})
    return service.wording.answer(replace(error, message=own.get(error.reason, error.message)))


def _exchange(call: Call, status: int, reason: str) -> Answer:
    """Return an error of the Exchange front end. A 401 has no body, and a 403 consists of NUL bytes."""
    if reason:
        return exchange.front_end_error(status, reason, _REFUSED)
    if status == 401:
        return exchange.no_token(call)
    return (
        exchange.access_denied()
        if status == 403
        else exchange.front_end_error(status, *_TABLE["exchange"][str(status)])
    )


def truncate(service: Service, call: Call, answer: Answer) -> Answer:
    """Return half of a page, with a link or token that leads nowhere. Other responses are unchanged."""
    body = answer.body
    if not isinstance(body, Mapping) or answer.status != 200:
        return answer
    if isinstance(service, GoogleApi):
        cut = {name: value[: len(value) // 2] for name, value in body.items() if isinstance(value, list)}
        return replace(answer, body={**body, **cut, "nextPageToken": "lost"}) if _pages(service, call) else answer
    rows = body.get("value")
    half = _half(service, call, rows) if isinstance(rows, list) else {}
    return replace(answer, body={**body, **half})


def _half(service: Service, call: Call, rows: list[Json]) -> Body:
    half = {"value": rows[: len(rows) // 2]}
    match service:
        case Graph():
            return {"@odata.nextLink": next_link(call, "lost"), **half}
        case Defender() if call.method == "GET":
            return {"@odata.nextLink": f"{call.base}{call.path}?$skip=lost", **half}
        case CmdletService() if route := read_route(call):
            link = exchange.next_link(route.root(call.base), "0.lost")
            return {"@adminapi.warnings": [FIRST_THOUSAND] * bool(rows), "@odata.nextLink": link, **half}
    return {}


def _pages(service: GoogleApi, call: Call) -> bool:
    """Return whether the response to a call is paged."""
    call = apply_method_override(call)
    interface = service._interface
    route = interface.find(call.method, call.path)
    return bool(
        route and route.method.response and "nextPageToken" in interface.types.resolve(route.method.response).properties
    )
