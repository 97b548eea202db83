"""Reads the discovery documents in Google's client library, and answers requests for them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TypeAlias
from urllib.parse import urlsplit

from connectors.emulator.google_workspace.values import text
from connectors.emulator.service import Answer, Call, Operation
from connectors.emulator.store import Body, Json

_PLACE = ("googleapiclient", "discovery_cache", "documents")


@lru_cache(maxsize=16)
def read_document(name: str, version: str) -> Body | None:
    """Return the discovery document of an API. None if Google's library does not contain it."""
    if not (name + version).replace("_", "").replace("-", "").isalnum():
        return None
    file = files(_PLACE[0]).joinpath(*_PLACE[1:], f"{name}.{version}.json")
    if not file.is_file():
        return None
    content: Body = json.loads(file.read_bytes())
    return content


def with_base_address(document: Body, base: str) -> Body:
    """Return a discovery document with the base address that the client used, so that later requests come here too."""
    kept = {key: value for key, value in document.items() if key != "mtlsRootUrl"}
    host, root = urlsplit(base), text(document["rootUrl"])
    if not host.path:
        return kept  # the client used the vendor's own name and continues to
    here = f"https://{host.netloc}/{urlsplit(root).netloc}/"
    moved: dict[str, Json] = {
        key: here + text(kept[key]).removeprefix(root) for key in ("rootUrl", "baseUrl") if key in kept
    }
    return {**kept, **moved}


_REST = Operation("GET /$discovery/rest", write=False, notes="the documents inside google-api-python-client")
_ONE = Operation("GET /discovery/v1/apis/{api}/{version}/rest", write=False)
_Respond: TypeAlias = Callable[[], Answer]

DISCOVERY: Sequence[Operation] = (_REST, _ONE)


@dataclass(frozen=True, slots=True)
class Front:
    """A request for a discovery document, with its operation and its response."""

    operation: Operation
    respond: _Respond


def discovery_request(call: Call, api: tuple[str, str]) -> Front | None:
    """Return a call to an API's host as a request for a discovery document. None if it is another call."""
    match (call.method, call.path.strip("/").split("/")):
        case ("GET", ["$discovery", "rest"]):
            version = dict(call.query).get("version", api[1])
            return Front(_REST, lambda: _answer_with_document(call, api[0], version))
        case ("GET", ["discovery", "v1", "apis", name, version, "rest"]):
            return Front(_ONE, lambda: _answer_with_document(call, name, version))
    return None


def _answer_with_document(call: Call, name: str, version: str) -> Answer:
    content = read_document(name, version)
    if content is None:
        text = f"Could not find discovery document for {name} {version}."
        return Answer(404, {"error": {"code": 404, "message": text, "status": "NOT_FOUND"}})
    return Answer(body=with_base_address(content, call.base))
