"""What Google's APIs answer: a body, or their refusal in our terms.

Old APIs list reasons, new ones tell a status with details, Gmail does both
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
from toolkit.sdk import RepeatedKey, check_nesting, is_passing, read_json, read_rows, retry_after
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
    """An answer that is an error; `words` are empty where it is none of Google's."""

    status: int
    headers: Mapping[str, str]
    words: str
    reasons: frozenset[str]


def body_of(call: Call, answer: object) -> Body:
    """Give the body of an answer, empty where a write has none."""
    if isinstance(answer, RepeatedKey):
        raise BadAnswer(f"{call}: {answer}") from answer
    if isinstance(answer, dict):
        check_nesting(answer, str(call))
        return answer
    if not answer and not call.reads:
        return {}
    raise BadAnswer(f"{call}: the answer is not a JSON object; is a web filter in between?")


def to_rows(call: Call, body: Body, items: str) -> Sequence[Body]:
    """Return the rows of one page; Google leaves the list out where it is empty, which an error is not."""
    if "error" in body and items not in body:
        raise BadAnswer(f"{call}: the answer holds an error where a list was asked for")
    return read_rows(body.get(items, []), str(call))


def next_token(call: Call, body: Body) -> str:
    """Return the token of the next page, empty on the last one, where Google leaves it out.

    A token of null is no end of the list: on a page without rows it would read as "there are none".
    """
    token = body.get("nextPageToken", "")
    if not isinstance(token, str):
        raise BadAnswer(f"{call}: the next page of the list is named by something that is not text")
    return token


def read_refusal(status: int, headers: Mapping[str, str], content: bytes) -> ApiRefusal:
    """Read the content of an error."""
    try:
        body: Json = read_json(content, "the answer of a service of Google")
    except ValueError:  # also of bytes that are no text
        body = None
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return ApiRefusal(status, headers, "", frozenset())
    listed = [*tables_of(error.get("errors")), *tables_of(error.get("details"))]
    reasons = frozenset(str(detail["reason"]) for detail in listed if detail.get("reason"))
    return ApiRefusal(status, headers, str(error.get("message") or "no reason given"), reasons)


def meaning(call: Call, service: Service, refusal: ApiRefusal) -> RequestFailed:
    """Give the error that a refusal means."""
    status, words = refusal.status, refusal.words or "no reason given"
    wait = retry_after(refusal.headers, refusal.words)  # Gmail names a time in its words, up to 15 minutes ahead
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and refusal.reasons & _THROTTLED):
        return Throttled(f"{call}: {words}", retry_after=wait)
    if is_passing(status):
        return Unavailable(f"{call}: {status}: {words}", retry_after=wait)
    if status == HTTPStatus.UNAUTHORIZED:
        return SignInRefused(f"the service refuses the access token of this service account: {call}: {words}")
    if not refusal.words:
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        problem = f"sent elsewhere ({status})" if is_redirect else f"{status} without a reason of Google's"
        return BadAnswer(f"{call}: {problem}; is a web filter in between?")
    return _lasting(call, service, refusal)


def _lasting(call: Call, service: Service, refusal: ApiRefusal) -> ServiceError:
    """Give the error that a refusal in Google's own words means, where sending the call again would not help."""
    if refusal.status == HTTPStatus.FORBIDDEN:
        return _forbidden(call, service, refusal)
    if call.subject and refusal.status == HTTPStatus.BAD_REQUEST and refusal.words in _NO_MAILBOX:
        return PersonUnreadable(f"{call.subject} has no Gmail: {refusal.words}")
    return _BY_STATUS.get(refusal.status, Rejected)(f"{call}: {refusal.words}")


def _forbidden(call: Call, service: Service, refusal: ApiRefusal) -> ServiceError:
    text = f"{call}: {refusal.words}"
    if refusal.reasons & _NOT_ENABLED:
        return Refused(text, missing=service.title)  # Google's own words say where to turn it on
    if refusal.reasons & _SCOPE_MISSING:
        scope = f"https://www.googleapis.com/auth/{call.scope}"
        return Refused(f"{text}; the token needs the scope {scope}", missing=scope)
    if call.subject or not service.role:
        return Refused(text)
    return Refused(f"{text}; TOOLKIT_GOOGLE_ADMIN must name an administrator who {service.role}", missing=service.role)
