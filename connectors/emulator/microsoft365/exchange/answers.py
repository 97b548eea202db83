"""The service's answers: rows with their types, pages of a long answer, errors, and the empty 403."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote

from connectors.emulator.microsoft365.exchange.errors import BadParameters, BadValue, CmdletError, Missing
from connectors.emulator.service import Answer, Call
from connectors.emulator.wire import Body, Json

QUOTA = {"Rate-Limit-Limit": "30000", "Rate-Limit-Remaining": "29999"}
_INVOKE = "Microsoft.Exchange.Management.PSDirectInvoke.DirectInvokeCmdletExecutionException"
_WORDLESS = f"Exception of type '{_INVOKE}' was thrown."
_TYPES = {"Guid": "System.Guid", "WhenChanged": "System.DateTime", "WhenCreated": "System.DateTime"}


def success(root: str, rows: Iterable[Body], warnings: Sequence[str] = (), marks: Body | None = None) -> Answer:
    """Answer 200 with rows; a write has none, and marks are the keys that begin with @."""
    body: Body = {
        "@odata.context": f"{root}/$metadata#Collection(Exchange.GenericHashTable)",
        "adminapi.warnings@odata.type": "#Collection(String)",
        "@adminapi.warnings": list(warnings),
        **(marks or {}),
        "value": [_typed(row) for row in rows],
    }
    return Answer(200, body, QUOTA)


def failure(error: CmdletError) -> Answer:
    """Answer an error in the shape its class has on the wire."""
    match error:
        case BadValue():
            return _failed(HTTPStatus.BAD_REQUEST, _inner("Invalid Operation", error.text, error.kind), None)
        case BadParameters():
            detail = {"code": "Client", "target": "", "message": f"|{error.kind}|{error.text}"}
            return _failed(HTTPStatus.BAD_REQUEST, _inner("Invalid Operation", error.text, error.kind), detail)
    status = HTTPStatus.NOT_FOUND if isinstance(error, Missing) else HTTPStatus.BAD_REQUEST
    detail = {"code": "Context", "target": "", "message": f"Ex6F9304|{error.kind}|{error.text}"}
    return _failed(status, _inner("Error executing cmdlet", _WORDLESS, _INVOKE), detail)


def denied() -> Answer:
    """Answer 403 as the service does: no words, a run of NUL bytes."""
    return Answer(403, bytes(64), {"Content-Type": "application/octet-stream"})


def plain(status: int, code: str, message: str) -> Answer:
    """Answer an error of the front end, which knows nothing of cmdlets."""
    return Answer(status, {"error": {"code": code, "message": message}})


def _typed(row: Body) -> Body:
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


def _inner(message: str, text: str, kind: str) -> Body:
    return {
        "message": message,
        "type": "Microsoft.Exchange.Admin.OData.Core.ODataServiceException",
        "stacktrace": "",
        "internalexception": {"message": text, "type": kind, "stacktrace": ""},
    }


def _failed(status: HTTPStatus, inner: Body, detail: Body | None) -> Answer:
    code = "NotFound" if status is HTTPStatus.NOT_FOUND else "BadRequest"
    error: dict[str, Json] = {"code": code, "message": inner["message"], "innererror": inner}
    if detail:
        error["details"] = [detail]
    else:
        error |= {"adminapi.warnings@odata.type": "#Collection(String)", "@adminapi.warnings": []}
    return Answer(status, {"error": error}, QUOTA)


LARGEST = 1000
EXPIRED = "Expired or Invalid pagination request"
_AFFINITY = ("x-anchormailbox", "connection-id")


class LostPlace(Exception):
    """A next link was followed without what keeps the place: the same body, anchor and connection."""


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some of the rows, and the token of the next ones where there are more."""

    rows: Sequence[Body]
    token: str | None


def cut(call: Call, rows: Sequence[Body]) -> RowPage:
    """Take the page that a call asks for."""
    start = _start(call)
    end = start + _size(call.headers)
    return RowPage(rows[start:end], f"{end}.{_affinity(call)}" if end < len(rows) else None)


def next_link(root: str, token: str) -> str:
    """Make the address under which the next page is asked for."""
    return f"{root}/InvokeCommand?%24skiptoken={quote(token)}"


def _size(headers: Mapping[str, str]) -> int:
    for preference in headers.get("prefer", "").replace(",", ";").split(";"):
        name, _, value = preference.strip().partition("=")
        if name.lower() == "odata.maxpagesize" and value.isdecimal() and int(value) > 0:
            return min(int(value), LARGEST)
    return LARGEST


def _start(call: Call) -> int:
    token = next((value for name, value in call.query if name.lower() == "$skiptoken"), None)
    if token is None:
        return 0
    start, _, affinity = token.partition(".")
    kept = all(call.headers.get(name) for name in _AFFINITY)
    if not kept or affinity != _affinity(call) or not start.isdecimal():
        raise LostPlace
    return int(start)


def _affinity(call: Call) -> str:
    kept = [*(call.headers.get(name, "") for name in _AFFINITY), call.body.decode(errors="replace")]
    return sha256("\n".join(kept).encode()).hexdigest()[:24]
