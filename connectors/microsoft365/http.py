"""HTTP under every Microsoft service: a request with a token, its answer, and one table of what an error means.

No redirect is followed, and every answer is limited in time and size (`transports`).
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
    ServiceError,
    SignInRefused,
    Throttled,
    Transient,
    Unavailable,
)
from toolkit.records import dataclass
from toolkit.sdk import is_passing, path_below, read_rows, retry_after
from toolkit.values import Body, Json

if TYPE_CHECKING:
    import requests

sys.modules.setdefault("httpx._main", cast("ModuleType", None))  # its command line, with rich and pygments: never ours

_NOT_IN_TENANT = "AADSTS500011"
_NEXT = "@odata.nextLink"
_FILTERED = "is a web filter in between?"


class ServiceCall(Protocol):
    """What is asked of a service; its text names it in errors."""

    @property
    def reads(self) -> bool:
        """Return whether it is known to change nothing."""


C_contra = TypeVar("C_contra", bound=ServiceCall, contravariant=True)


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """One request; the path follows the address of the service and holds its query."""

    method: str
    path: str
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    root: str = ""  # the address that it is sent to, if not the one of its service at that moment

    @property
    def reads(self) -> bool:
        """Return whether it is known to change nothing; an unknown request writes."""
        return self.method in ("GET", "HEAD")

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class ServiceFailure:
    """An error as a service words it: its sentence, the code that is shown, and the types of its exceptions."""

    message: str
    code: str = ""
    types: str = ""


def read_failure(error: Body) -> ServiceFailure:
    """Read an error with `code` and `message`."""
    return ServiceFailure(str(error.get("message") or "no reason given"), str(error.get("code") or ""))


@dataclass(frozen=True, kw_only=True)
class WebService(Generic[C_contra]):
    """How one service differs from the others.

    `refusal` returns an error in the service's own terms, from the call, the status and the text. `statuses` and
    `phrases` say what else means more than "rejected". A service `explains` its errors if all have a body. `passing`
    are types of exceptions that go away. `product` is what a tenant may lack, and a `traced` service gets ids.
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
    """Return the body of an answer, empty where a write has none; raises for all that is not one."""
    if not reply.fine:
        raise_refusal(service, call, reply)
    if isinstance(reply.body, Mapping):
        return reply.body
    if reply.body is None and not call.reads:
        return {}
    raise BadAnswer(f"{call}: the answer is not a JSON object; {_FILTERED}")


def to_rows(call: ServiceCall, body: Body) -> list[Body]:
    return read_rows(body.get("value"), str(call))


def next_page(wire: "ServiceWire", call: ServiceCall, body: Json, root: str = "") -> str | None:
    """Return the path of a list's next page, None on the last one, where the services leave the link out.

    `root` is the address of this page, if not that of the service at this moment.

    A link of null, or an empty one, is no end of the list: on a page without rows it would read as "there are none".
    Follows https://learn.microsoft.com/graph/paging
    """
    if not isinstance(body, Mapping) or _NEXT not in body:
        return None
    return wire.page(body[_NEXT], str(call), root)


def refuse_cut(call: ServiceCall, value: Json) -> None:
    """Raise BadAnswer where a list inside an object goes on elsewhere: its first page is not the list."""
    children: Iterable[Json] = ()
    if isinstance(value, dict):  # what JSON is read as; to ask for a Mapping takes ten times as long
        for name in value:
            if name.endswith(_NEXT) and name != _NEXT:
                raise BadAnswer(f"{call}: only a part of {name.removesuffix(_NEXT)} came back")
        children = value.values()
    elif isinstance(value, list):
        children = value
    for child in children:
        if isinstance(child, (dict, list)):
            refuse_cut(call, child)


def raise_refusal(service: WebService[C_contra], call: C_contra, reply: Reply) -> NoReturn:
    """Raise an answer that is an error in our terms, with the service's own words."""
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
        case status if is_passing(status):
            raise Unavailable(f"{call}: {status}: {failure.message}", retry_after=wait)
        case HTTPStatus.UNAUTHORIZED:
            raise SignInRefused(f"{call}: the service refuses the access token of this app: {failure.message}")
        case status if reply.redirects:
            raise BadAnswer(f"{call}: sent elsewhere ({status}); {_FILTERED}")
    kind = service.statuses.get(reply.status)
    if reply.body is None and (service.explains or not kind):
        raise BadAnswer(f"{call}: {reply.status} without a reason; {_FILTERED}")
    details = f"{failure.types} {failure.code} {failure.message}"
    kind = kind or next((kind for phrase, kind in service.phrases if phrase.search(details)), Rejected)
    if issubclass(kind, Transient):
        raise kind(text, retry_after=wait)
    raise NotFound(text, code=failure.code) if kind is NotFound else kind(text)


class ServiceWire:
    """The way to one service; every answer is returned as it is. Each thread has a session of its own."""

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
        """Send one request, and once more with a new token where the service refuses the old one."""
        reply = self._send(request)
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        self.renew()
        return self._send(request)

    def renew(self) -> None:
        """Have the next request sign in again."""
        self._sign_in.renew()

    def page(self, link: object, what: str, root: str = "") -> str:
        """Return the path of a list's next page; BadAnswer for a link to anywhere but `root`, or this service."""
        return path_below(link, root or self.root, what)

    def close(self) -> None:
        """Close every thread's session."""
        for session in self._sessions:
            session.close()

    def _count(self) -> None:
        with self._count_lock:
            self.request_count += 1

    def _send(self, request: ServiceRequest) -> Reply:
        import requests

        token = self._token()

        def sign(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
            prepared.headers["Authorization"] = f"Bearer {token}"
            return prepared

        self._count()
        root = request.root or self.root
        request_ids = {"client-request-id": str(uuid4())} if self.service.has_request_ids else {}
        try:
            # As `auth`, since an entry in ~/.netrc would replace a header; `verify`, since REQUESTS_CA_BUNDLE would
            # replace the session's.
            response = self._session().request(
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

    def _token(self) -> str:
        """Sign in; a tenant that lacks the product lacks this service alone, and nothing is wrong with the app."""
        try:
            return self._sign_in.token(self.service.scope).token
        except SignInRefused as refused:
            if not self.service.product or _NOT_IN_TENANT not in str(refused):
                raise
            raise Refused(f"this tenant has no {self.service.product}, or no licence of it: {refused}") from refused

    def _session(self) -> "requests.Session":
        """Return this thread's session: its cookies lead every call to the same server."""
        from connectors.microsoft365.transports import open_session

        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = open_session(self._cloud)
            if self.service.has_request_ids:
                session.headers["connection-id"] = str(uuid4())
            self._thread.session = session
            self._sessions.append(session)
        return session
