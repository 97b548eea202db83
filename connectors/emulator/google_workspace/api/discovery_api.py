"""Discovery, which every host of Google's answers beside its API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from connectors.emulator.google_workspace.api.documents import document, listed, served
from connectors.emulator.service import Answer, Call, Operation
from connectors.emulator.wire import Body

_REST = Operation("GET /$discovery/rest", write=False, notes="the documents inside google-api-python-client")
_LIST = Operation("GET /discovery/v1/apis", write=False, notes="the APIs that are emulated")
_ONE = Operation("GET /discovery/v1/apis/{api}/{version}/rest", write=False)
_Respond: TypeAlias = Callable[[], Answer]

DISCOVERY: Sequence[Operation] = (_REST, _LIST, _ONE)


@dataclass(frozen=True, slots=True)
class Front:
    """A call for discovery: its operation, and how it is answered."""

    operation: Operation
    respond: _Respond


def front(call: Call, apis: Sequence[tuple[str, str]]) -> Front | None:
    """Find out whether a call asks for discovery at a host of these APIs."""
    match (call.method, call.path.strip("/").split("/")):
        case ("GET", ["$discovery", "rest"]):
            version = dict(call.query).get("version", apis[0][1])
            return Front(_REST, lambda: _document(call, apis[0][0], version))
        case ("GET", ["discovery", "v1", "apis"]):
            return Front(_LIST, lambda: _listed(call, apis))
        case ("GET", ["discovery", "v1", "apis", name, version, "rest"]):
            return Front(_ONE, lambda: _document(call, name, version))
    return None


def _document(call: Call, name: str, version: str) -> Answer:
    found = document(name, version)
    if found is None:
        text = f"Could not find discovery document for {name} {version}."
        return Answer(404, {"error": {"code": 404, "message": text, "status": "NOT_FOUND"}})
    return Answer(body=served(found, call.base))


def _listed(call: Call, apis: Sequence[tuple[str, str]]) -> Answer:
    found = (document(name, version) for name, version in apis)
    items: list[Body] = [listed(one, call.base) for one in found if one]
    return Answer(body={"kind": "discovery#directoryList", "discoveryVersion": "v1", "items": items})
