"""Creates, changes, closes and reopens cases, and manages their legal holds. Closing a case releases its holds.

A healthy hold does not have a status, and its dates are not reliable.
"""

from collections.abc import Sequence
from uuid import uuid4

from connectors.emulator.data_files import from_template
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.ediscovery.objects import (
    PATH,
    action,
    author_of_change,
    check_free,
    find_case,
    find_hold,
    now,
    read_texts,
    required_text,
    store_key,
    without_dates,
)
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.reading import list_answer, single_answer
from connectors.emulator.microsoft365.retention_rules import CASES, HOLDS, SITE_SOURCES, USER_SOURCES, begin_delay
from connectors.emulator.service import Answer
from connectors.emulator.store import Body

_PLACE, _HOLDS = PATH.strip("/"), PATH + "/{id}/legalHolds"
_WRITABLE, _WRITABLE_HOLD = ("displayName", "description", "externalId"), ("displayName", "description", "contentQuery")


def actions() -> Sequence[Action]:
    options = "$select, $filter, $top"
    return (
        action("GET", PATH, lambda request: list_answer(request, _PLACE, _read_cases(request)), options),
        action("GET", PATH + "/{id}", lambda request: single_answer(request, _PLACE, find_case(request)), "$select"),
        action("POST", PATH, _create_case),
        action("PATCH", PATH + "/{id}", _change_case),
        action("POST", PATH + "/{id}/close", _close_case, "releases the holds of the case"),
        action("POST", PATH + "/{id}/reopen", _reopen_case, "does not restore the holds of the case"),
        action("GET", PATH + "/{id}/caseMembers", _refuse_members, "answers 401, as it does for every application"),
        action(
            "GET", _HOLDS, lambda request: list_answer(request, _context_path(request), _read_holds(request)), options
        ),
        action("POST", _HOLDS, _create_hold, "each source needs a request of its own"),
        action(
            "GET",
            _HOLDS + "/{id}",
            lambda request: single_answer(request, _context_path(request), without_dates(find_hold(request))),
        ),
        action("PATCH", _HOLDS + "/{id}", _change_hold),
        action("DELETE", _HOLDS + "/{id}", _delete_hold),
    )


def _read_cases(request: ActionRequest) -> Sequence[Body]:
    return request.store.all(request.tenant_id, CASES)


def _create_case(request: ActionRequest) -> Answer:
    body = read_texts(request, _WRITABLE)
    name = required_text(body, "displayName")
    check_free("case", name, _read_cases(request))
    made = from_template(
        __file__, "case", id=str(uuid4()), name=name, description=body.get("description") or "",
        external=body.get("externalId") or "", now=now(request), by=author_of_change(request),
    )  # fmt: skip
    request.store.put(request.tenant_id, CASES, str(made["id"]), made)
    return single_answer(request, _PLACE, made, status=201)


def _change_case(request: ActionRequest) -> Answer:
    before, body = find_case(request), read_texts(request, _WRITABLE)
    if "displayName" in body:
        check_free(
            "case",
            required_text(body, "displayName"),
            [case for case in _read_cases(request) if case["id"] != before["id"]],
        )
    return _store_change(request, before, body)


def _close_case(request: ActionRequest) -> Answer:
    before = find_case(request)
    _store_change(
        request, before, {"status": "closed", "closedBy": author_of_change(request), "closedDateTime": now(request)}
    )
    for key, hold in request.store.with_prefix(request.tenant_id, HOLDS, f"{before['id']}/").items():
        _delay_mailboxes(request, key)
        request.store.put(request.tenant_id, HOLDS, key, {**hold, "isEnabled": False})
    return Answer(status=204)


def _reopen_case(request: ActionRequest) -> Answer:
    return _store_change(request, find_case(request), {"status": "active", "closedBy": None, "closedDateTime": None})


def _refuse_members(request: ActionRequest) -> Answer:
    find_case(request)
    raise GraphError(401, "Unauthorized", "The members of a case are not shown to an application.")


def _store_change(
    request: ActionRequest, before: Body, changes: Body, collection: str = CASES, key: str = ""
) -> Answer:
    """Store a changed case or hold, with the time and the author of the change."""
    signed: Body = {"lastModifiedBy": author_of_change(request), "lastModifiedDateTime": now(request)}
    request.store.put(request.tenant_id, collection, key or str(before["id"]), {**before, **changes, **signed})
    return Answer(status=204)


def _context_path(request: ActionRequest) -> str:
    return f"{_PLACE}('{request.keys[0]}')/legalHolds"


def _read_holds(request: ActionRequest) -> Sequence[Body]:
    find_case(request)
    return [
        without_dates(hold)
        for hold in request.store.with_prefix(request.tenant_id, HOLDS, f"{store_key(request, 1)}/").values()
    ]


def _create_hold(request: ActionRequest) -> Answer:
    case, body = find_case(request), read_texts(request, _WRITABLE_HOLD)
    name = required_text(body, "displayName")
    if case["status"] != "active":
        raise errors.bad_request(
            f"The case '{case['displayName']}' is {case['status']}. Only an active case can have holds."
        )
    check_free("hold", name, _read_holds(request))
    made = from_template(
        __file__, "hold", id=str(uuid4()), name=name, description=body.get("description") or "",
        query=body.get("contentQuery") or "", now=now(request), by=author_of_change(request),
    )  # fmt: skip
    request.store.put(request.tenant_id, HOLDS, f"{case['id']}/{made['id']}", made)
    return single_answer(request, _context_path(request), without_dates(made), status=201)


def _change_hold(request: ActionRequest) -> Answer:
    return _store_change(request, find_hold(request), read_texts(request, _WRITABLE_HOLD), HOLDS, store_key(request, 2))


def _delete_hold(request: ActionRequest) -> Answer:
    find_hold(request)
    key = store_key(request, 2)
    _delay_mailboxes(request, key)
    for collection in (USER_SOURCES, SITE_SOURCES):
        for source in request.store.with_prefix(request.tenant_id, collection, f"{key}/"):
            request.store.delete(request.tenant_id, collection, source)
    request.store.delete(request.tenant_id, HOLDS, key)
    return Answer(status=204)


def _delay_mailboxes(request: ActionRequest, key: str) -> None:
    """Begin the month in which the mailboxes of a released hold are still kept."""
    for source in request.store.with_prefix(request.tenant_id, USER_SOURCES, f"{key}/").values():
        begin_delay(request.store, request.tenant_id, str(source["email"]))
