"""Searches of a case: their mailboxes, an estimate of the results, and the export.

No mail is searched. An estimate has the same number of items for each mailbox, with one unreadable item.
"""

from collections.abc import Sequence
from functools import partial
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.ediscovery.objects import (
    PATH,
    action,
    author_of_change,
    check_free,
    find_case,
    now,
    read_texts,
    required_text,
    store_key,
)
from connectors.emulator.microsoft365.graph.ediscovery.sources import user_source
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.reading import list_answer, single_answer
from connectors.emulator.service import Answer
from connectors.emulator.store import Body

SEARCHES, SOURCES, OPERATIONS = (
    "graph.ediscoverySearches",
    "graph.ediscoverySearchSources",
    "graph.ediscoveryOperations",
)
_PATH = PATH + "/{id}/searches"
_ITEMS = 12  # in each mailbox
_SCOPES = ("none", "allTenantMailboxes", "allTenantSites", "allCaseCustodians", "allCaseNoncustodialDataSources")
_EXPORT = ("displayName", "description", "exportCriteria", "exportLocation", "additionalOptions", "exportFormat")


def actions() -> Sequence[Action]:
    sources = _PATH + "/{id}/additionalSources"
    return (
        action("GET", _PATH, partial(_list_objects, SEARCHES, 1)),
        action("POST", _PATH, _create_search),
        action("GET", sources, partial(_list_objects, SOURCES, 2)),
        action("POST", sources, _add_source, "mailboxes only"),
        action("POST", _PATH + "/{id}/estimateStatistics", _estimate_statistics, "done at once"),
        action("GET", _PATH + "/{id}/lastEstimateStatisticsOperation", _last_operation),
        action("POST", _PATH + "/{id}/exportResult", _export_results, "done at once"),
        action("GET", PATH + "/{id}/operations", partial(_list_objects, OPERATIONS, 1)),
    )


def _list_objects(collection: str, depth: int, request: ActionRequest) -> Answer:
    find_case(request) if depth == 1 else _find_search(request)
    return list_answer(request, PATH.strip("/"), _objects_below(request, collection, depth))


def _objects_below(request: ActionRequest, collection: str, depth: int) -> Sequence[Body]:
    return list(request.store.with_prefix(request.tenant_id, collection, f"{store_key(request, depth)}/").values())


def _find_search(request: ActionRequest) -> Body:
    find_case(request)
    search = request.store.get(request.tenant_id, SEARCHES, store_key(request, 2))
    if search is None:
        raise errors.not_found(request.keys[1])
    return search


def _create_search(request: ActionRequest) -> Answer:
    find_case(request)
    body = read_texts(request, ("displayName", "description", "contentQuery", "dataSourceScopes"))
    check_free("search", required_text(body, "displayName"), _objects_below(request, SEARCHES, 1))
    scopes = body.get("dataSourceScopes") or "none"
    if scopes not in _SCOPES:
        raise errors.bad_request(f"The value of 'dataSourceScopes' must be one of {', '.join(_SCOPES)}.")
    made: Body = {
        "id": str(uuid4()),
        "description": "",
        "contentQuery": "",
        **body,
        "dataSourceScopes": scopes,
        "createdBy": author_of_change(request),
        "createdDateTime": now(request),
    }
    return _store_object(request, SEARCHES, f"{store_key(request, 1)}/{made['id']}", made)


def _add_source(request: ActionRequest) -> Answer:
    _find_search(request)
    made = {**user_source(request), "createdBy": author_of_change(request), "createdDateTime": now(request)}
    key = f"{store_key(request, 2)}/{str(made['id']).lower()}"
    if request.store.get(request.tenant_id, SOURCES, key):
        raise GraphError(409, "Conflict", f"The search already has the source '{made['displayName']}'.")
    return _store_object(request, SOURCES, key, made)


def _estimate_statistics(request: ActionRequest) -> Answer:
    _find_search(request)
    mailboxes = len(_objects_below(request, SOURCES, 2))
    options = str(read_texts(request, ("statisticsOptions",)).get("statisticsOptions"))
    return _start_operation(
        request,
        "estimateStatistics",
        {
            "indexedItemCount": _ITEMS * mailboxes,
            "unindexedItemCount": mailboxes * ("includeUnindexedStats" in options),
            "mailboxCount": mailboxes,
            "siteCount": 0,
        },
    )


def _export_results(request: ActionRequest) -> Answer:
    _find_search(request)
    body = read_texts(request, _EXPORT)
    for name in ("exportCriteria", "additionalOptions", "exportFormat"):
        required_text(body, name)
    return _start_operation(request, "unknownFutureValue", {**body, "exportFileMetadata": []})


def _start_operation(request: ActionRequest, action_name: str, properties: Body) -> Answer:
    """Store a completed operation and return its location."""
    key = str(uuid4())
    made: Body = {
        "id": key,
        "action": action_name,
        "status": "succeeded",
        "percentProgress": 100,
        "createdBy": author_of_change(request),
        "createdDateTime": now(request),
        "search": request.keys[1].lower(),
        **properties,
    }
    request.store.put(request.tenant_id, OPERATIONS, f"{store_key(request, 1)}/{key}", made)
    place = f"{PATH}('{request.keys[0]}')/operations('{key}')"
    return Answer(status=202, headers={"Location": f"https://graph.microsoft.com/v1.0{place}"})


def _last_operation(request: ActionRequest) -> Answer:
    search = str(_find_search(request)["id"])
    estimates = [
        operation
        for operation in _objects_below(request, OPERATIONS, 1)
        if operation["search"] == search and operation["action"] == "estimateStatistics"
    ]
    if not estimates:
        raise errors.not_found("lastEstimateStatisticsOperation")
    return single_answer(request, PATH.strip("/"), estimates[-1])


def _store_object(request: ActionRequest, collection: str, key: str, body: Body) -> Answer:
    request.store.put(request.tenant_id, collection, key, body)
    return single_answer(request, PATH.strip("/"), body, status=201)
