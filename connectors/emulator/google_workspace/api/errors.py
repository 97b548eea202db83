"""The error responses of Google's APIs.

Old APIs list `errors` with reasons, new APIs have a `status` and `details`, and Gmail does both
(developers.google.com/workspace/admin/directory/v1/limits, cloud.google.com/apis/design/errors).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.emulator.data_files import read_data
from connectors.emulator.google_workspace.api.methods import Violation
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

_TABLE = read_data(Path(__file__).with_suffix(".json"))  # statuses and faults by HTTP status, messages by reason


@dataclass(frozen=True)
class ApiError(Exception):
    """An error response: the HTTP status, reason and message, and the part of the request that is wrong."""

    status: int
    reason: str
    message: str
    place: str = ""
    place_type: str = "parameter"
    details: Sequence[Body] = ()
    shorter: str = ""  # the message inside the list of errors, where that is another
    challenge: str = ""  # WWW-Authenticate


@dataclass(frozen=True, slots=True)
class Wording:
    """The format in which a Google API writes its errors."""

    reasons: bool  # a list of errors with reasons
    statuses: bool  # a status such as NOT_FOUND, with details

    def answer(self, error: ApiError) -> Answer:
        reason: dict[str, Json] = {
            "message": error.shorter or error.message,
            "domain": "global",
            "reason": error.reason,
        }
        if error.place:
            reason |= {"location": error.place, "locationType": error.place_type}
        body: dict[str, Json] = {"code": error.status, "message": error.message}
        if self.reasons:
            body["errors"] = [reason]
        if self.statuses:
            status = (
                "FAILED_PRECONDITION" if error.reason == "failedPrecondition" else _TABLE["statuses"][str(error.status)]
            )
            body["status"] = status
            body |= {"details": error.details} if error.details else {}
        headers = {"WWW-Authenticate": error.challenge} if error.challenge else {}
        return Answer(status=error.status, body={"error": body}, headers=headers)


def fault(status: int) -> ApiError:
    """Return the fixed error response for an HTTP status."""
    row = _TABLE["faults"][str(status)]
    return ApiError(status, **row, shorter="Invalid Credentials" if row["reason"] == "authError" else "")


def no_token(*, given: bool) -> ApiError:
    """Return the error response to a call whose token is missing or invalid."""
    if given:
        return replace(fault(401), place="Authorization", place_type="header")
    message = f"Request is missing required authentication credential. {_TABLE['login']}"
    return ApiError(401, "required", message, "Authorization", "header", shorter="Login Required.")


def missing_scope(scopes: frozenset[str]) -> ApiError:
    needed = " ".join(sorted(scopes))
    return ApiError(
        403, "insufficientPermissions", "Request had insufficient authentication scopes.",
        details=[_error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", {})], shorter="Insufficient Permission",
        challenge=f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{needed}"',
    )  # fmt: skip


def not_enabled(title: str, host: str, project: str) -> ApiError:
    """Return the error response to a call to an API that is not enabled in the application's project."""
    address = f"https://console.developers.google.com/apis/api/{host}/overview?project={project}"
    message = (
        f"{title} has not been used in project {project} before or it is disabled. Enable it by visiting {address} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry."
    )
    return ApiError(403, "accessNotConfigured", message, details=[_error_info("SERVICE_DISABLED", {"service": host})])


def bad_body(violations: Sequence[Violation]) -> ApiError:
    """Return the error for a request body with properties or values that the method does not accept."""
    said = [_violation_text(violation) for violation in violations]
    details: Body = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [
            {"field": violation.field, "description": words} for violation, words in zip(violations, said, strict=True)
        ],
    }
    return ApiError(400, "invalid", "\n".join(said), details=[details])


def _violation_text(violation: Violation) -> str:
    if violation.unknown:
        at = f" at '{violation.field}'" if violation.field else ""
        return f'Invalid JSON payload received. Unknown name "{violation.unknown}"{at}: {violation.description}'
    return f"Invalid value at '{violation.field}' ({violation.description})"


def unknown_parameter(name: str) -> ApiError:
    return bad_body([Violation("", name, "Cannot bind query parameter. Field could not be found in request message.")])


def bad_parameter(name: str, value: str, why: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid value '{value}'. {why}", name)


def required_parameter(name: str) -> ApiError:
    return ApiError(400, "required", f"Required parameter: {name}", name)


def parse_error() -> ApiError:
    return ApiError(400, "parseError", "Parse Error")


def bad_mask(field: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid field selection {field}", "fields")


def bad_page_token() -> ApiError:
    return ApiError(400, "invalid", "Invalid Input: pageToken", "pageToken")


def invalid(message: str) -> ApiError:
    return ApiError(400, "invalid", message)


def not_found(message: str = "Requested entity was not found.") -> ApiError:
    return ApiError(404, "notFound", message)


def forbidden(message: str = "Not Authorized to access this resource/api") -> ApiError:
    return ApiError(403, "forbidden", message)


def duplicate(message: str = "Entity already exists.") -> ApiError:
    return ApiError(409, "duplicate", message)


def failed_precondition(message: str = "Precondition check failed.") -> ApiError:
    return ApiError(400, "failedPrecondition", message)


def invalid_argument(message: str = "Request contains an invalid argument.") -> ApiError:
    return ApiError(400, "invalidArgument", message)


def not_emulated(what: str) -> ApiError:
    """Return the error response to a request for a feature that Google has but the emulator does not."""
    return ApiError(501, "notEmulated", f"The emulator does not emulate {what}.")


def _error_info(reason: str, metadata: Body) -> Body:
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": reason, "domain": "googleapis.com", "metadata": metadata}
