"""What Defender answers to a request it refuses (learn.microsoft.com/defender-endpoint/api/common-errors)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import uuid4

from connectors.emulator.service import Answer

_FAULTS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        401: ("Unauthorized", "The token is missing, expired or for another resource."),
        403: ("Forbidden", "The application does not have any of the required application permissions."),
        429: ("TooManyRequests", "The API call quota was exceeded. Retry after the time in the Retry-After header."),
        500: ("InternalServerError", "Internal server error."),
        502: ("BadGateway", "Bad gateway."),
        503: ("ServiceUnavailable", "The service is temporarily unavailable."),
        504: ("GatewayTimeout", "Gateway timeout."),
    }
)


@dataclass(frozen=True)
class DefenderError(Exception):
    """A refusal of Defender's: status, code and message."""

    status: int
    code: str
    message: str


def fault(status: int) -> DefenderError:
    """Word one of the refusals that say nothing of the request itself."""
    return DefenderError(status, *_FAULTS[status])


def forbidden(permissions: frozenset[str]) -> DefenderError:
    needed = ", ".join(sorted(permissions))
    return DefenderError(
        403, "Forbidden", f"The application does not have any of the required application permissions ({needed})."
    )


def bad(code: str, message: str) -> DefenderError:
    return DefenderError(400, code, message)


def not_found(key: str) -> DefenderError:
    return DefenderError(404, "ResourceNotFound", f"Resource not found: indicator {key}.")


def answer(error: DefenderError) -> Answer:
    """Word a refusal as Defender does; the target is the id of the request."""
    body = {"error": {"code": error.code, "message": error.message, "target": str(uuid4())}}
    return Answer(status=error.status, body=body)
