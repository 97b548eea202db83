"""Cases: made, changed, closed and opened again; and their legal holds, which closing a case takes off.

A healthy hold has no status, and no dates that could be believed.
"""

from collections.abc import Sequence
from uuid import uuid4

from connectors.emulator.data_files import from_template
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.ediscovery.objects import (
    PATH,
    action,
    check_free,
    identity,
    key_of,
    now,
    read_texts,
    required_text,
    the_case,
    the_hold,
    without_dates,
)
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.reading import list_answer, single
from connectors.emulator.microsoft365.retention_rules import CASES, HOLDS, SITE_SOURCES, USER_SOURCES, release
from connectors.emulator.service import Answer
from connectors.emulator.store import Body

_PLACE, _HOLDS = PATH.strip("/"), PATH + "/{id}/legalHolds"
_WRITABLE, _WRITABLE_HOLD = ("displayName", "description", "externalId"), ("displayName", "description", "contentQuery")


def actions() -> Sequence[Action]:
    """List what can be asked of cases, and of their holds."""
    options = "$select, $filter, $top"
    return (
        action("GET", PATH, lambda asking: list_answer(asking, _PLACE, _cases(asking)), options),
        action("GET", PATH + "/{id}", lambda asking: single(asking, _PLACE, the_case(asking)), "$select"),
        action("POST", PATH, _create),
        action("PATCH", PATH + "/{id}", _change),
        action("POST", PATH + "/{id}/close", _close, "its holds are taken off"),
        action("POST", PATH + "/{id}/reopen", _reopen, "its holds stay off"),
        action("GET", PATH + "/{id}/caseMembers", _members, "401, as for any application"),
        action("GET", _HOLDS, lambda asking: list_answer(asking, _place(asking), _holds(asking)), options),
        action("POST", _HOLDS, _create_hold, "sources are added one by one"),
        action("GET", _HOLDS + "/{id}", lambda asking: single(asking, _place(asking), without_dates(the_hold(asking)))),
        action("PATCH", _HOLDS + "/{id}", _change_hold),
        action("DELETE", _HOLDS + "/{id}", _delete_hold),
    )


def _cases(asking: ActionRequest) -> Sequence[Body]:
    return asking.store.all(asking.tenant_id, CASES)


def _create(asking: ActionRequest) -> Answer:
    body = read_texts(asking, _WRITABLE)
    name = required_text(body, "displayName")
    check_free("case", name, _cases(asking))
    made = from_template(
        __file__, "case", id=str(uuid4()), name=name, description=body.get("description") or "",
        external=body.get("externalId") or "", now=now(asking), by=identity(asking),
    )  # fmt: skip
    asking.store.put(asking.tenant_id, CASES, str(made["id"]), made)
    return single(asking, _PLACE, made, status=201)


def _change(asking: ActionRequest) -> Answer:
    before, body = the_case(asking), read_texts(asking, _WRITABLE)
    if "displayName" in body:
        check_free(
            "case", required_text(body, "displayName"), [case for case in _cases(asking) if case["id"] != before["id"]]
        )
    return _keep(asking, before, body)


def _close(asking: ActionRequest) -> Answer:
    before = the_case(asking)
    _keep(asking, before, {"status": "closed", "closedBy": identity(asking), "closedDateTime": now(asking)})
    for key, hold in asking.store.below(asking.tenant_id, HOLDS, f"{before['id']}/").items():
        _take_off(asking, key)
        asking.store.put(asking.tenant_id, HOLDS, key, {**hold, "isEnabled": False})
    return Answer(status=204)


def _reopen(asking: ActionRequest) -> Answer:
    return _keep(asking, the_case(asking), {"status": "active", "closedBy": None, "closedDateTime": None})


def _members(asking: ActionRequest) -> Answer:
    the_case(asking)
    raise GraphError(401, "Unauthorized", "The members of a case are not shown to an application.")


def _keep(asking: ActionRequest, before: Body, changes: Body, collection: str = CASES, key: str = "") -> Answer:
    """Store a case or a hold with what was changed, when and by whom."""
    signed: Body = {"lastModifiedBy": identity(asking), "lastModifiedDateTime": now(asking)}
    asking.store.put(asking.tenant_id, collection, key or str(before["id"]), {**before, **changes, **signed})
    return Answer(status=204)


def _place(asking: ActionRequest) -> str:
    return f"{_PLACE}('{asking.keys[0]}')/legalHolds"


def _holds(asking: ActionRequest) -> Sequence[Body]:
    the_case(asking)
    return [
        without_dates(hold) for hold in asking.store.below(asking.tenant_id, HOLDS, f"{key_of(asking, 1)}/").values()
    ]


def _create_hold(asking: ActionRequest) -> Answer:
    case, body = the_case(asking), read_texts(asking, _WRITABLE_HOLD)
    name = required_text(body, "displayName")
    if case["status"] != "active":
        raise errors.bad_request(f"The case '{case['displayName']}' is {case['status']}: nothing can be held in it.")
    check_free("hold", name, _holds(asking))
    made = from_template(
        __file__, "hold", id=str(uuid4()), name=name, description=body.get("description") or "",
        query=body.get("contentQuery") or "", now=now(asking), by=identity(asking),
    )  # fmt: skip
    asking.store.put(asking.tenant_id, HOLDS, f"{case['id']}/{made['id']}", made)
    return single(asking, _place(asking), without_dates(made), status=201)


def _change_hold(asking: ActionRequest) -> Answer:
    return _keep(asking, the_hold(asking), read_texts(asking, _WRITABLE_HOLD), HOLDS, key_of(asking, 2))


def _delete_hold(asking: ActionRequest) -> Answer:
    the_hold(asking)
    key = key_of(asking, 2)
    _take_off(asking, key)
    for collection in (USER_SOURCES, SITE_SOURCES):
        for source in asking.store.below(asking.tenant_id, collection, f"{key}/"):
            asking.store.delete(asking.tenant_id, collection, source)
    asking.store.delete(asking.tenant_id, HOLDS, key)
    return Answer(status=204)


def _take_off(asking: ActionRequest, key: str) -> None:
    """Begin the month of delay for every mailbox of a hold."""
    for source in asking.store.below(asking.tenant_id, USER_SOURCES, f"{key}/").values():
        release(asking.store, asking.tenant_id, str(source["email"]))
