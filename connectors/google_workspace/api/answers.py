"""Parses responses from Google's APIs, and converts a refusal to one of the exceptions in toolkit.errors.

An error from an older API lists reasons, an error from a newer API has a status with details, and Gmail sends both
(developers.google.com/workspace/admin/directory/v1/limits, cloud.google.com/apis/design/errors).
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.api.services import Service
from connectors.google_workspace.people import PersonUnreadable
from toolkit.errors import (
    BadAnswer,
    Conflict,
    NotFound,
    Refused,
    Rejected,
    RequestFailed,
    ServiceError,
    SignInRefused,
    Throttled,
    Unavailable,
)
from toolkit.records import dataclass
from toolkit.sdk import RepeatedKey, check_nesting, is_temporary_status, read_json, read_rows, retry_after
from toolkit.values import Body, Json, tables_of

_THROTTLED = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"}
_NOT_ENABLED = {"accessNotConfigured", "SERVICE_DISABLED"}
_SCOPE_MISSING = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
_BY_STATUS: Mapping[int, type[ServiceError]] = {
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.GONE: NotFound,
    HTTPStatus.CONFLICT: Conflict,
}
_NO_MAILBOX = ("Mail service not enabled", "Precondition check failed.")


@dataclass(frozen=True, slots=True)
class ApiRefusal:
    """An error response. `words` is Google's message, or "" if the response is not from Google."""

    status: int
    headers: Mapping[str, str]
    words: str
    reasons: frozenset[str]


def body_of(call: Call, answer: object) -> Body:
    """Return the body of a response, which is empty if a change returned nothing."""
    if isinstance(answer, RepeatedKey):
        raise BadAnswer(f"{call}: {answer}") from answer
    if isinstance(answer, dict):
        check_nesting(answer, str(call))
        return answer
    if not answer and not call.reads:
        return {}
    raise BadAnswer(f"{call}: the response is not a JSON object. Is a web filter in the way?")


def to_rows(call: Call, body: Body, items: str) -> Sequence[Body]:
    """Return the rows of a page of a list. A missing list is an empty list, because Google leaves out empty lists.

    Raise BadAnswer if the response contains an error.
    """
    if "error" in body and items not in body:
        raise BadAnswer(f"{call}: the response contains an error instead of a list")
    return read_rows(body.get(items, []), str(call))


def next_token(call: Call, body: Body) -> str:
    """Return the token of a list's next page, or "" if this page is the last.

    A null token is an error, because an incomplete list would otherwise look complete.
    """
    token = body.get("nextPageToken", "")
    if not isinstance(token, str):
        raise BadAnswer(f"{call}: the token of the next page is not text")
    return token


def read_refusal(status: int, headers: Mapping[str, str], content: bytes) -> ApiRefusal:
    """Return the refusal in an error response."""
    try:
        body: Json = read_json(content, "the response of a Google service")
    except ValueError:  # also if the bytes are not text
        body = None
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return ApiRefusal(status, headers, "", frozenset())
    listed = [*tables_of(error.get("errors")), *tables_of(error.get("details"))]
    reasons = frozenset(str(detail["reason"]) for detail in listed if detail.get("reason"))
    return ApiRefusal(status, headers, str(error.get("message") or "no reason given"), reasons)


def to_error(call: Call, service: Service, refusal: ApiRefusal) -> RequestFailed:
    """Return the exception of toolkit.errors that describes a refusal."""
    status, words = refusal.status, refusal.words or "no reason given"
    wait = retry_after(refusal.headers, refusal.words)  # Gmail's message contains a time, up to 15 minutes ahead
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and refusal.reasons & _THROTTLED):
        return Throttled(f"{call}: {words}", retry_after=wait)
    if is_temporary_status(status):
        return Unavailable(f"{call}: {status}: {words}", retry_after=wait)
    if status == HTTPStatus.UNAUTHORIZED:
        return SignInRefused(f"the service refuses the access token of this service account: {call}: {words}")
    if not refusal.words:
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        problem = f"redirected ({status})" if is_redirect else f"{status} without a reason from Google"
        return BadAnswer(f"{call}: {problem}. Is a web filter in the way?")
    return _to_permanent_error(call, service, refusal)


def _to_permanent_error(call: Call, service: Service, refusal: ApiRefusal) -> ServiceError:
    """Return the exception for a permanent refusal, which would be the same if the call were sent again."""
    if refusal.status == HTTPStatus.FORBIDDEN:
        return _to_forbidden_error(call, service, refusal)
    if call.subject and refusal.status == HTTPStatus.BAD_REQUEST and refusal.words in _NO_MAILBOX:
        return PersonUnreadable(f"{call.subject} has no Gmail: {refusal.words}")
    return _BY_STATUS.get(refusal.status, Rejected)(f"{call}: {refusal.words}")


def _to_forbidden_error(call: Call, service: Service, refusal: ApiRefusal) -> ServiceError:
    text = f"{call}: {refusal.words}"
    if refusal.reasons & _NOT_ENABLED:
        return Refused(text, missing=service.title)  # Google's message says where to enable the API
    if refusal.reasons & _SCOPE_MISSING:
        scope = f"https://www.googleapis.com/auth/{call.scope}"
        return Refused(f"{text}. The token needs the scope {scope}", missing=scope)
    if call.subject or not service.role:
        return Refused(text)
    return Refused(f"{text}. TOOLKIT_GOOGLE_ADMIN must name an administrator who {service.role}", missing=service.role)
