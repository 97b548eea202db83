"""Requests of the vendor's sign-in library, sent over the run's own connections."""

from collections.abc import Mapping
from http import HTTPStatus

from connectors.google_workspace.transport import Response, Transport
from toolkit.errors import Throttled, Unavailable
from toolkit.sdk.replies import is_passing, retry_after


class Answer:
    """An answer as the vendor's sign-in library wants it."""

    def __init__(self, response: Response, content: bytes) -> None:
        self.status = response.status
        self.headers = response
        self.data = content


class Asking:
    """Sends requests for the vendor's library, which would try again by itself what our Caller is to try."""

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
        """Send one request; Throttled or Unavailable where the service has no answer to it."""
        response, content = self._transport.send(url, method=method, body=body, headers=headers or {})
        answer = Answer(response, content)
        raise_passing(answer.status, answer.headers)
        return answer


def raise_passing(status: int, headers: Mapping[str, str]) -> None:
    """Raise what goes away by itself: too many calls, or the service's own failure."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled("Google's sign-in service: too many calls", retry_after=retry_after(headers))
    if is_passing(status):
        raise Unavailable(f"Google's sign-in service fails: {status}", retry_after=retry_after(headers))
