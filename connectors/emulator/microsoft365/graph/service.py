"""Microsoft Graph with batches. v1.0 and beta show the same directory."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import cast
from urllib.parse import parse_qsl, unquote

from connectors.emulator.microsoft365.applications import GRAPH
from connectors.emulator.microsoft365.graph import actions, errors
from connectors.emulator.microsoft365.graph.actions import BOTH, Action, Chosen, Match, choose, match, split_path
from connectors.emulator.microsoft365.graph.directory import routes
from connectors.emulator.microsoft365.graph.reading import read
from connectors.emulator.microsoft365.graph.seed import has_service
from connectors.emulator.service import Answer, Batch, Call, Operation, Perform, Principal
from connectors.emulator.store import Body, Json, Store

_MOST = 20
_FAILED = 400


@dataclass(frozen=True, slots=True)
class _GraphBatchPart:
    id: str
    call: Call
    needs: tuple[str, ...]


def answer_batch(call: Call, version: str, perform: Perform) -> Answer:
    """Return the response to a batch. A part is performed after the parts that it depends on."""
    answers: dict[str, Answer] = {}
    for part in _read_parts(call, version):
        failed = [part_id for part_id in part.needs if answers[part_id].status >= _FAILED]
        answers[part.id] = errors.answer(call, _dependency_failed(failed)) if failed else perform(part.call)
    # The real service does not keep an order either. A client that relies on one fails here.
    return Answer(body={"responses": [_part_response(key, answers[key]) for key in reversed(answers)]})


def _read_parts(call: Call, version: str) -> list[_GraphBatchPart]:
    try:
        requests = json.loads(call.body)["requests"]
        parts = [_read_part(call, version, cast(Body, request)) for request in requests]
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise errors.bad_request("Invalid batch payload format.") from bad
    if len(parts) > _MOST:
        raise errors.bad_request(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    earlier_ids: set[str] = set()
    for part in parts:
        if part.id in earlier_ids:
            raise errors.bad_request(f"Duplicate request id '{part.id}' in batch.")
        if set(part.needs) - earlier_ids:
            raise errors.bad_request(f"Request '{part.id}' depends on a request that does not come before it.")
        earlier_ids.add(part.id)
    return parts


def _read_part(call: Call, version: str, request: Body) -> _GraphBatchPart:
    path, _, query = str(request["url"]).partition("?")
    given, needs = request.get("headers") or {}, request.get("dependsOn") or []
    if not isinstance(given, Mapping) or not isinstance(needs, list):
        raise TypeError("headers must be an object, dependsOn a list")
    headers = {name.lower(): str(value) for name, value in given.items()}
    signed = {name: value for name, value in call.headers.items() if name in ("authorization", "client-request-id")}
    inside = replace(
        call,
        method=str(request["method"]).upper(),
        path=f"/{version}/{unquote(path).lstrip('/')}",
        query=parse_qsl(query, keep_blank_values=True),
        headers={**signed, **headers},
        body=_part_body(request.get("body")),
    )
    return _GraphBatchPart(str(request["id"]), inside, tuple(str(need) for need in needs))


def _part_body(body: Json) -> bytes:
    if body is None:
        return b""
    return b64decode(body) if isinstance(body, str) else json.dumps(body).encode()


def _dependency_failed(failed_ids: list[str]) -> errors.GraphError:
    return errors.GraphError(
        424, "FailedDependency", f"A request that this one depends on failed: {', '.join(failed_ids)}."
    )


def _part_response(key: str, answer: Answer) -> Body:
    body = b64encode(answer.body).decode() if isinstance(answer.body, bytes) else answer.body
    headers = {"Content-Type": "application/json", **answer.headers} if body is not None else dict(answer.headers)
    part: dict[str, Json] = {"id": key, "status": answer.status, "headers": headers}
    return part if body is None else {**part, "body": body}


INTUNE = "SCO"
"""Intune, as the plans of an organization call it."""
_OF_INTUNE = ("deviceManagement", "deviceAppManagement")


class Graph:
    """The service at graph.microsoft.com."""

    name = "graph"
    hosts = ("graph.microsoft.com",)
    roots = ("/v1.0", "/beta")
    audiences = (GRAPH,)

    def __init__(self) -> None:
        self._routes = routes()
        self._actions: list[Action] = [action for part in parts() for action in part.actions()]

    @property
    def emulated_operations(self) -> Sequence[Operation]:
        batch = Operation("POST /$batch", write=False, notes="at most 20 parts. Each part counts as an operation")
        reads = [route.operation for route in self._routes]
        return [*reads, *(action.operation for action in self._actions), batch]

    @property
    def permissions(self) -> frozenset[str]:
        """Return the application permissions that at least one emulated operation accepts."""
        routes = (route.permissions for route in self._routes)
        return frozenset[str]().union(*routes, *(action.permissions for action in self._actions))

    def operations(self, call: Call) -> Sequence[Operation]:
        match self._find_operation(call):
            case Match() as found:
                return [found.route.operation]
            case Chosen() as found:
                return [found.action.operation]
            case None:
                return []

    def batch(self, call: Call) -> Batch | None:
        parts = split_path(call.path)
        if call.method != "POST" or parts[1:] != ["$batch"] or parts[0] not in BOTH:
            return None
        return lambda perform: _perform_batch(call, parts[0], perform)

    def answer(self, call: Call, store: Store) -> Answer:
        match = self._find_operation(call)
        assert match
        try:
            if call.principal is None:
                raise errors.no_token(call)
            _check_licence(call, store, call.principal)
            return _answer_match(match, call, store, call.principal)
        except errors.GraphError as refused:
            return errors.answer(call, refused)

    def _find_operation(self, call: Call) -> Match | Chosen | None:
        version, *parts = split_path(call.path) or [""]
        if version not in BOTH:
            return None
        return match(self._routes, call.method, parts) or choose(self._actions, call.method, parts)


def _perform_batch(call: Call, version: str, perform: Perform) -> Answer:
    if call.principal is None:
        return errors.answer(call, errors.no_token(call))
    try:
        return answer_batch(call, version, perform)
    except errors.GraphError as refused:
        return errors.answer(call, refused)


def _check_licence(call: Call, store: Store, principal: Principal) -> None:
    """Refuse requests to Intune if the school's licences do not include Intune."""
    workload = split_path(call.path)[1:2]
    if (
        workload
        and workload[0] in _OF_INTUNE
        and not has_service(store.all(principal.tenant_id, "organization"), INTUNE)
    ):
        raise errors.bad_request("Request not applicable to target tenant.")


def _answer_match(match: Match | Chosen, call: Call, store: Store, principal: Principal) -> Answer:
    if isinstance(match, Chosen):
        return actions.answer(match, call, store, principal, split_path(call.path)[0])
    if not match.route.permissions & principal.roles:
        raise errors.fault(403)
    return read(call, store, principal, match)


@lru_cache(maxsize=1)
def parts() -> tuple[ModuleType, ...]:
    """Return the parts of Graph, such as Intune: each package here that lists actions."""
    folder = import_module(__package__)
    packages = iter_modules(folder.__path__, folder.__name__ + ".")
    return tuple(import_module(module.name) for module in packages if module.ispkg)
