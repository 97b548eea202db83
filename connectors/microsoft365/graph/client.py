"""The Graph client for kinds, checks and the directory.

It sends single requests and batches, and reads complete lists.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from connectors.microsoft365.clients import Batches, ServiceClient
from connectors.microsoft365.graph.service import BETA, GRAPH, GraphRequest, path_with, text_of
from connectors.microsoft365.graph.wire import GraphWire
from connectors.microsoft365.http import body_of, next_page, refuse_cut, to_rows
from connectors.microsoft365.replies import Reply
from toolkit.errors import RequestFailed, answered
from toolkit.sdk import Caller, Paging
from toolkit.values import Body, Json

LARGEST_BATCH = 20


class Graph(ServiceClient[GraphWire]):
    """A client for Microsoft Graph. A path begins after v1.0, or with `/beta/` for the beta version.

    Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before anything is sent. Follows
    https://learn.microsoft.com/graph/api/overview
    """

    def __init__(self, wire: GraphWire, caller: Caller, *, read_only: bool) -> None:
        super().__init__(wire, caller, read_only=read_only)
        self._batches = {version: self._make_batches(version) for version in ("", BETA)}

    def _make_batches(self, version: str) -> Batches[GraphRequest, Body]:
        """Return the batches for one version of Graph. The paths inside a batch do not contain the version."""
        wire, path = self._wire, f"{version}/$batch"
        return Batches(
            caller=self._caller,
            largest=LARGEST_BATCH,
            name=f"POST {path}",
            title=lambda requests: ", ".join(dict.fromkeys(map(str, requests))),
            part=_to_batch_part,
            send=lambda body: self._send(GraphRequest("POST", path, body)),
            read=_to_body,
            renew=wire.renew,
            send_single=wire.send,
        )

    @property
    def last_date(self) -> str | None:
        """Return the Date header of Graph's last response, or None if there was no response."""
        return self._wire.last_date

    def get(self, path: str, **query: str) -> Body:
        """Return an object, or one page of a list, for example `get("/organization", select="id,displayName")`."""
        request = GraphRequest("GET", path_with(path, query))
        return self._caller.read(str(request), lambda: self._send(request), request=request)

    def read_file(self, path: str) -> str:
        """Return the text of a report file, which may be at another address.

        Raise BadAnswer if the file is not text.
        """
        request = GraphRequest("GET", path)

        def read() -> str:
            return text_of(request, self._wire.send_for_file(request))

        return self._caller.read(str(request), read, request=("file", request))

    def pages(self, path: str, **query: str) -> Sequence[Body]:
        """Return all rows of a list, from all its pages. Raise an error if any page cannot be read."""
        (rows,) = self.lists([path_with(path, query)])
        return answered(rows)

    def lists(
        self, paths: Sequence[str], consumers: Mapping[str, Callable[[Body], None]] = MappingProxyType({})
    ) -> Sequence[Sequence[Body] | RequestFailed]:
        """Read several complete lists at the same time. Return the rows or the error of each list, in order.

        The rows of a path in `consumers` are not returned. They are given to that function, page by page, because the
        list may be very long.
        """
        rows: list[list[Body]] = [[] for _ in paths]
        failed: dict[int, RequestFailed] = {}
        pagings = [Paging(str(GraphRequest("GET", path)), self._wire.limits) for path in paths]
        next_paths = {number: pagings[number].check_next_page(path) for number, path in enumerate(paths)}
        while next_paths:
            numbers = list(next_paths)
            requests = [GraphRequest("GET", next_paths[number]) for number in numbers]
            next_paths = {}
            for number, request, response in zip(numbers, requests, self.batch(requests), strict=True):
                try:
                    path = self._add_page(request, response, rows[number])
                    next_path = pagings[number].check_next_page(path) if path else None
                except RequestFailed as error:
                    failed[number] = error
                    continue
                if consume := consumers.get(paths[number]):
                    for row in rows[number]:
                        consume(row)
                    rows[number] = []
                if next_path:
                    next_paths[number] = next_path
        return [failed.get(number) or all_rows for number, all_rows in enumerate(rows)]

    def batch(self, requests: Sequence[GraphRequest]) -> Sequence[Body | RequestFailed]:
        """Send requests for one version of Graph, twenty in a batch. Return each request's body or error, in order.

        Only requests that failed with a temporary error are sent again. No request may create an object, because it may
        be sent twice.
        """
        self._guard(*requests)
        if len(versions := {request.version for request in requests}) > 1:
            raise ValueError("the requests of a batch must be for the same version of Graph")
        return self._batches[versions.pop()].run(requests) if requests else []

    def send(self, method: str, path: str, body: Body | None = None) -> Body:
        """Send a request that is safe to repeat: PATCH, PUT, or an action that reads or replaces a whole object."""
        request = GraphRequest(method, path, body)
        self._guard(request)
        return self._caller.change(str(request), lambda: self._send(request))

    def send_once(self, path: str, body: Body) -> None:
        """Send a request whose result cannot be checked, such as a mail message.

        Do not repeat it if it may have succeeded.
        """
        request = GraphRequest("POST", path, body)
        self._guard(request)
        self._caller.send_once(str(request), lambda: self._send(request))

    def create(self, path: str, body: Body, find_existing: Callable[[], Body | None], *, settles: float = 0.0) -> Body:
        """Create an object and return it.

        If a request got no response, `find_existing` finds the object that it may have created.
        """
        request = GraphRequest("POST", path, body)
        self._guard(request)
        return self._caller.create(str(request), lambda: self._send(request), find_existing, settles=settles)

    def delete(self, path: str) -> None:
        """Delete an object. If a repeated request does not find the object, it counts as deleted."""
        request = GraphRequest("DELETE", path)
        self._guard(request)
        self._caller.delete(str(request), lambda: self._send(request))

    def _send(self, request: GraphRequest) -> Body:
        return _to_body(request, self._wire.send(request))

    def _add_page(self, request: GraphRequest, response: Body | RequestFailed, rows: list[Body]) -> str | None:
        """Add the rows of a page to `rows`. Return the path of the next page, or None if this page is the last."""
        page = answered(response)
        rows.extend(to_rows(request, page))
        return next_page(self._wire, request, page)


def _to_body(request: GraphRequest, reply: Reply) -> Body:
    body = body_of(GRAPH, request, reply)
    refuse_cut(request, body)
    return body


def _to_batch_part(request: GraphRequest) -> Body:
    part: dict[str, Json] = {"method": request.method, "url": request.path.removeprefix(request.version)}
    if request.body is None:
        return part
    return {**part, "headers": {"Content-Type": "application/json"}, "body": request.body}
