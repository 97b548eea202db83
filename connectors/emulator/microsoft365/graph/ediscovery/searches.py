"""Searches of a case: their mailboxes, an estimate of what they find, and its export.

No mail is searched: an estimate says that each mailbox has so many items, and one whose text cannot be read.
"""

from collections.abc import Sequence
from functools import partial
from uuid import uuid4

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
)
from connectors.emulator.microsoft365.graph.ediscovery.sources import user_source
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.reading import list_answer, single
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
    """List what can be asked of searches."""
    sources = _PATH + "/{id}/additionalSources"
    return (
        action("GET", _PATH, partial(_list, SEARCHES, 1)),
        action("POST", _PATH, _create),
        action("GET", sources, partial(_list, SOURCES, 2)),
        action("POST", sources, _add, "mailboxes only"),
        action("POST", _PATH + "/{id}/estimateStatistics", _estimate, "done at once"),
        action("GET", _PATH + "/{id}/lastEstimateStatisticsOperation", _last),
        action("POST", _PATH + "/{id}/exportResult", _export, "done at once"),
        action("GET", PATH + "/{id}/operations", partial(_list, OPERATIONS, 1)),
    )


def _list(collection: str, depth: int, asking: ActionRequest) -> Answer:
    the_case(asking) if depth == 1 else _search(asking)
    return list_answer(asking, PATH.strip("/"), _below(asking, collection, depth))


def _below(asking: ActionRequest, collection: str, depth: int) -> Sequence[Body]:
    return list(asking.store.below(asking.tenant_id, collection, f"{key_of(asking, depth)}/").values())


def _search(asking: ActionRequest) -> Body:
    the_case(asking)
    search = asking.store.get(asking.tenant_id, SEARCHES, key_of(asking, 2))
    if search is None:
        raise errors.not_found(asking.keys[1])
    return search


def _create(asking: ActionRequest) -> Answer:
    the_case(asking)
    body = read_texts(asking, ("displayName", "description", "contentQuery", "dataSourceScopes"))
    check_free("search", required_text(body, "displayName"), _below(asking, SEARCHES, 1))
    scopes = body.get("dataSourceScopes") or "none"
    if scopes not in _SCOPES:
        raise errors.bad_request(f"The value of 'dataSourceScopes' is none of {', '.join(_SCOPES)}.")
    made: Body = {
        "id": str(uuid4()),
        "description": "",
        "contentQuery": "",
        **body,
        "dataSourceScopes": scopes,
        "createdBy": identity(asking),
        "createdDateTime": now(asking),
    }
    return _store_object(asking, SEARCHES, f"{key_of(asking, 1)}/{made['id']}", made)


def _add(asking: ActionRequest) -> Answer:
    _search(asking)
    made = {**user_source(asking), "createdBy": identity(asking), "createdDateTime": now(asking)}
    key = f"{key_of(asking, 2)}/{str(made['id']).lower()}"
    if asking.store.get(asking.tenant_id, SOURCES, key):
        raise GraphError(409, "Conflict", f"The search already has the source '{made['displayName']}'.")
    return _store_object(asking, SOURCES, key, made)


def _estimate(asking: ActionRequest) -> Answer:
    _search(asking)
    mailboxes = len(_below(asking, SOURCES, 2))
    options = str(read_texts(asking, ("statisticsOptions",)).get("statisticsOptions"))
    return _begin(
        asking,
        "estimateStatistics",
        {
            "indexedItemCount": _ITEMS * mailboxes,
            "unindexedItemCount": mailboxes * ("includeUnindexedStats" in options),
            "mailboxCount": mailboxes,
            "siteCount": 0,
        },
    )


def _export(asking: ActionRequest) -> Answer:
    _search(asking)
    body = read_texts(asking, _EXPORT)
    for name in ("exportCriteria", "additionalOptions", "exportFormat"):
        required_text(body, name)
    return _begin(asking, "unknownFutureValue", {**body, "exportFileMetadata": []})


def _begin(asking: ActionRequest, act: str, more: Body) -> Answer:
    """Keep an operation, which has succeeded already, and answer with where it is alone."""
    key = str(uuid4())
    made: Body = {
        "id": key,
        "action": act,
        "status": "succeeded",
        "percentProgress": 100,
        "createdBy": identity(asking),
        "createdDateTime": now(asking),
        "search": asking.keys[1].lower(),
        **more,
    }
    asking.store.put(asking.tenant_id, OPERATIONS, f"{key_of(asking, 1)}/{key}", made)
    place = f"{PATH}('{asking.keys[0]}')/operations('{key}')"
    return Answer(status=202, headers={"Location": f"https://graph.microsoft.com/v1.0{place}"})


def _last(asking: ActionRequest) -> Answer:
    search = str(_search(asking)["id"])
    estimates = [
        operation
        for operation in _below(asking, OPERATIONS, 1)
        if operation["search"] == search and operation["action"] == "estimateStatistics"
    ]
    if not estimates:
        raise errors.not_found("lastEstimateStatisticsOperation")
    return single(asking, PATH.strip("/"), estimates[-1])


def _store_object(asking: ActionRequest, collection: str, key: str, made: Body) -> Answer:
    asking.store.put(asking.tenant_id, collection, key, made)
    return single(asking, PATH.strip("/"), made, status=201)
