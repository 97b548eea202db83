"""Cases: made, changed, closed and opened again; closing one takes its holds off."""

from collections.abc import Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.ediscovery.holds import take_off
from connectors.emulator.microsoft365.graph.ediscovery.objects import (
    PATH,
    action,
    identity,
    needed,
    now,
    the_case,
    written,
)
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.reading import listed, single
from connectors.emulator.microsoft365.retention_rules import CASES, HOLDS
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

_PLACE = PATH.strip("/")
_WRITABLE = ("displayName", "description", "externalId")


def actions() -> Sequence[Action]:
    """List what can be asked of cases."""
    options = "$select, $filter, $top"
    return (
        action("GET", PATH, lambda asking: listed(asking, _PLACE, _all(asking)), options),
        action("GET", PATH + "/{id}", lambda asking: single(asking, _PLACE, the_case(asking)), "$select"),
        action("POST", PATH, _create),
        action("PATCH", PATH + "/{id}", _change),
        action("POST", PATH + "/{id}/close", _close, "its holds are taken off"),
        action("POST", PATH + "/{id}/reopen", _reopen, "its holds stay off"),
        action("GET", PATH + "/{id}/caseMembers", _members, "401, as for any application"),
    )


def _all(asking: ActionRequest) -> Sequence[Body]:
    return asking.store.all(asking.tenant_id, CASES)


def _create(asking: ActionRequest) -> Answer:
    body = written(asking, _WRITABLE)
    name = needed(body, "displayName")
    _check_free(asking, name, "")
    made: Body = {
        "id": str(uuid4()),
        "displayName": name,
        "description": body.get("description") or "",
        "externalId": body.get("externalId") or "",
        "status": "active",
        "createdDateTime": now(asking),
        "closedBy": None,
        "closedDateTime": None,
        **_signed(asking),
    }
    _keep(asking, made)
    return single(asking, _PLACE, made, status=201)


def _change(asking: ActionRequest) -> Answer:
    before, body = the_case(asking), written(asking, _WRITABLE)
    if "displayName" in body:
        _check_free(asking, needed(body, "displayName"), str(before["id"]))
    _keep(asking, {**before, **body, **_signed(asking)})
    return Answer(status=204)


def _close(asking: ActionRequest) -> Answer:
    before = the_case(asking)
    _keep(
        asking,
        {
            **before,
            "status": "closed",
            "closedBy": identity(asking),
            "closedDateTime": now(asking),
            **_signed(asking),
        },
    )
    for key, hold in asking.store.below(asking.tenant_id, HOLDS, f"{before['id']}/").items():
        take_off(asking, key)
        asking.store.put(asking.tenant_id, HOLDS, key, {**hold, "isEnabled": False})
    return Answer(status=204)


def _reopen(asking: ActionRequest) -> Answer:
    before = the_case(asking)
    _keep(asking, {**before, "status": "active", "closedBy": None, "closedDateTime": None, **_signed(asking)})
    return Answer(status=204)


def _members(asking: ActionRequest) -> Answer:
    the_case(asking)
    raise GraphError(401, "Unauthorized", "The members of a case are not shown to an application.")


def _signed(asking: ActionRequest) -> Body:
    return {"lastModifiedBy": identity(asking), "lastModifiedDateTime": now(asking)}


def _keep(asking: ActionRequest, case: Body) -> None:
    asking.store.put(asking.tenant_id, CASES, str(case["id"]), case)


def _check_free(asking: ActionRequest, name: str, own: str) -> None:
    if any(str(one["displayName"]).lower() == name.lower() and one["id"] != own for one in _all(asking)):
        raise GraphError(409, "Conflict", f"A case with the name '{name}' already exists.")
