"""The client that kinds, checks and the directory use: one request, a list to its end, or twenty at a time."""

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
    """Microsoft Graph v1.0; a path begins behind the version, or with `/beta/`.

    Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before anything is sent. Follows
    https://learn.microsoft.com/graph/api/overview
    """

    def __init__(self, wire: GraphWire, caller: Caller, *, read_only: bool) -> None:
        super().__init__(wire, caller, read_only=read_only)
        self._batches = {version: self._make_batches(version) for version in ("", BETA)}

    def _make_batches(self, version: str) -> Batches[GraphRequest, Body]:
        """Make the batches of one version: the paths of their parts begin behind it."""
        wire, path = self._wire, f"{version}/$batch"
        return Batches(
            caller=self._caller,
            largest=LARGEST_BATCH,
            name=f"POST {path}",
            title=lambda requests: ", ".join(dict.fromkeys(map(str, requests))),
            part=_part,
            send=lambda body: self._send(GraphRequest("POST", path, body)),
            read=_read,
            renew=wire.renew,
            send_single=wire.send,
        )

    @property
    def last_date(self) -> str | None:
        """Give when the service last answered, as its answer says."""
        return self._wire.last_date

    def get(self, path: str, **query: str) -> Body:
        """Read one object, or one page: `get("/organization", select="id,displayName")`."""
        request = GraphRequest("GET", path_with(path, query))
        return self._caller.read(str(request), lambda: self._send(request), request=request)

    def file(self, path: str) -> str:
        """Read a report that is a file, wherever the service keeps it; BadAnswer where what comes is no text."""
        request = GraphRequest("GET", path)

        def read() -> str:
            return text_of(request, self._wire.send_for_file(request))

        return self._caller.read(str(request), read, request=("file", request))

    def pages(self, path: str, **query: str) -> Sequence[Body]:
        """Read a list to its end; raises where any page of it fails."""
        (rows,) = self.lists([path_with(path, query)])
        return answered(rows)

    def lists(
        self, paths: Sequence[str], consumers: Mapping[str, Callable[[Body], None]] = MappingProxyType({})
    ) -> Sequence[Sequence[Body] | RequestFailed]:
        """Read many lists to their ends, their pages together, and give for each its rows or its error.

        The rows of a path in `taking` are handed over page by page and not kept, for lists that are very long.
        """
        rows: list[list[Body]] = [[] for _ in paths]
        failed: dict[int, RequestFailed] = {}
        pagings = [Paging(str(GraphRequest("GET", path)), self._wire.limits) for path in paths]
        next_paths = {number: pagings[number].follow(path) for number, path in enumerate(paths)}
        while next_paths:
            numbers = list(next_paths)
            requests = [GraphRequest("GET", next_paths[number]) for number in numbers]
            next_paths = {}
            for number, request, response in zip(numbers, requests, self.batch(requests), strict=True):
                try:
                    path = self._collect(request, response, rows[number])
                    next_path = pagings[number].follow(path) if path else None
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
        """Send many reads or changes of one version, twenty in a request; give each one's body or error, in order.

        Only the parts that failed and may go through are sent again, so nothing that creates may be among them.
        """
        self._guard(*requests)
        if len(versions := {request.version for request in requests}) > 1:
            raise ValueError("a batch asks one version of Graph")
        return self._batches[versions.pop()].run(requests) if requests else []

    def send(self, method: str, path: str, body: Body | None = None) -> Body:
        """Send what may be sent twice: PATCH, PUT, or an action that reads or replaces a whole."""
        request = GraphRequest(method, path, body)
        self._guard(request)
        return self._caller.change(str(request), lambda: self._send(request))

    def once(self, path: str, body: Body) -> None:
        """Do what cannot be looked for afterwards, such as sending mail: never again where it may have been done."""
        request = GraphRequest("POST", path, body)
        self._guard(request)
        self._caller.once(str(request), lambda: self._send(request))

    def create(self, path: str, body: Body, look: Callable[[], Body | None], *, settles: float = 0.0) -> Body:
        """Make something and give it; `look` finds what an attempt without an answer may have made."""
        request = GraphRequest("POST", path, body)
        self._guard(request)
        return self._caller.create(str(request), lambda: self._send(request), look, settles=settles)

    def delete(self, path: str) -> None:
        """Remove something; that it is gone when sent again is what was wanted."""
        request = GraphRequest("DELETE", path)
        self._guard(request)
        self._caller.delete(str(request), lambda: self._send(request))

    def _send(self, request: GraphRequest) -> Body:
        return _read(request, self._wire.send(request))

    def _collect(self, request: GraphRequest, response: Body | RequestFailed, rows: list[Body]) -> str | None:
        """Add one page to its list and give the path of the next."""
        page = answered(response)
        rows.extend(to_rows(request, page))
        return next_page(self._wire, request, page)


def _read(request: GraphRequest, reply: Reply) -> Body:
    body = body_of(GRAPH, request, reply)
    refuse_cut(request, body)
    return body


def _part(request: GraphRequest) -> Body:
    part: dict[str, Json] = {"method": request.method, "url": request.path.removeprefix(request.version)}
    if request.body is None:
        return part
    return {**part, "headers": {"Content-Type": "application/json"}, "body": request.body}
