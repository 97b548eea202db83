"""Sessions of requests whose answers keep to the limits; loaded when something is first sent."""

from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from connectors.microsoft365.cloud import Cloud
from toolkit.sdk.bodies import ACCEPTED, PIECE, BodyReader
from toolkit.sdk.limits import Limits
from toolkit.sdk.timed_tls import AnswerClock, keep_time


def open_session(cloud: Cloud) -> requests.Session:
    """Open a session for one thread at a time: its answers have a time and a size, and no redirect is followed."""
    session = _Session()
    session.trust_env = cloud.trust_environment
    session.headers["Accept-Encoding"] = ACCEPTED
    session.mount("https://", _LimitedAdapter(cloud.limits))
    return session


class _Session(requests.Session):
    """A session to which no answer is a redirect: requests looks into the address of one even where it may not go."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        del resp


class _LimitedAdapter(HTTPAdapter):
    """Reads each answer whole, within the limits, before it gives it out."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._clock = AnswerClock()
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more, ssl_context=keep_time(create_urllib3_context(), self._clock))

    def proxy_manager_for(self, proxy: Any, **more: Any) -> Any:
        return super().proxy_manager_for(proxy, **more, ssl_context=keep_time(create_urllib3_context(), self._clock))

    def send(self, request: requests.PreparedRequest, *arguments: Any, **more: Any) -> requests.Response:
        """Send one request; requests.ReadTimeout where the whole answer is not there in time."""
        self._clock.start(self._limits.answer_seconds)
        try:
            answer = super().send(request, *arguments, **{**more, "stream": True})
            answer._content = self._read(request, answer)  # noqa: SLF001 (where requests keeps what was read)
        except (OSError, HTTPError) as error:  # requests' own errors are OSErrors
            if self._clock.passed:
                raise requests.ReadTimeout(
                    f"no whole answer within {self._limits.answer_seconds:g} seconds (TOOLKIT_ANSWER_SECONDS)"
                ) from error
            if isinstance(error, requests.RequestException):
                raise
            raise requests.ConnectionError(str(error)) from error
        answer._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
        return answer

    def _read(self, request: requests.PreparedRequest, answer: requests.Response) -> bytes:
        where, encoding = str(request.url).partition("?")[0], answer.headers.get("Content-Encoding", "")
        try:
            body = BodyReader(where, encoding, self._limits)
            for piece in answer.raw.stream(PIECE, decode_content=False):
                body.add(piece)
        except BaseException:
            with suppress(OSError, HTTPError):
                answer.raw.close()
            raise
        answer.raw.release_conn()
        return body.whole()
