"""Who comes in at all: a registered service principal, and only so many times a minute where that is turned on."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.retention_rules import listed
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

SETTINGS, RECENT = "graph.ediscoverySettings", "graph.ediscoveryRequests"
READS = frozenset({"eDiscovery.Read.All", "eDiscovery.ReadWrite.All"})
WRITES = frozenset({"eDiscovery.ReadWrite.All"})
_INSIDE = "/security/cases/ediscoveryCases/{id}/"
_MINUTE = 60.0


def action(method: str, path: str, perform: Callable[[ActionRequest], Answer], notes: str = "") -> Action:
    """Make an action that the gate stands before; Graph publishes the lesser permission for writes too, in error."""

    @wraps(perform)
    def guarded(asking: ActionRequest) -> Answer:
        settings = asking.store.get(asking.tenant_id, SETTINGS, "settings") or {}
        if settings.get("registered") is False:
            raise GraphError(401, "Unauthorized", "The application is not a member of an eDiscovery role group.")
        wait = _wait(asking, settings)
        if wait > 0:
            refused = errors.answer(asking.call, errors.fault(429))
            return replace(refused, headers={**refused.headers, "Retry-After": f"{int(wait) + 1}"})
        if path.startswith(_INSIDE):
            _check_materialised(asking, settings)
        return perform(asking)

    return Action(method, path, READS if method == "GET" else WRITES, guarded, notes=notes)


def _check_materialised(asking: ActionRequest, settings: Body) -> None:
    if asking.keys[0].lower() in listed(settings.get("unmaterialised")):
        raise errors.fault(500)


def _wait(asking: ActionRequest, settings: Body) -> float:
    """Count a request by the clock on the wall, and tell how long the next has to wait; 0 where this one may pass."""
    allowed = settings.get("requestsPerMinute")
    if not isinstance(allowed, int):
        return 0
    now = time.time()
    kept = asking.store.get(asking.tenant_id, RECENT, "recent") or {}
    recent = [float(str(one)) for one in listed(kept.get("times")) if now - float(str(one)) < _MINUTE]
    if len(recent) >= allowed:
        return recent[0] + _MINUTE - now
    asking.store.put(asking.tenant_id, RECENT, "recent", {"times": [*recent, now]})
    return 0
