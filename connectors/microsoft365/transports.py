"""The transports of the vendors' libraries, with limits on responses. The module is loaded before the first request.

Sign-in, Exchange, Security & Compliance and Defender use `requests`. Microsoft Graph uses `httpx`.
"""

import asyncio
import json
import ssl
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import ResponseHandlerOption
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from connectors.microsoft365.cloud import CONNECT_SECONDS, READ_SECONDS, Cloud
from connectors.microsoft365.http import ServiceRequest
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    ACCEPTED,
    PIECE,
    AnswerClock,
    BodyReader,
    Limits,
    log_request,
    same_origin,
    with_response_time_limit,
)

_TRANSFER_HEADERS = ("content-encoding", "content-length", "transfer-encoding")  # wrong once the body has been read


def open_session(cloud: Cloud) -> requests.Session:
    """Return a new session for one thread.

    The session limits the time and size of responses, and does not follow redirects.
    """
    session = _Session()
    session.trust_env = cloud.trust_environment
    session.headers["Accept-Encoding"] = ACCEPTED
    session.mount("https://", _LimitedAdapter(cloud.limits))
    return session


class _Session(requests.Session):
    """A session without redirects.

    Without this class, requests would parse the address of a redirect that it may not follow.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        del resp


class _LimitedAdapter(HTTPAdapter):
    """Reads each response completely, within the limits, before returning it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._clock = AnswerClock()
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(
            *arguments, **more, ssl_context=with_response_time_limit(create_urllib3_context(), self._clock)
        )

    def proxy_manager_for(self, proxy: Any, **more: Any) -> Any:
        return super().proxy_manager_for(
            proxy, **more, ssl_context=with_response_time_limit(create_urllib3_context(), self._clock)
        )

    def send(self, request: requests.PreparedRequest, *arguments: Any, **more: Any) -> requests.Response:
        """Send one request. Raise requests.ReadTimeout if the response is not complete in time."""
        with log_request(str(request.method), str(request.url)) as record_response:
            response = self._send(request, *arguments, **more)
            record_response(response.status_code, response.headers)
        return response

    def _send(self, request: requests.PreparedRequest, *arguments: Any, **more: Any) -> requests.Response:
        self._clock.start(self._limits.answer_seconds)
        try:
            response = super().send(request, *arguments, **{**more, "stream": True})
            response._content = self._read(request, response)  # noqa: SLF001 (requests stores the body here)
        except (OSError, HTTPError) as error:  # requests' own errors are OSErrors
            if self._clock.has_passed:
                raise requests.ReadTimeout(
                    f"no complete response within {self._limits.answer_seconds:g} seconds (TOOLKIT_ANSWER_SECONDS)"
                ) from error
            if isinstance(error, requests.RequestException):
                raise
            raise requests.ConnectionError(str(error)) from error
        response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
        return response

    def _read(self, request: requests.PreparedRequest, response: requests.Response) -> bytes:
        where, encoding = str(request.url).partition("?")[0], response.headers.get("Content-Encoding", "")
        try:
            body = BodyReader(where, encoding, self._limits, status=response.status_code)
            for piece in response.raw.stream(PIECE, decode_content=False):
                body.add(piece)
        except BaseException:
            with suppress(OSError, HTTPError):
                response.raw.close()
            raise
        response.raw.release_conn()
        return body.read_body()


class LimitedTransport(httpx.AsyncBaseTransport):
    """Reads each response completely, within the limits, before returning it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, limits: Limits) -> None:
        self._inner = inner
        self._limits = limits

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raise httpx.ReadTimeout if the response is not complete in time."""
        request.headers["Accept-Encoding"] = ACCEPTED
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                return await self._send_recorded(request)
        except TimeoutError as late:
            within = f"{self._limits.answer_seconds:g} seconds (TOOLKIT_ANSWER_SECONDS)"
            raise httpx.ReadTimeout(f"no complete response within {within}", request=request) from late

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _send_recorded(self, request: httpx.Request) -> httpx.Response:
        with log_request(request.method, str(request.url)) as record_response:
            response = await self._read(request)
            record_response(response.status_code, response.headers)
        return response

    async def _read(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        try:
            where = str(request.url.copy_with(query=None))
            encoding = response.headers.get("content-encoding", "")
            body = BodyReader(where, encoding, self._limits, status=response.status_code)
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for piece in response.stream:
                body.add(piece)
            content = body.read_body()
        finally:
            await response.aclose()
        headers = [
            (name, value) for name, value in response.headers.multi_items() if name.lower() not in _TRANSFER_HEADERS
        ]
        return httpx.Response(response.status_code, headers=headers, content=content, request=request)


class RootAuthentication(AzureIdentityAuthenticationProvider):
    """Adds a token to requests to one origin. The vendor's own class compares only the host, not the port."""

    def __init__(self, credential: Any, *, scope: str, root: str) -> None:
        self._root = urlsplit(root)
        super().__init__(credential, scopes=[scope], allowed_hosts=[self._root.hostname or ""])

    async def authenticate_request(self, request: RequestInformation, *arguments: Any, **more: Any) -> None:
        """Add the token to a request.

        Raise BadAnswer, without sending anything, if the request is for another origin.
        """
        if not same_origin(urlsplit(request.url), self._root):
            raise BadAnswer(
                "Microsoft Graph: a request to another address was not sent, because it must not get the access token"
            )
        await super().authenticate_request(request, *arguments, **more)


def open_client(cloud: Cloud) -> httpx.AsyncClient:
    """Return a new HTTP client that does not follow redirects."""
    client = httpx.AsyncClient(
        verify=ssl.create_default_context(cafile=str(cloud.ca_file)) if cloud.ca_file else True,
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        trust_env=cloud.trust_environment,
        http2=True,
        follow_redirects=False,
    )
    client._transport = LimitedTransport(client._transport, cloud.limits)  # noqa: SLF001 (httpx makes those of proxies)
    client._mounts = {  # noqa: SLF001
        pattern: LimitedTransport(inner, cloud.limits) if inner else None
        for pattern, inner in client._mounts.items()  # noqa: SLF001
    }
    return client


def information_of(request: ServiceRequest, url: str) -> RequestInformation:
    """Return a request as an object of the vendor's library, with the option to return the response unchanged."""
    information = RequestInformation(Method[request.method])
    information.url = url
    information.headers.add("Accept", "application/json")
    if request.body is not None:
        information.headers.add("Content-Type", "application/json")
        information.content = json.dumps(request.body).encode()
    information.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
    return information
