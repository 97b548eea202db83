"""What Google's APIs answer to a request that they refuse.

Old APIs list `errors` with reasons, new ones tell a `status` and `details`, and Gmail does both
(developers.google.com/workspace/admin/directory/v1/limits, cloud.google.com/apis/design/errors).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.google_workspace.api.methods import Violation
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

_STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    409: "ALREADY_EXISTS", 412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL",
    501: "UNIMPLEMENTED", 502: "UNAVAILABLE", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
_LOGIN = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_FAULTS: Mapping[int, tuple[str, str]] = {
    401: ("authError", f"Request had invalid authentication credentials. {_LOGIN}"),
    403: ("forbidden", "Not Authorized to access this resource/api"),
    429: (
        "rateLimitExceeded",
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'.",
    ),
    500: ("backendError", "Backend Error"),
    502: ("badGateway", "Bad Gateway"),
    503: ("backendError", "The service is currently unavailable."),
    504: ("gatewayTimeout", "Gateway Timeout"),
}
_REASONS: Mapping[str, str] = {
    "quotaExceeded": "Request rate higher than configured.",
    "rateLimitExceeded": "Rate Limit Exceeded",
    "userRateLimitExceeded": "User Rate Limit Exceeded",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "insufficientPermissions": "Insufficient Permission",
    "domainCannotUseApis": "Domain cannot use apis.",
    "conditionNotMet": "Precondition Failed",
    "failedPrecondition": "Precondition check failed.",
}


@dataclass(frozen=True)
class ApiError(Exception):
    """A refusal: HTTP status, reason and message, and where in the request it lies."""

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
    """How one API words its refusals."""

    reasons: bool  # a list of errors with reasons
    statuses: bool  # a status such as NOT_FOUND, with details

    def answer(self, error: ApiError) -> Answer:
        one: dict[str, Json] = {"message": error.shorter or error.message, "domain": "global", "reason": error.reason}
        if error.place:
            one |= {"location": error.place, "locationType": error.place_type}
        body: dict[str, Json] = {"code": error.status, "message": error.message}
        if self.reasons:
            body["errors"] = [one]
        if self.statuses:
            status = "FAILED_PRECONDITION" if error.reason == "failedPrecondition" else _STATUSES[error.status]
            body["status"] = status
            body |= {"details": error.details} if error.details else {}
        headers = {"WWW-Authenticate": error.challenge} if error.challenge else {}
        return Answer(status=error.status, body={"error": body}, headers=headers)


def fault(status: int, reason: str = "") -> ApiError:
    """Word one of the refusals that say nothing of the request itself."""
    if reason:
        return ApiError(status, reason, _REASONS.get(reason, "The request was refused."))
    reason, message = _FAULTS[status]
    shorter = "Invalid Credentials" if reason == "authError" else ""
    return ApiError(status, reason, message, shorter=shorter)


def no_token(*, given: bool) -> ApiError:
    """Refuse a call whose token is missing or no good."""
    if given:
        return ApiError(401, "authError", _FAULTS[401][1], "Authorization", "header", shorter="Invalid Credentials")
    message = f"Request is missing required authentication credential. {_LOGIN}"
    return ApiError(401, "required", message, "Authorization", "header", shorter="Login Required.")


def missing_scope(scopes: frozenset[str]) -> ApiError:
    needed = " ".join(sorted(scopes))
    return ApiError(
        403, "insufficientPermissions", "Request had insufficient authentication scopes.",
        details=[_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", {})], shorter="Insufficient Permission",
        challenge=f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{needed}"',
    )  # fmt: skip


def not_enabled(title: str, host: str, project: str) -> ApiError:
    """Refuse an API that nobody turned on in the project of the application."""
    address = f"https://console.developers.google.com/apis/api/{host}/overview?project={project}"
    message = (
        f"{title} has not been used in project {project} before or it is disabled. Enable it by visiting {address} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry."
    )
    return ApiError(403, "accessNotConfigured", message, details=[_info("SERVICE_DISABLED", {"service": host})])


def bad_body(violations: Sequence[Violation]) -> ApiError:
    """Refuse a body that does not have the type of the method."""
    said = [_said(one) for one in violations]
    details: Body = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [
            {"field": one.field, "description": words} for one, words in zip(violations, said, strict=True)
        ],
    }
    return ApiError(400, "invalid", "\n".join(said), details=[details])


def _said(one: Violation) -> str:
    if one.unknown:
        at = f" at '{one.field}'" if one.field else ""
        return f'Invalid JSON payload received. Unknown name "{one.unknown}"{at}: {one.description}'
    return f"Invalid value at '{one.field}' ({one.description})"


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


def condition_not_met(message: str = "Precondition Failed", place: str = "") -> ApiError:
    return ApiError(412, "conditionNotMet", message, place, "header")


def failed_precondition(message: str = "Precondition check failed.") -> ApiError:
    return ApiError(400, "failedPrecondition", message)


def invalid_argument(message: str = "Request contains an invalid argument.") -> ApiError:
    return ApiError(400, "invalidArgument", message)


def not_emulated(what: str) -> ApiError:
    """Say that Google could do this and the emulator cannot."""
    return ApiError(501, "notEmulated", f"The emulator does not emulate {what}.")


def _info(reason: str, metadata: Body) -> Body:
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": reason, "domain": "googleapis.com", "metadata": metadata}
