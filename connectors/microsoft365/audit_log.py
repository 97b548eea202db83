"""Reads who changed something in the tenant, and when, from the logs of Exchange, Intune and the directory.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/search-unifiedauditlog and
https://learn.microsoft.com/graph/api/intune-auditing-auditevent-list
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.microsoft365.exchange.via import Exchange
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.permissions import AUDIT_LOGS, role_group
from connectors.microsoft365.permissions import graph as graph_permission
from toolkit.errors import BadAnswer, RequestFailed
from toolkit.records import dataclass
from toolkit.sdk import Actor, AuditLogSource, LoggedChange, Traces, utc_text
from toolkit.values import Body, Json, table_of

INTUNE = AuditLogSource("intune", permissions=(graph_permission("DeviceManagementApps.Read.All"),))
DIRECTORY = AuditLogSource("directory", permissions=(graph_permission("AuditLog.Read.All"),))
_EXCHANGE = "exchange"
# Exchange logs applications by id only, so their names come from the directory.
_EXCHANGE_PERMISSIONS = (*role_group(AUDIT_LOGS), graph_permission("Application.Read.All"))
_NAME_PARAMETERS = frozenset({"Identity", "Name"})
_LARGEST_RESULT = 5000
_PATHS = {
    INTUNE.log: "/deviceManagement/auditEvents",
    DIRECTORY.log: "/auditLogs/directoryAudits",
}


def exchange_log_place(noun: str) -> AuditLogSource:
    """Return the log and the object type for changes by cmdlets with a noun, such as Set-TransportRule."""
    return AuditLogSource(_EXCHANGE, noun, _EXCHANGE_PERMISSIONS)


@dataclass(frozen=True, slots=True)
class Trail:
    """Reads changes from the tenant's logs, and leaves out changes by toolkit's own applications."""

    exchange: Exchange
    graph: Graph
    own_client_ids: frozenset[str]

    def read(self, logs: Collection[str], begins: datetime, ends: datetime) -> Traces:
        """Return the changes in the given logs between two instants.

        The first request reads Exchange's log, the second all other logs, and the third the names of applications.
        """
        paths = {log: f"{path}?$filter=activityDateTime ge {utc_text(begins)}" for log, path in _PATHS.items()}
        logs_to_read = [log for log in paths if log in logs]
        results = self.graph.lists([paths[log] for log in logs_to_read]) if logs_to_read else []
        unread_reasons = [str(rows) for rows in results if isinstance(rows, RequestFailed)]
        traces = [*self._to_graph_changes(dict(zip(logs_to_read, results, strict=True)))]
        if _EXCHANGE in logs:
            try:
                exchange = self._read_exchange(begins, ends)
            except RequestFailed as error:
                exchange = Traces((), (str(error),))
            traces += exchange.changes
            unread_reasons += exchange.unread_reasons
        return Traces(traces, tuple(unread_reasons))

    def _to_graph_changes(self, results: Mapping[str, Sequence[Body] | RequestFailed]) -> Iterator[LoggedChange]:
        for log, rows in results.items():
            for row in () if isinstance(rows, RequestFailed) else rows:
                actor = table_of(row.get("actor")) or table_of(row.get("initiatedBy"))
                author = None if _find_application_id(actor) in self.own_client_ids else _to_actor(actor)
                if author:
                    yield LoggedChange(
                        AuditLogSource(log), _parse_instant(row.get("activityDateTime")), author, _find_object_keys(row)
                    )

    def _read_exchange(self, begins: datetime, ends: datetime) -> Traces:
        parameters: Body = {
            "StartDate": utc_text(begins),
            "EndDate": utc_text(ends),
            "RecordType": "ExchangeAdmin",
            "ResultSize": _LARGEST_RESULT,
        }
        records = [_parse_record(row) for row in self.exchange.get("Search-UnifiedAuditLog", parameters)]
        other_records = [record for record in records if str(record.get("AppId")) not in self.own_client_ids]
        applications = {str(record.get("AppId")) for record in other_records if not _is_person(record)}
        names, unread_reasons = self._read_application_names(applications)
        return Traces([_to_exchange_change(record, names) for record in other_records], unread_reasons)

    def _read_application_names(self, applications: Collection[str]) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """Return the names of applications by client id.

        If the names cannot be read, each id is its own name, and the reason is returned too.
        """
        ids = sorted(client_id for client_id in applications if client_id)
        if not ids:
            return {}, ()
        quoted_ids = ",".join(f"'{client_id}'" for client_id in ids)
        try:
            rows = self.graph.pages("/servicePrincipals", filter=f"appId in ({quoted_ids})", select="appId,displayName")
        except RequestFailed as error:
            return {client_id: f"application {client_id}" for client_id in ids}, (str(error),)
        return {str(row.get("appId")): str(row.get("displayName")) for row in rows}, ()


def _is_person(record: Body) -> bool:
    return "@" in str(record.get("UserId"))


def _to_exchange_change(record: Body, names: Mapping[str, str]) -> LoggedChange:
    user, application = str(record.get("UserId")), str(record.get("AppId") or "")
    person = _is_person(record)
    author = Actor(user if person else names.get(application, user), person=person)
    verb, _, noun = str(record.get("Operation")).partition("-")
    at = _parse_instant(f"{record.get('CreationTime')}Z")
    return LoggedChange(
        exchange_log_place(noun),
        at,
        author,
        frozenset(_list_object_names(record)),
        frozenset(_list_changed_settings(record, verb)),
    )


def _parse_record(row: Body) -> Body:
    try:
        record = json.loads(str(row.get("AuditData")))
    except ValueError as wrong:
        raise BadAnswer("Search-UnifiedAuditLog: a record of the response is not JSON") from wrong
    return record if isinstance(record, Mapping) else {}


def _list_object_names(record: Body) -> Iterator[str]:
    """Yield the names of a log record's object: with and without the tenant's prefix, and its Identity."""
    name = str(record.get("ObjectId")).casefold()
    yield from (name, name.rpartition("\\")[2])
    yield from (value.casefold() for name, value in _parse_parameters(record) if name in _NAME_PARAMETERS)


def _list_changed_settings(record: Body, verb: str) -> Iterator[str]:
    """Yield the settings that a cmdlet changed. Yield nothing for a cmdlet that creates or removes an object."""
    if verb in {"Enable", "Disable"}:
        yield "state"
    elif verb == "Set":
        yield from (name.casefold() for name, _ in _parse_parameters(record) if name != "Identity")


def _parse_parameters(record: Body) -> Iterator[tuple[str, str]]:
    parameters = record.get("Parameters")
    for parameter in parameters if isinstance(parameters, list) else ():
        if isinstance(parameter, Mapping):
            yield str(parameter.get("Name")), str(parameter.get("Value"))


def _find_application_id(actor: Body) -> str:
    return str(actor.get("applicationId") or table_of(actor.get("app")).get("appId") or "")


def _to_actor(actor: Body) -> Actor | None:
    user = actor.get("userPrincipalName") or table_of(actor.get("user")).get("userPrincipalName")
    if user:
        return Actor(str(user), person=True)
    name = actor.get("applicationDisplayName") or table_of(actor.get("app")).get("displayName")
    return Actor(str(name), person=False) if name else None


def _find_object_keys(row: Body) -> frozenset[str]:
    rows = row.get("resources") or row.get("targetResources")
    resources = [resource for resource in (rows if isinstance(rows, list) else ()) if isinstance(resource, Mapping)]
    names = (resource.get(key) for resource in resources for key in ("id", "resourceId", "displayName"))
    return frozenset(str(name).casefold() for name in names if name)


def _parse_instant(value: Json) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError as wrong:
        raise BadAnswer(f"a log shows {value!r} instead of a time") from wrong
