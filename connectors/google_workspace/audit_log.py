"""Reads Google's logs: who changed something, and who acted in a Vault matter.

Follows https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list and
https://developers.google.com/workspace/admin/reports/v1/appendix/activity/vault
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.permissions import needs
from toolkit.records import dataclass
from toolkit.sdk import Actor, AuditLogSource, CaseAccess, LoggedChange, Traces, utc_text
from toolkit.values import Body, table_of

_READS = "reports.activities.list"

ADMIN = AuditLogSource("admin", permissions=needs(_READS))
"""The log of changes in the admin console, or through an API with the same effect."""

_NO_ONE = Actor("unknown", person=True)
_FIELDS = (
    "nextPageToken,items(id(time),actor(callerType,email,key,applicationInfo(applicationName,oauthClientId))"
    ",events(resourceIds,parameters(name,value)))"
)


@dataclass(frozen=True, slots=True)
class Trail:
    """Reads Google's logs. Actions of toolkit's own service accounts are left out."""

    reports: Api
    own: frozenset[str]  # client ids

    def read(self, logs: Collection[str], begins: datetime, ends: datetime) -> Traces:
        """Return the changes between two instants from the given logs: who changed which object.

        Raise an error if a log cannot be read.
        """
        if ADMIN.log not in logs:
            return Traces()
        rows = self.reports.pages(_list_activities(ADMIN.log, begins, ends), "items")
        return Traces([trace for row in rows if (trace := self._to_change(row))])

    def in_matters(self, matters: Collection[str], begins: datetime, ends: datetime) -> Sequence[CaseAccess]:
        """Return who acted in the given matters, from Vault's log. The actor is `unknown` if an entry names no one."""
        sought = {matter.casefold() for matter in matters}
        rows = self.reports.pages(_list_activities("vault", begins, ends), "items")
        traces = [trace for row in rows if (trace := self._to_change(row, _NO_ONE)) and trace.objects & sought]
        by_actor: dict[str, list[datetime]] = {}
        for trace in traces:
            by_actor.setdefault(str(trace.actor), []).append(trace.at)
        return [CaseAccess(who, len(times), max(times)) for who, times in sorted(by_actor.items())]

    def newest_sign_in(self) -> datetime | None:
        """Return the time of the newest sign-in, without the person, or None if the log has no entry."""
        parameters: Body = {"userKey": "all", "applicationName": "login", "maxResults": 1, "fields": "items(id(time))"}
        entry = next(_list_rows(self.reports.read(Call(_READS, parameters)), "items"), None)
        return datetime.fromisoformat(str(table_of(entry.get("id")).get("time"))) if entry else None

    def _to_change(self, row: Body, default_actor: Actor | None = None) -> LoggedChange | None:
        actor, application = table_of(row.get("actor")), table_of(table_of(row.get("actor")).get("applicationInfo"))
        if str(application.get("oauthClientId") or actor.get("key")) in self.own:
            return None
        named = _to_actor(actor, application) or default_actor
        if named is None:
            return None
        at = datetime.fromisoformat(str(table_of(row.get("id")).get("time")))
        objects = frozenset(
            name.casefold() for event in _list_rows(row, "events") for name in _list_object_names(event)
        )
        return LoggedChange(ADMIN, at, named, objects)


def _list_activities(log: str, begins: datetime, ends: datetime) -> Call:
    parameters: Body = {
        "userKey": "all",
        "applicationName": log,
        "startTime": utc_text(begins),
        "endTime": utc_text(ends),
        "maxResults": 1000,
        "fields": _FIELDS,
    }
    return Call(_READS, parameters)


def _to_actor(actor: Body, application: Body) -> Actor | None:
    """Return the actor of a log entry.

    If the entry names an application, return that application, because it acts in an administrator's name.
    """
    if name := application.get("applicationName"):
        return Actor(str(name), person=False)
    if email := actor.get("email"):
        return Actor(str(email), person=True)
    key = actor.get("key")
    return Actor(str(key), person=False) if key else None


def _list_object_names(event: Body) -> Iterator[str]:
    """Yield every name that an event in the log gives to the changed object.

    A Chrome policy has its schema and target.
    """
    parameters = {
        str(parameter.get("name")): str(parameter.get("value")) for parameter in _list_rows(event, "parameters")
    }
    yield from parameters.values()
    ids = event.get("resourceIds")
    yield from (str(identifier) for identifier in (ids if isinstance(ids, list) else ()))
    place = parameters.get("ORG_UNIT_NAME") or parameters.get("GROUP_EMAIL")
    if place and (setting := parameters.get("SETTING_NAME")):
        yield f"{setting.removeprefix('chrome.')} @ {place}"


def _list_rows(body: Body, name: str) -> Iterator[Body]:
    rows = body.get(name)
    yield from (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, Mapping))
