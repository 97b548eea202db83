"""A Google API, which routes and checks requests by its discovery document, and supports batches."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import Message
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from connectors.emulator.data_files import read_data
from connectors.emulator.google_workspace.accounts import PROJECTS, SERVICE_ACCOUNTS
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.documents import DISCOVERY, discovery_request, read_document
from connectors.emulator.google_workspace.api.methods import Found, Interface, Method, read_interface
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.api.requests import (
    apply_mask,
    apply_method_override,
    read_body,
    read_mask,
    read_parameters,
)
from connectors.emulator.google_workspace.oauth import OAuth
from connectors.emulator.google_workspace.people import USERS
from connectors.emulator.google_workspace.tokens import AUDIENCE
from connectors.emulator.google_workspace.values import mapping
from connectors.emulator.service import Answer, Batch, Call, Operation, Perform, Principal
from connectors.emulator.store import Body, Store

_FOLD = re.compile(r"\s*\n[ \t]+")  # a long header comes folded over lines, and the client compares it unfolded


class _BatchPart(NamedTuple):
    id: str
    call: Call


def answer_batch(call: Call, max_parts: int, perform: Perform) -> Answer:
    """Return the response to a batch. Raise ApiError if the batch is malformed or too long."""
    parts = list(_read_parts(call))
    if not parts:
        raise errors.ApiError(400, "badRequest", "The batch request is empty or malformed.")
    if len(parts) > max_parts:
        raise errors.ApiError(400, "badRequest", f"The batch exceeds the maximum of {max_parts} calls.")
    boundary = f"batch_{uuid4().hex}"
    pieces = [b"--" + boundary.encode() + b"\r\n" + _write_response(part, perform(part.call)) for part in parts]
    body = b"".join([*pieces, b"--" + boundary.encode() + b"--\r\n"])
    return Answer(body=body, headers={"Content-Type": f"multipart/mixed; boundary={boundary}"})


def _read_parts(call: Call) -> Iterator[_BatchPart]:
    message = Message()
    message["Content-Type"] = call.headers.get("content-type", "")
    if not (boundary := message.get_boundary()):
        return
    delimiter = b"--" + boundary.encode()
    inside, _, _ = call.body.replace(b"\r\n", b"\n").partition(delimiter + b"--")
    for part in inside.split(delimiter)[1:]:
        head, _, payload = part.partition(b"\n\n")
        headers = _parse_headers(_FOLD.sub(" ", head.decode("latin-1")).split("\n"))
        if headers.get("content-type", "").partition(";")[0].strip().lower() == "application/http":
            yield _BatchPart(headers.get("content-id", ""), _read_inner_call(call, payload.lstrip()))


def _read_inner_call(call: Call, payload: bytes) -> Call:
    """Return one request of a batch. Its own headers override the headers of the batch."""
    head, _, body = payload.partition(b"\n\n")
    line, *rest = head.decode("latin-1").split("\n")
    method, _, target = line.partition(" ")
    path, _, query = target.rpartition(" ")[0].partition("?")
    shared = {name: value for name, value in call.headers.items() if name == "authorization"}
    return replace(
        call,
        method=method.upper(),
        path=unquote(path),
        query=parse_qsl(query, keep_blank_values=True),
        headers={**shared, **_parse_headers(rest)},
        body=body.strip(b"\n"),
    )


def _parse_headers(lines: Iterable[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _write_response(part: _BatchPart, answer: Answer) -> bytes:
    body = json.dumps(answer.body).encode() if isinstance(answer.body, Mapping) else answer.body or b""
    headers = {"Content-Type": "application/json; charset=UTF-8", **answer.headers, "Content-Length": str(len(body))}
    head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", *_header_lines(headers)]
    outer = {"Content-Type": "application/http", **({"Content-ID": _response_id(part.id)} if part.id else {})}
    return "\r\n".join([*_header_lines(outer), "", *head, "", ""]).encode() + body + b"\r\n"


def _response_id(content_id: str) -> str:
    """Return the id of the response to a part of a batch. The response to <1> has the id <response-1>."""
    return f"<response-{content_id.removeprefix('<')}" if content_id.startswith("<") else f"response-{content_id}"


def _header_lines(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


@dataclass(frozen=True)
class GoogleApi:
    """An API with its handlers, by method id."""

    name: str
    hosts: Sequence[str]
    roots: Sequence[str]
    api: tuple[str, str]  # name and version of its discovery document
    project_host: str  # the name that the API is turned on by
    handlers: Mapping[str, Handler]
    wording: errors.Wording
    most_in_batch: int
    notes: Mapping[str, str] = field(default_factory=dict)
    fallback: OAuth | None = None  # another service on the same host
    audiences: Sequence[str] = (AUDIENCE,)

    @property
    def emulated_operations(self) -> Sequence[Operation]:
        batch = Operation(
            "POST /batch", write=False, notes=f"at most {self.most_in_batch} parts. Also at /batch/API/VERSION"
        )
        return [*(self._operation(method) for method in self._interface.methods), batch, *DISCOVERY]

    def operations(self, call: Call) -> Sequence[Operation]:
        if ahead := discovery_request(call, self.api):
            return [ahead.operation]
        call = apply_method_override(call)
        route = self._interface.find(call.method, call.path)
        if route is None:
            return self.fallback.operations(call) if self.fallback else []
        return [self._operation(route.method)]

    def batch(self, call: Call) -> Batch | None:
        parts = call.path.strip("/").split("/")
        if call.method != "POST" or parts[0] != "batch" or parts[1:] not in ([], list(self.api)):
            return None
        return lambda perform: self._perform_batch(call, perform)

    def _perform_batch(self, call: Call, perform: Perform) -> Answer:
        try:
            return answer_batch(call, self.most_in_batch, perform)
        except errors.ApiError as refused:
            return self.wording.answer(refused)

    def answer(self, call: Call, store: Store) -> Answer:
        if ahead := discovery_request(call, self.api):
            return ahead.respond()
        call = apply_method_override(call)
        route = self._interface.find(call.method, call.path)
        if route is None:
            assert self.fallback
            return self.fallback.answer(call, store)
        try:
            return self._answer_route(call, store, route)
        except errors.ApiError as refused:
            return self.wording.answer(refused)

    @cached_property
    def _interface(self) -> Interface:
        content = read_document(*self.api)
        assert content, f"google-api-python-client has no document for {self.api}"
        return read_interface(content, frozenset(self.handlers))

    def _operation(self, method: Method) -> Operation:
        return Operation(method.id, write=method.write, notes=self.notes.get(method.id, ""))

    def _answer_route(self, call: Call, store: Store, route: Found) -> Answer:
        method, interface = route.method, self._interface
        if call.principal is None:
            raise errors.no_token(given="authorization" in call.headers)
        self._check_access(call.principal, store, method)
        parameters = read_parameters(interface, route, call.query)
        if parameters.get("alt", "json") != "json":
            raise errors.not_emulated(f"alt={parameters['alt']}")
        mask = parameters.get("fields")
        chosen = read_mask(str(mask), interface.types, method.response) if mask else {}
        body = read_body(interface, method, call)
        done = self.handlers[method.id](_method_call(call, store, call.principal, parameters, body))
        return Answer(status=HTTPStatus.NO_CONTENT) if done is None else Answer(body=mapping(apply_mask(done, chosen)))

    def _check_access(self, principal: Principal, store: Store, method: Method) -> None:
        if not method.scopes & principal.roles:
            raise errors.missing_scope(method.scopes)
        project = store.get(principal.tenant_id, PROJECTS, self.project_host)
        if project and not project.get("enabled"):
            raise errors.not_enabled(self._interface.title, self.project_host, principal.application_id[:12])


def google_api(name: str, handlers: Mapping[str, Handler], *, fallback: OAuth | None = None) -> GoogleApi:
    """Create one of the APIs listed in `apis.json`."""
    row = read_data(Path(__file__).parents[1] / "apis.json")[name]
    read = {"api": tuple(row["api"]), "wording": errors.Wording(**row["wording"])}
    return GoogleApi(name, **{**row, **read}, handlers=handlers, fallback=fallback)


def _method_call(call: Call, store: Store, principal: Principal, parameters: Body, body: Body) -> MethodCall:
    tenant_id = principal.tenant_id
    return MethodCall(
        store=store,
        tenant_id=tenant_id,
        caller=store.get(tenant_id, USERS, principal.subject) if principal.subject else None,
        delegated=store.get(tenant_id, SERVICE_ACCOUNTS, principal.application_id) is not None,
        parameters=parameters,
        body=body,
        headers=call.headers,
        method=call.method,
    )
