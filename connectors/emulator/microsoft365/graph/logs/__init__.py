"""The tenant's own logs in Graph: changes in Intune, and in the directory's policies, domains and groups."""

import re
from collections.abc import Callable, Sequence
from functools import partial

from connectors.emulator.audit_log import Doer, read_events
from connectors.emulator.microsoft365.graph import errors, reading
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.intune.family import APPS_READS, forbidden
from connectors.emulator.microsoft365.graph.query import one_page, read_query
from connectors.emulator.service import Answer
from connectors.emulator.store import Body

_AUDIT = frozenset({reading.PERMISSION})
_LARGEST_PAGE = 1000
_OPTIONS = frozenset({"$select", "$top", "$skiptoken", "$format", "$filter", "$expand"})
_SINCE = re.compile(r"activityDateTime ge (\S+)")


def actions() -> Sequence[Action]:
    """Return the actions that list the log of Intune and the log of the directory."""
    notes = "$filter only by activityDateTime ge. The log has no delay"
    return (
        Action(
            "GET", "/deviceManagement/auditEvents", APPS_READS, partial(_list_log, _intune_entries), notes=notes,
            forbid=forbidden,
        ),
        Action(
            "GET", "/auditLogs/directoryAudits", _AUDIT, partial(_list_log, _directory_entries), notes=notes,
            forbid=lambda _: reading.forbidden(),
        ),
    )  # fmt: skip


def _list_log(read_entries: Callable[[ActionRequest], list[Body]], request: ActionRequest) -> Answer:
    query = read_query(request.call, _OPTIONS)
    rows = read_entries(request)
    if text := query.options.get("$filter"):
        since = _SINCE.fullmatch(text)
        if since is None:
            raise errors.not_emulated(f"$filter {text}")
        rows = [row for row in rows if str(row["activityDateTime"]) >= since[1]]
    return Answer(body={**request.context("auditEvents"), **one_page(request.call, query, rows, largest=_LARGEST_PAGE)})


def _intune_entries(request: ActionRequest) -> list[Body]:
    return [
        {
            "id": event.id,
            "displayName": event.operation,
            "activityDateTime": event.at,
            "activityResult": "Success",
            "actor": {
                "userPrincipalName": event.doer.name if event.doer.person else None,
                "applicationId": event.doer.application_id or None,
                "applicationDisplayName": event.doer.application or (None if event.doer.person else event.doer.name),
            },
            "resources": [
                {"displayName": changed_object.name, "resourceId": changed_object.key}
                for changed_object in event.things
            ],
        }
        for event in reversed(read_events(request.store, request.tenant_id, "intune."))
    ]


def _directory_entries(request: ActionRequest) -> list[Body]:
    return [
        {
            "id": event.id,
            "activityDisplayName": event.operation,
            "activityDateTime": event.at,
            "result": "success",
            "initiatedBy": _initiator(event.doer),
            "targetResources": [
                {"id": changed_object.key, "displayName": changed_object.name} for changed_object in event.things
            ],
        }
        for event in reversed(read_events(request.store, request.tenant_id, "entra.", "domains", "groups", "members"))
    ]


def _initiator(doer: Doer) -> Body:
    if doer.person:
        return {"user": {"userPrincipalName": doer.name}, "app": None}
    return {"user": None, "app": {"appId": doer.application_id, "displayName": doer.name}}
