"""Legal holds of a case; a healthy one has no status, and no dates that could be believed."""

from collections.abc import Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.ediscovery.objects import (
    PATH,
    action,
    identity,
    key_of,
    needed,
    now,
    the_case,
    the_hold,
    undated,
    written,
)
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.reading import listed, single
from connectors.emulator.microsoft365.retention_rules import HOLDS, SITE_SOURCES, USER_SOURCES, release
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

_PATH = PATH + "/{id}/legalHolds"
_WRITABLE = ("displayName", "description", "contentQuery")


def actions() -> Sequence[Action]:
    """List what can be asked of holds."""
    return (
        action("GET", _PATH, lambda asking: listed(asking, _place(asking), _all(asking)), "$select, $filter, $top"),
        action("POST", _PATH, _create, "sources are added one by one"),
        action("GET", _PATH + "/{id}", lambda asking: single(asking, _place(asking), undated(the_hold(asking)))),
        action("PATCH", _PATH + "/{id}", _change),
        action("DELETE", _PATH + "/{id}", _delete),
    )


def take_off(asking: ActionRequest, key: str) -> None:
    """Begin the month of delay for every mailbox of a hold."""
    for source in asking.store.below(asking.tenant_id, USER_SOURCES, f"{key}/").values():
        release(asking.store, asking.tenant_id, str(source["email"]))


def _place(asking: ActionRequest) -> str:
    return f"{PATH.strip('/')}('{asking.keys[0]}')/legalHolds"


def _all(asking: ActionRequest) -> Sequence[Body]:
    the_case(asking)
    return [undated(hold) for hold in asking.store.below(asking.tenant_id, HOLDS, f"{key_of(asking, 1)}/").values()]


def _create(asking: ActionRequest) -> Answer:
    case, body = the_case(asking), written(asking, _WRITABLE)
    name = needed(body, "displayName")
    if case["status"] != "active":
        raise errors.bad_request(f"The case '{case['displayName']}' is {case['status']}: nothing can be held in it.")
    if any(str(one["displayName"]).lower() == name.lower() for one in _all(asking)):
        raise GraphError(409, "Conflict", f"A hold with the name '{name}' already exists.")
    made: Body = {
        "id": str(uuid4()),
        "displayName": name,
        "description": body.get("description") or "",
        "contentQuery": body.get("contentQuery") or "",
        "isEnabled": True,
        "status": None,
        "errors": [],
        "createdBy": identity(asking),
        "createdDateTime": now(asking),
        "lastModifiedBy": identity(asking),
        "lastModifiedDateTime": now(asking),
    }
    asking.store.put(asking.tenant_id, HOLDS, f"{case['id']}/{made['id']}", made)
    return single(asking, _place(asking), undated(made), status=201)


def _change(asking: ActionRequest) -> Answer:
    before, body = the_hold(asking), written(asking, _WRITABLE)
    after = {**before, **body, "lastModifiedBy": identity(asking), "lastModifiedDateTime": now(asking)}
    asking.store.put(asking.tenant_id, HOLDS, key_of(asking, 2), after)
    return Answer(status=204)


def _delete(asking: ActionRequest) -> Answer:
    the_hold(asking)
    key = key_of(asking, 2)
    take_off(asking, key)
    for collection in (USER_SOURCES, SITE_SOURCES):
        for source in asking.store.below(asking.tenant_id, collection, f"{key}/"):
            asking.store.delete(asking.tenant_id, collection, source)
    asking.store.delete(asking.tenant_id, HOLDS, key)
    return Answer(status=204)
