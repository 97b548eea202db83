"""The error responses of Microsoft Graph (learn.microsoft.com/graph/errors)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from connectors.emulator.service import Answer, Call
from connectors.emulator.store import Body, Json

_FAULTS: Mapping[int, tuple[str, str]] = {
    401: ("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    403: ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    429: ("TooManyRequests", "Too many requests. Please retry after the time in the Retry-After header."),
    500: ("InternalServerError", "The server encountered an internal error."),
    502: ("BadGateway", "The server, while acting as a proxy, received an invalid response."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable. Please retry later."),
    504: ("GatewayTimeout", "The server, while acting as a proxy, did not receive a timely response."),
}


@dataclass(frozen=True)
class GraphError(Exception):
    """An error response of Graph, with the status, code and message."""

    status: int
    code: str
    message: str


def fault(status: int) -> GraphError:
    """Return the fixed error response for an HTTP status."""
    return GraphError(status, *_FAULTS[status])


def no_reports(permissions: frozenset[str]) -> GraphError:
    """Return the error response to a caller who may not read usage reports
    (github.com/microsoftgraph/microsoft-graph-docs/issues/8547).
    """
    del permissions
    return GraphError(403, "S2SUnauthorized", "Invalid permission.")


def no_token(call: Call) -> GraphError:
    """Return the error response to a call whose token is missing or invalid."""
    if "authorization" not in call.headers:
        return GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
    return GraphError(401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")


def not_found(key: str) -> GraphError:
    text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", text)


def bad_request(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)


def invalid_request(message: str) -> GraphError:
    """Return the error with which the directory rejects a request body."""
    return GraphError(400, "Request_BadRequest", message)


def unsupported_query(message: str) -> GraphError:
    return GraphError(400, "Request_UnsupportedQuery", message)


def expired_page() -> GraphError:
    text = "The specified page token value has expired and can no longer be included in your request."
    return GraphError(400, "Directory_ExpiredPageToken", text)


def no_segment(name: str) -> GraphError:
    """Return the error response to a path that this version of Graph does not have."""
    return bad_request(f"Resource not found for the segment '{name}'.")


def invalid_model(message: str) -> GraphError:
    """Return the error response to a request body of the wrong type
    (github.com/microsoft/Intune-Config-Frameworks/issues/8).
    """
    return GraphError(400, "ModelValidationFailure", message)


def unknown_property(name: str, type_name: str) -> GraphError:
    """Return the error response to a property that its type lacks
    (github.com/microsoft/Intune-PowerShell-SDK/issues/98).
    """
    return invalid_model(
        f"The property '{name}' does not exist on type '{inner_name(type_name)}'. Make sure to only use property names "
        "that are defined by the type."
    )


def not_converted(value: Json, expected: str) -> GraphError:
    """Return the error for a value of the wrong type (github.com/Microsoft365DSC/Microsoft365DSC/issues/5954)."""
    literal = {True: "true", False: "false"}[value] if isinstance(value, bool) else value
    return invalid_model(f"Cannot convert the literal '{literal}' to the expected type '{expected}'.")


def inner_name(type_name: str) -> str:
    """Return the name of a type in Intune's own model."""
    return f"microsoft.management.services.api.{type_name}"


def not_emulated(what: str) -> GraphError:
    """Return the error response to a request for a feature that Graph has but the emulator does not."""
    return GraphError(501, "NotEmulated", f"The emulator's graph does not emulate {what}.")


def answer(call: Call, error: GraphError) -> Answer:
    """Return a response with a refusal in Graph's format."""
    request_id = str(uuid4())
    inner: dict[str, Json] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": call.headers.get("client-request-id", request_id),
    }
    body: Body = {"error": {"code": error.code, "message": error.message, "innerError": inner}}
    return Answer(status=error.status, body=body, headers={"request-id": request_id})
