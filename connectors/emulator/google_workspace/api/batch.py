"""Multipart batches: up to a hundred or a thousand requests in one, each answered by itself.

The form is that of developers.google.com/workspace/gmail/api/guides/batch.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email import message_from_bytes
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.service import Answer, Call, Perform


class _BatchPart(NamedTuple):
    id: str
    call: Call


def answer_batch(call: Call, most: int, perform: Perform) -> Answer:
    """Answer every part of a batch; raises ApiError for what is none."""
    parts = list(_parts(call))
    if not parts:
        raise errors.ApiError(400, "badRequest", "The batch request is empty or malformed.")
    if len(parts) > most:
        raise errors.ApiError(400, "badRequest", f"The batch exceeds the maximum of {most} calls.")
    boundary = f"batch_{uuid4().hex}"
    pieces = [b"--" + boundary.encode() + b"\r\n" + _response(part, perform(part.call)) for part in parts]
    body = b"".join([*pieces, b"--" + boundary.encode() + b"--\r\n"])
    return Answer(body=body, headers={"Content-Type": f"multipart/mixed; boundary={boundary}"})


def _parts(call: Call) -> Iterator[_BatchPart]:
    kind = call.headers.get("content-type", "")
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + call.body)
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and part.get_content_type() == "application/http":
            # A long header comes folded over lines, and the client compares it unfolded.
            content_id = " ".join(str(part.get("Content-ID", "")).split())
            yield _BatchPart(content_id, _inside(call, payload.lstrip()))


def _inside(call: Call, payload: bytes) -> Call:
    """Read one request of a batch; its own headers win over those of the batch."""
    head, _, body = payload.replace(b"\r\n", b"\n").partition(b"\n\n")
    line, *rest = head.decode("latin-1").split("\n")
    method, _, target = line.partition(" ")
    path, _, query = target.rpartition(" ")[0].partition("?")
    pairs = (one.partition(":") for one in rest if ":" in one)
    own = {name.strip().lower(): value.strip() for name, _, value in pairs}
    shared = {name: value for name, value in call.headers.items() if name == "authorization"}
    return replace(
        call,
        method=method.upper(),
        path=unquote(path),
        query=parse_qsl(query, keep_blank_values=True),
        headers={**shared, **own},
        body=body.strip(b"\n"),
    )


def _response(part: _BatchPart, answer: Answer) -> bytes:
    body = json.dumps(answer.body).encode() if isinstance(answer.body, Mapping) else answer.body or b""
    headers = {"Content-Type": "application/json; charset=UTF-8", **answer.headers, "Content-Length": str(len(body))}
    head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", *_lines(headers)]
    outer = {"Content-Type": "application/http", **({"Content-ID": _answered(part.id)} if part.id else {})}
    return "\r\n".join([*_lines(outer), "", *head, "", ""]).encode() + body + b"\r\n"


def _answered(content_id: str) -> str:
    """Name the answer to a part: <response-1> answers <1>."""
    return f"<response-{content_id.removeprefix('<')}" if content_id.startswith("<") else f"response-{content_id}"


def _lines(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]
