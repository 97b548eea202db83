"""HTTP requests to Microsoft's services: a request with its access token, the response, and its errors.

Redirects are not followed, and `transports` limits the time and size of each response.
"""

import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from http import HTTPStatus
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, TypeVar, cast
from uuid import uuid4

from connectors.microsoft365.cloud import CONNECT_SECONDS, READ_SECONDS, Cloud
from connectors.microsoft365.replies import Reply, raise_unreachable, read_reply
from connectors.microsoft365.sign_in import SignIn
from toolkit.errors import (
    BadAnswer,
    NotFound,
    Refused,
    Rejected,
    RequestFailed,
    ServiceError,
    SignInRefused,
    Throttled,
    Transient,
    Unavailable,
)
from toolkit.records import dataclass
from toolkit.sdk import is_temporary_status, path_below_root, path_without_people, read_rows, retry_after
from toolkit.values import Body, Json

if TYPE_CHECKING:
    import requests

sys.modules.setdefault(
    "httpx._main", cast("ModuleType", None)
)  # the command line of httpx, with rich and pygments, which toolkit never uses

_NOT_IN_TENANT = "AADSTS500011"
_NEXT = "@odata.nextLink"
_FILTERED = "Is a web filter in the way?"


class ServiceCall(Protocol):
    """A call to a service. Error messages show the text form of the call."""

    @property
    def reads(self) -> bool:
        """Return whether the call is known to change nothing."""

    @property
    def http_request(self) -> str:
        """Return the method and the path, without people's names."""


C_contra = TypeVar("C_contra", bound=ServiceCall, contravariant=True)


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """An HTTP request. The path comes after the service's address, and includes the query."""

    method: str
    path: str
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    root: str = ""  # the address to send to, if it is not the service's current address

    @property
    def reads(self) -> bool:
        """Return whether the request is known to change nothing. An unknown request counts as a change."""
        return self.method in ("GET", "HEAD")

    @property
    def http_request(self) -> str:
        """Return the method and the path, without people's names."""
        return f"{self.method} {path_without_people(self.path)}"

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class ServiceFailure:
    """The error in a service's response: its message, its code for people, and the types of the exceptions."""

    message: str
    code: str = ""
    types: str = ""


def read_failure(error: Body) -> ServiceFailure:
    """Return the failure in an error object that has a `code` and a `message`."""
    return ServiceFailure(str(error.get("message") or "no reason given"), str(error.get("code") or ""))


@dataclass(frozen=True, kw_only=True)
class WebService(Generic[C_contra]):
    """The properties in which Microsoft's services differ.

    `refusal` returns the service's own type of error for a call, a status and a text, or None. `statuses` and `phrases`
    give other responses a more specific error than Rejected. `explains` is true if every error has a body. `passing`
    matches exceptions that are temporary. `product` is the product that a tenant needs for the service.
    `has_request_ids` is true if Microsoft's support can find a request by its id.
    """

    name: str
    scope: str
    refusal: Callable[[C_contra, int, str], ServiceError | None]
    failure: Callable[[Body], ServiceFailure] = read_failure
    statuses: Mapping[int, type[ServiceError]]
    phrases: Sequence[tuple[re.Pattern[str], type[ServiceError]]] = ()
    passing: re.Pattern[str] | None = None
    explains: bool = False
    product: str = ""
    has_request_ids: bool = False


def body_of(service: WebService[C_contra], call: C_contra, reply: Reply) -> Body:
    """Return the body of a response.

    The body of a change may be empty. Raise an error if the service refused the call.
    """
    if not reply.fine:
        raise_refusal(service, call, reply)
    if isinstance(reply.body, Mapping):
        return reply.body
    if reply.body is None and not call.reads:
        return {}
    raise BadAnswer(f"{call}: the response is not a JSON object. {_FILTERED}")


def to_rows(call: ServiceCall, body: Body) -> list[Body]:
    return read_rows(body.get("value"), str(call))


def next_page(wire: "ServiceWire", call: ServiceCall, body: Json, root: str = "") -> str | None:
    """Return the path of a list's next page, or None if this page is the last and so has no link.

    `root` is the address of this page, if it differs from the service's current address. A null or empty link is an
    error and not the end of the list, because a page without rows would otherwise make the list look empty. Follows
    https://learn.microsoft.com/graph/paging
    """
    if not isinstance(body, Mapping) or _NEXT not in body:
        return None
    return wire.page(body[_NEXT], str(call), root)


def refuse_cut(call: ServiceCall, value: Json) -> None:
    """Raise BadAnswer if an object contains an incomplete list, because the list continues on another page."""
    children: Iterable[Json] = ()
    if isinstance(value, dict):  # JSON objects are dicts, and a check for Mapping takes ten times as long
        for name in value:
            if name.endswith(_NEXT) and name != _NEXT:
                raise BadAnswer(f"{call}: the response contains only a part of {name.removesuffix(_NEXT)}")
        children = value.values()
    elif isinstance(value, list):
        children = value
    for child in children:
        if isinstance(child, (dict, list)):
            refuse_cut(call, child)


def raise_refusal(service: WebService[C_contra], call: C_contra, reply: Reply) -> NoReturn:
    """Raise the error of toolkit.errors for a response, with the service's own message and the refused request."""
    try:
        _raise_error_for(service, call, reply)
    except RequestFailed as error:
        error.request = f"{call.http_request}, status {reply.status}"
        raise


def _raise_error_for(service: WebService[C_contra], call: C_contra, reply: Reply) -> NoReturn:
    error = reply.body.get("error") if isinstance(reply.body, Mapping) else None
    failure = service.failure(error if isinstance(error, Mapping) else {})
    text = f"{call}: {failure.message}" + (f" ({failure.code})" if failure.code else "")
    if refusal := service.refusal(call, reply.status, text):
        raise refusal
    wait = retry_after(reply.headers)
    if service.passing and service.passing.search(failure.types):
        raise Unavailable(text, retry_after=wait)
    match reply.status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            raise Throttled(f"{call}: too many calls", retry_after=wait)
        case status if is_temporary_status(status):
            raise Unavailable(f"{call}: {status}: {failure.message}", retry_after=wait)
        case HTTPStatus.UNAUTHORIZED:
            raise SignInRefused(f"{call}: the service refuses the access token of this app: {failure.message}")
        case status if reply.redirects:
            raise BadAnswer(f"{call}: the request was redirected ({status}). {_FILTERED}")
    kind = service.statuses.get(reply.status)
    if reply.body is None and (service.explains or not kind):
        raise BadAnswer(f"{call}: the service returned {reply.status} without a reason. {_FILTERED}")
    details = f"{failure.types} {failure.code} {failure.message}"
    kind = kind or next((kind for phrase, kind in service.phrases if phrase.search(details)), Rejected)
    if issubclass(kind, Transient):
        raise kind(text, retry_after=wait)
    raise NotFound(text, code=failure.code) if kind is NotFound else kind(text)


class ServiceWire:
    """Sends requests to one service and returns responses unchanged. Each thread has its own HTTP session."""

    def __init__(self, cloud: Cloud, sign_in: SignIn, service: WebService[Any], *, root: str) -> None:
        self.root = root
        self.service = service
        self.limits = cloud.limits
        self._cloud = cloud
        self._sign_in = sign_in
        self._thread = threading.local()
        self._sessions: list[requests.Session] = []
        self._count_lock = threading.Lock()
        self.request_count = 0

    def send(self, request: ServiceRequest) -> Reply:
        """Send one request. If the service refuses the access token, send the request once more with a new token."""
        reply = self._send(request)
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        self.renew()
        return self._send(request)

    def renew(self) -> None:
        """Forget the access token, so that the next request signs in again."""
        self._sign_in.renew()

    def page(self, link: object, what: str, root: str = "") -> str:
        """Return the path of a list's next page. Raise BadAnswer if the link leads outside `root` or this service."""
        return path_below_root(link, root or self.root, what)

    def close(self) -> None:
        """Close the HTTP sessions of all threads."""
        for session in self._sessions:
            session.close()

    def _count_request(self) -> None:
        with self._count_lock:
            self.request_count += 1

    def _send(self, request: ServiceRequest) -> Reply:
        import requests

        token = self._get_token()

        def sign(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
            prepared.headers["Authorization"] = f"Bearer {token}"
            return prepared

        self._count_request()
        root = request.root or self.root
        request_ids = {"client-request-id": str(uuid4())} if self.service.has_request_ids else {}
        try:
            # As `auth`, because an entry in ~/.netrc would replace a header. `verify` is set here, because
            # REQUESTS_CA_BUNDLE would replace the session's value.
            response = self._get_session().request(
                request.method,
                root + request.path,
                json=request.body,
                headers={**request.headers, **request_ids},
                auth=sign,
                verify=self._cloud.verify,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise_unreachable(root, error)
        return read_reply(response.status_code, response.headers, response.content, what=self.service.name)

    def _get_token(self) -> str:
        """Return an access token.

        If the tenant lacks the product, raise an error only for this service, because the app may still use other
        services.
        """
        try:
            return self._sign_in.token(self.service.scope).token
        except SignInRefused as refused:
            if not self.service.product or _NOT_IN_TENANT not in str(refused):
                raise
            raise Refused(
                f"this tenant does not have {self.service.product}, or a licence for it: {refused}"
            ) from refused

    def _get_session(self) -> "requests.Session":
        """Return the HTTP session of this thread. Its cookies keep all requests on the same server."""
        from connectors.microsoft365.transports import open_session

        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = open_session(self._cloud)
            if self.service.has_request_ids:
                session.headers["connection-id"] = str(uuid4())
            self._thread.session = session
            self._sessions.append(session)
        return session
