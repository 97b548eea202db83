"""Sends HTTPS requests through Google's library, for API calls and sign-in. No request is sent twice here."""

from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.google_workspace.cloud import Cloud
from toolkit.errors import Throttled, Unavailable
from toolkit.sdk import (
    connection_error_text,
    host_not_found_error,
    is_temporary_status,
    log_request,
    retry_after,
    untrusted_certificate_error,
)

if TYPE_CHECKING:
    import httplib2

_IDLE_SECONDS = 30.0  # after which a server may have closed a connection unnoticed


class Response(Mapping[str, str]):
    """The attributes that toolkit uses of a response in httplib2: the status, and the headers by name in lower case."""

    status: int


class Transport:
    """The connections of a run. A response is returned unchanged. Unavailable is raised if there is no response.

    Threads cannot share httplib2.Http, so each request borrows an object that no other request uses. A connection that
    failed is not used again, because it could take a late response for the response to its next request.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._idle: deque[tuple[float, httplib2.Http]] = deque()
        self._closed = False
        self._changing = Lock()

    def send(
        self, url: str, *, method: str, body: str | bytes | None, headers: Mapping[str, str]
    ) -> tuple[Response, bytes]:
        """Send one request, and return the response with its content. Raise Unavailable if there is no response."""
        import ssl

        from connectors.google_workspace.https import NO_ANSWER, SentOnce

        connections = self._borrow_connections()
        answer: tuple[Response, bytes] | None = None
        try:
            with log_request(method, url) as answered:
                answer = connections.request(
                    url, method=method, body=body, headers=dict(headers), connection_type=SentOnce
                )
                answered(answer[0].status, answer[0])
        except ssl.SSLCertVerificationError as error:
            raise untrusted_certificate_error(_find_host(url)) from error
        except NO_ANSWER as error:
            if unresolved := host_not_found_error(url, error):
                raise unresolved from error
            raise Unavailable(f"{_find_host(url)} does not respond: {connection_error_text(error)}") from error
        finally:
            self._return_connections(connections, usable=answer is not None)
        return answer

    def close(self) -> None:
        """Close the connections that are idle. Connections in use close after their present response."""
        with self._changing:
            self._closed = True
            while self._idle:
                self._idle.pop()[1].close()

    def _borrow_connections(self) -> "httplib2.Http":
        with self._changing:
            while self._idle:
                since, connections = self._idle.pop()
                if monotonic() - since < _IDLE_SECONDS:
                    return connections
                connections.close()
        from connectors.google_workspace.https import open_connections

        return open_connections(self._cloud)

    def _return_connections(self, connections: "httplib2.Http", *, usable: bool) -> None:
        with self._changing:
            if usable and not self._closed:
                self._idle.append((monotonic(), connections))
                return
        connections.close()


def _find_host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Answer:
    """A response in the form that Google's sign-in library expects."""

    def __init__(self, response: Response, content: bytes) -> None:
        self.status = response.status
        self.headers = response
        self.data = content


class RequestSender:
    """Sends requests for Google's sign-in library without its own retries, because Caller repeats them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_more: object,
    ) -> Answer:
        """Send one request, and return the response.

        Raise Throttled or Unavailable if the service cannot process it now.
        """
        response, content = self._transport.send(url, method=method, body=body, headers=headers or {})
        answer = Answer(response, content)
        raise_temporary(answer.status, answer.headers)
        return answer


def raise_temporary(status: int, headers: Mapping[str, str]) -> None:
    """Raise Throttled if Google limits the rate of calls, and Unavailable if Google itself has failed."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled("Google's sign-in service: too many calls", retry_after=retry_after(headers))
    if is_temporary_status(status):
        raise Unavailable(f"Google's sign-in service failed with the status {status}", retry_after=retry_after(headers))
