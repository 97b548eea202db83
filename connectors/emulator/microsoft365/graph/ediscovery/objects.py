"""The common parts of eDiscovery cases, holds and sources: access, look-ups, request bodies and authors."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import wraps

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.retention_rules import CASES, HOLDS, as_sequence
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

PATH = "/security/cases/ediscoveryCases"
_NO_DATE = "0001-01-01T00:00:00Z"


def find_case(request: ActionRequest) -> Body:
    """Return the case that the path names. Raise GraphError if there is none."""
    return _find_object(request, CASES, request.keys[0].lower())


def find_hold(request: ActionRequest) -> Body:
    """Return the hold that the path names. Raise GraphError if there is none."""
    find_case(request)
    return _find_object(request, HOLDS, store_key(request, 2))


def store_key(request: ActionRequest, depth: int) -> str:
    """Return the store key of the object at a depth of the path: the ids of its parents, then its own id."""
    return "/".join(key.lower() for key in request.keys[:depth])


def read_texts(request: ActionRequest, writable: Sequence[str]) -> dict[str, Json]:
    """Return the text properties of a request body. Their names may be in any case.

    Raise GraphError for a property that is not writable, or for a value that is not text.
    """
    spelt = {name.lower(): name for name in writable}
    texts: dict[str, Json] = {}
    for name, value in request.body().items():
        if name == "@odata.type":
            continue
        if name.lower() not in spelt:
            raise errors.bad_request(f"The property '{name}' can't be written here.")
        if value is not None and not isinstance(value, str):
            raise errors.bad_request(f"Cannot convert the value of '{name}' to the expected type 'Edm.String'.")
        texts[spelt[name.lower()]] = value
    return texts


def required_text(body: Body, name: str) -> str:
    """Return the text of a required property. Raise GraphError if it is missing or empty."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise errors.bad_request(f"The property '{name}' is required.")
    return value


def check_free(kind: str, name: str, others: Iterable[Body]) -> None:
    """Raise GraphError if another object of the same kind already has the name, in upper or lower case."""
    if any(str(other["displayName"]).lower() == name.lower() for other in others):
        raise GraphError(409, "Conflict", f"A {kind} with the name '{name}' already exists.")


def author_of_change(request: ActionRequest) -> Body:
    return {"application": {"id": request.principal.application_id, "displayName": None}, "user": None}


def now(request: ActionRequest) -> str:
    return clock.text(clock.now(request.store, request.tenant_id))


def without_dates(body: Body) -> dict[str, Json]:
    """Return an object with 0001-01-01 for every date, as eDiscovery shows holds and sources."""
    return {name: _NO_DATE if name.endswith("DateTime") else value for name, value in body.items()}


def _find_object(request: ActionRequest, collection: str, key: str) -> Body:
    body = request.store.get(request.tenant_id, collection, key)
    if body is None:
        raise errors.not_found(key.rpartition("/")[2])
    return body


SETTINGS, RECENT = "graph.ediscoverySettings", "graph.ediscoveryRequests"
READS = frozenset({"eDiscovery.Read.All", "eDiscovery.ReadWrite.All"})
WRITES = frozenset({"eDiscovery.ReadWrite.All"})
_INSIDE = "/security/cases/ediscoveryCases/{id}/"
_MINUTE = 60.0


def action(method: str, path: str, perform: Callable[[ActionRequest], Answer], notes: str = "") -> Action:
    """Return an action for eDiscovery. It first checks the role group of the application and the rate of requests.

    Microsoft also documents a reading permission for writes, which the real service refuses.
    """

    @wraps(perform)
    def perform_guarded(request: ActionRequest) -> Answer:
        settings = request.store.get(request.tenant_id, SETTINGS, "settings") or {}
        if settings.get("registered") is False:
            raise GraphError(401, "Unauthorized", "The application is not a member of an eDiscovery role group.")
        wait = _seconds_to_wait(request, settings)
        if wait > 0:
            refused = errors.answer(request.call, errors.fault(429))
            return replace(refused, headers={**refused.headers, "Retry-After": f"{int(wait) + 1}"})
        if path.startswith(_INSIDE):
            _check_materialised(request, settings)
        return perform(request)

    return Action(method, path, READS if method == "GET" else WRITES, perform_guarded, notes=notes)


def _check_materialised(request: ActionRequest, settings: Body) -> None:
    if request.keys[0].lower() in as_sequence(settings.get("unmaterialised")):
        raise errors.fault(500)


def _seconds_to_wait(request: ActionRequest, settings: Body) -> float:
    """Return how many seconds a client must wait, or 0 if its request may proceed and was counted."""
    allowed = settings.get("requestsPerMinute")
    if not isinstance(allowed, int):
        return 0
    now = time.time()
    kept = request.store.get(request.tenant_id, RECENT, "recent") or {}
    recent = [float(str(instant)) for instant in as_sequence(kept.get("times")) if now - float(str(instant)) < _MINUTE]
    if len(recent) >= allowed:
        return recent[0] + _MINUTE - now
    request.store.put(request.tenant_id, RECENT, "recent", {"times": [*recent, now]})
    return 0
