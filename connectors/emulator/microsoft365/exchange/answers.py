"""How the service words its answers: rows with their types beside them, errors, and the 403 made of nothing."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus

from connectors.emulator.microsoft365.exchange.errors import BadParameters, BadValue, CmdletError, Missing
from connectors.emulator.service import Answer
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
