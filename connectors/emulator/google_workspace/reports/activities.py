"""activities.list of the administrators' log: who changed which policy, rule or group's settings.

The names of events are those of https://developers.google.com/workspace/admin/reports/v1/appendix/activity/admin-event-names
where one is published for what is emulated here; nothing is late.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from connectors.emulator.audit_log import Event, Thing, events
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.directory.serialise import etag, for_administrators
from connectors.emulator.google_workspace.identifiers import customer_id
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS, POLICIES
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.wire import Body, Json

_CHROME, _GROUP_SETTINGS = "google.chromePolicies", "google.groupSettings"
_NOT_EMULATED = (
    "actorIpAddress", "applicationInfoFilter", "eventName", "filters", "groupIdFilter", "orgUnitID", "statusFilter",
)  # fmt: skip


def _list(asked: MethodCall) -> Body:
    if (asked.text("applicationName"), asked.text("userKey")) != ("admin", "all"):
        raise errors.not_emulated("activities.list of anything but what all administrators did")
    for name in _NOT_EMULATED:
        if asked.parameters.get(name):
            raise errors.not_emulated(f"activities.list with {name}")
    every = [row for row in _rows(asked) if _within(asked, row)]
    page = read_page(asked.parameters, asked.number("maxResults", 1000))
    rows = list(page_of(every, page))
    found: dict[str, Json] = {"items": rows} if rows else {}
    return {"kind": "admin#reports#activities", "etag": etag(found), **found, **page.next_token(len(every))}


def _within(asked: MethodCall, row: Body) -> bool:
    at = datetime.fromisoformat(text(mapping(row["id"])["time"]))
    begins, ends = (asked.text(name) for name in ("startTime", "endTime"))
    return (not begins or at >= datetime.fromisoformat(begins)) and (not ends or at < datetime.fromisoformat(ends))


def _rows(asked: MethodCall) -> Iterator[Body]:
    """Show what was done, the newest first as Google does."""
    for event in reversed(events(asked.store, asked.tenant_id, _CHROME, _GROUP_SETTINGS, POLICIES)):
        yield {
            "kind": "admin#reports#activity",
            "id": {
                "time": event.at,
                "uniqueQualifier": str(int(event.id[:8], 16)),
                "applicationName": "admin",
                "customerId": customer_id(asked.tenant_id),
            },
            "actor": _actor(event),
            "events": [_told(asked, thing) for thing in event.things],
        }


def _actor(event: Event) -> Body:
    doer = event.doer
    application: Body = {
        "applicationName": doer.application or doer.name,
        "oauthClientId": doer.application_id,
        "impersonation": doer.person,
    }
    told: dict[str, Json] = {"applicationInfo": application} if doer.application_id else {}
    return {"callerType": "USER" if doer.person else "KEY", **_named(event), **told}


def _named(event: Event) -> Body:
    return {"email": event.doer.name} if event.doer.person else {"key": event.doer.application_id}


def _told(asked: MethodCall, thing: Thing) -> Body:
    match thing.collection:
        case "google.chromePolicies":
            kind, key, schema, *_ = thing.key.split("/")
            place = (asked.collection(ORG_UNITS if kind == "orgunits" else GROUPS).get(key)) or {}
            where = ("ORG_UNIT_NAME", "orgUnitPath") if kind == "orgunits" else ("GROUP_EMAIL", "email")
            return _event(
                "CHROME_OS_SETTINGS",
                "CHANGE_CHROME_OS_USER_SETTING",
                {"SETTING_NAME": schema, where[0]: text(place.get(where[1]))},
            )
        case "google.groupSettings":
            return _event("GROUP_SETTINGS", "CHANGE_GROUP_SETTING", {"GROUP_EMAIL": thing.name})
        case _:
            policy = asked.collection(POLICIES).get(thing.key) or {}
            name = text(mapping(mapping(policy.get("setting")).get("value")).get("displayName"))
            told = _event("SECURITY_SETTINGS", "CHANGE_POLICY", {"RESOURCE_NAME": name})  # its real name is not known
            return {**told, "resourceIds": [f"policies/{thing.key}"]}


def _event(kind: str, name: str, parameters: Mapping[str, str]) -> Body:
    listed: list[Body] = [{"name": key, "value": value} for key, value in parameters.items() if value]
    return {"type": kind, "name": name, "parameters": listed}


HANDLERS: Mapping[str, Handler] = MappingProxyType({"reports.activities.list": for_administrators(_list)})
