"""Microsoft Graph as the server knows it; both versions, v1.0 and beta, answer alike."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.emulator.microsoft365.applications import GRAPH
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.batch import answer_batch
from connectors.emulator.microsoft365.graph.directory import routes
from connectors.emulator.microsoft365.graph.query import truncated
from connectors.emulator.microsoft365.graph.reading import read
from connectors.emulator.microsoft365.graph.routes import Match, match, segments
from connectors.emulator.service import Answer, Call, Operation, Perform
from connectors.emulator.store import Store

_VERSIONS = ("v1.0", "beta")


class Graph:
    """graph.microsoft.com."""

    name = "graph"
    hosts = ("graph.microsoft.com",)
    roots = ("/v1.0", "/beta")
    audiences = (GRAPH,)

    def __init__(self) -> None:
        self._routes = routes()

    @property
    def emulated(self) -> Sequence[Operation]:
        batch = Operation("POST /$batch", write=False, notes="at most 20 parts; each is an operation by itself")
        return [*(route.operation for route in self._routes), batch]

    def operations(self, call: Call) -> Sequence[Operation]:
        found = self._match(call)
        return [found.route.operation] if found else []

    def batch(self, call: Call, perform: Perform) -> Answer | None:
        parts = segments(call.path)
        if call.method != "POST" or parts[1:] != ["$batch"] or parts[0] not in _VERSIONS:
            return None
        if call.principal is None:
            return errors.answer(call, errors.no_token(call))
        try:
            return answer_batch(call, parts[0], perform)
        except errors.GraphError as refused:
            return errors.answer(call, refused)

    def answer(self, call: Call, store: Store) -> Answer:
        found = self._match(call)
        assert found
        try:
            if call.principal is None:
                raise errors.no_token(call)
            if not found.route.permissions & call.principal.roles:
                raise errors.fault(403)
            return read(call, store, call.principal, found)
        except errors.GraphError as refused:
            return errors.answer(call, refused)

    def refuse(self, call: Call, status: int, reason: str = "") -> Answer:
        return errors.answer(call, errors.named(status, reason) if reason else errors.fault(status))

    def truncate(self, call: Call, answer: Answer) -> Answer:
        if isinstance(answer.body, bytes) or not answer.body or "value" not in answer.body:
            return answer
        return replace(answer, body=truncated(call, answer.body))

    def _match(self, call: Call) -> Match | None:
        version, *parts = segments(call.path) or [""]
        return match(self._routes, call.method, parts) if version in _VERSIONS else None
