"""Sends requests to Graph through Microsoft's adapter, which needs an event loop. The loop runs in a daemon thread."""

import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urljoin, urlsplit

from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.graph.service import BETA, GRAPH, GraphRequest
from connectors.microsoft365.http import ServiceRequest, ServiceWire
from connectors.microsoft365.replies import Reply, raise_unreachable, read_reply
from connectors.microsoft365.sign_in import SignIn
from toolkit.sdk import path_below_root, same_origin, split_link

if TYPE_CHECKING:
    import asyncio

    import httpx
    from azure.core.credentials import AccessToken

T = TypeVar("T")

CLOSE_SECONDS = 2.0
_VERSION = "/v1.0"


class GraphWire(ServiceWire):
    """Sends requests to Graph. The vendor's transport is opened when the first request is sent."""

    def __init__(self, cloud: Cloud, sign_in: SignIn) -> None:
        super().__init__(cloud, sign_in, GRAPH, root=cloud.graph)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pools: Sequence[httpx.AsyncBaseTransport] = ()
        self._adapter: _Adapter | None = None
        self._plain: httpx.AsyncClient | None = None  # for files outside Graph, without a token
        self.last_date: str | None = None  # from the header of the last response

    def send_for_file(self, request: GraphRequest) -> Reply:
        """Request a file, and follow one redirect to the file's address.

        The access token is only for Graph, so a file at another address is fetched without the token. A second redirect
        is refused.
        """
        reply = self.send(request)
        if not reply.redirects:
            return reply
        url = urljoin(self._make_url(request), reply.headers.get("location", ""))
        if same_origin(split_link(url, str(request)), urlsplit(self.root)):
            return self.send(GraphRequest("GET", self.page(url, str(request))))
        return self._fetch(url)

    def page(self, link: object, what: str, root: str = "") -> str:  # noqa: ARG002 - Graph has one address
        """Return the path of a list's next page. Raise BadAnswer if the link leads outside Graph."""
        path = path_below_root(link, self.root.removesuffix(_VERSION), what)
        return path.removeprefix(_VERSION) if path.startswith(f"{_VERSION}/") else path

    def close(self) -> None:
        """Close the connections and end the thread of the event loop.

        An interrupted run does not wait for responses.
        """
        if self._loop is None:
            return
        with suppress(TimeoutError):
            for pool in self._pools:
                self._run_coroutine(pool.aclose(), seconds=CLOSE_SECONDS)
            self._run_coroutine(self._loop.shutdown_default_executor(), seconds=CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = self._adapter = None

    def _send(self, request: ServiceRequest) -> Reply:
        from connectors.microsoft365.transports import information_of

        adapter = self._open_adapter()
        self._count_request()
        url = self._make_url(request)
        response = self._wait_for_response(
            self.root, adapter.send_primitive_async(information_of(request, url), "bytes", {})
        )
        self.last_date = response.headers.get("date", self.last_date)
        return read_reply(response.status_code, response.headers, response.content, what=str(request))

    def _fetch(self, url: str) -> Reply:
        """Fetch a file outside Graph, without a token, cookies or redirects."""
        self._open_adapter()
        assert self._plain
        parts = urlsplit(url)
        where = f"{parts.scheme}://{parts.netloc}"
        response = self._wait_for_response(where, self._plain.get(url))
        return read_reply(response.status_code, response.headers, response.content, what=f"GET {where}")

    def _wait_for_response(self, where: str, request: "Coroutine[Any, Any, httpx.Response]") -> "httpx.Response":
        import httpx

        try:
            response = self._run_coroutine(request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise_unreachable(where, error)
        # The stream refers back to the response, so long responses would stay in memory until Python collects cycles.
        response.stream = httpx.ByteStream(b"")
        return response

    def _make_url(self, request: ServiceRequest) -> str:
        if request.path.startswith(f"{BETA}/"):
            return self.root.removesuffix(_VERSION) + request.path
        return self.root + request.path

    def _run_coroutine(self, coroutine: "Coroutine[Any, Any, T]", *, seconds: float | None = None) -> T:
        import asyncio

        assert self._loop
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(seconds)

    def _open_adapter(self) -> "_Adapter":
        with self._lock:
            if self._adapter is None:
                import asyncio  # imported here, because a run that only checks playbooks does not need it

                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run_forever, args=(self._loop,), name="graph", daemon=True).start()
                from connectors.microsoft365.transports import open_client

                client, self._plain = open_client(self._cloud), open_client(self._cloud)
                # The vendor's transport around them does not close them.
                self._pools = [
                    pool
                    for http_client in (client, self._plain)
                    for pool in (http_client._transport, *http_client._mounts.values())  # noqa: SLF001
                    if pool
                ]
                self._adapter = _make_adapter(client, self._sign_in, self.root)
            return self._adapter


class _Adapter(Protocol):
    """The only method of the vendor's adapter that toolkit uses. The method returns the response unchanged."""

    async def send_primitive_async(self, request: object, kind: str, errors: object, /) -> "httpx.Response": ...


class _Credential:
    """Gives toolkit's access tokens to the adapter.

    Sign-in runs in another thread, so that the event loop does not wait.
    """

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    async def get_token(self, *scopes: str, claims: str | None = None, enable_cae: bool = False) -> "AccessToken":
        (scope,) = scopes
        import asyncio

        return await asyncio.to_thread(self._sign_in.token, scope, claims=claims, continuous=enable_cae)


def _run_forever(loop: "asyncio.AbstractEventLoop") -> None:
    loop.run_forever()
    loop.close()


def _make_adapter(client: "httpx.AsyncClient", sign_in: SignIn, root: str) -> _Adapter:
    from kiota_http.middleware.options import RedirectHandlerOption, RetryHandlerOption
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]

    from connectors.microsoft365.transports import RootAuthentication

    # Caller repeats requests, because it knows which may be repeated. Redirects must not carry the token elsewhere.
    options = {
        RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0),
        RedirectHandlerOption.get_key(): RedirectHandlerOption(should_redirect=False),
    }
    GraphClientFactory.create_with_default_middleware(client=client, options=options)
    authentication = RootAuthentication(cast(Any, _Credential(sign_in)), scope=GRAPH.scope, root=root)
    adapter = GraphRequestAdapter(authentication, client=client)
    adapter.base_url = root
    return cast(_Adapter, adapter)
