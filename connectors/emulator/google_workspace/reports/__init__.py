"""The Admin SDK's Reports API: when each person last used mail, some days late, and administrators' changes.

A test may read and change these collections at the control plane:

- `reports.lastUse`, by person id: {"mail": instant, "login": instant}. A missing instant means never.
- `reports.lag`, under the key days: {"accounts": 2, "gmail": 3}, the delay of each application's figures in days.
- `reports.vault`, by any key: {"time": ..., "actor": {"email": ...}, "name": "view_matter", "matter": its id}.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

from connectors.emulator import clock
from connectors.emulator.audit_log import Event, Thing, read_events
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import check_customer, etag, require_administrator
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS, POLICIES
from connectors.emulator.google_workspace.reports.customer_usage import get_customer_report
from connectors.emulator.google_workspace.reports.usage_days import LAGS, last_day, late_warning, requested_day
from connectors.emulator.google_workspace.seeded import NEVER
from connectors.emulator.google_workspace.values import customer_id, mapping, numeric_id, sequence, text
from connectors.emulator.school import School, last_seen
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

LAST_USE, VAULT = "reports.lastUse", "reports.vault"
_CLOSING = time(16, 30, tzinfo=UTC)  # the time of the last use on each earlier day
# The source of each parameter.
_KNOWN: Mapping[str, str] = {
    "accounts:last_login_time": "login",
    **{f"gmail:timestamp_last_{kind}": "mail" for kind in ("access", "imap", "interaction", "pop", "webmail")},
}
_NOT_EMULATED_USAGE = ("filters", "groupIdFilter", "orgUnitID")


def _get_user_report(call: MethodCall) -> Body:
    if call.text("customerId"):
        check_customer(call, "customerId")
    for name in _NOT_EMULATED_USAGE:
        if call.parameters.get(name):
            raise errors.not_emulated(f"userUsageReport.get with {name}")
    day = requested_day(call)
    parameters = [parameter for parameter in call.text("parameters").split(",") if parameter] or list(_KNOWN)
    late = {application: day > last_day(call, application) for application in LAGS}
    present = [parameter for parameter in parameters if not late.get(parameter.partition(":")[0])]
    page = read_page(call.parameters, call.number("maxResults", 1000))
    everyone = _requested_people(call)
    rows = [_user_report(call, person, day, present) for person in page_of(everyone, page)]
    asked_for = dict.fromkeys(parameter.partition(":")[0] for parameter in parameters)
    warnings: dict[str, Json] = {
        "warnings": [late_warning(day, application) for application in asked_for if late.get(application)]
    }
    warnings = warnings if warnings["warnings"] else {}
    reports: dict[str, Json] = {"usageReports": rows} if rows else {}
    return {
        "kind": "admin#reports#usageReports",
        "etag": etag(reports),
        **warnings,
        **reports,
        **page.next_token(len(everyone)),
    }


def _requested_people(call: MethodCall) -> Sequence[Body]:
    key = call.text("userKey")
    if key == "all":
        return call.collection(people.USERS).all()
    person = people.find_user(call.store, call.tenant_id, key)
    if person is None:
        raise errors.not_found("Resource Not Found: userKey")
    return [person]


def _user_report(call: MethodCall, person: Body, day: date, parameters: Sequence[str]) -> Body:
    entity: Body = {
        "type": "USER",
        "customerId": customer_id(call.tenant_id),
        "userEmail": person["primaryEmail"],
        "profileId": person["id"],
    }
    use = call.collection(LAST_USE).get(str(person["id"])) or {}
    values = list(_report_values(use, day, parameters))
    body: dict[str, Json] = {"date": day.isoformat(), "entity": entity, "parameters": values}
    return {"kind": "admin#reports#usageReport", **body, "etag": etag(body)}


def _report_values(use: Body, day: date, parameters: Sequence[str]) -> Iterator[Body]:
    for name in parameters:
        if name not in _KNOWN:
            raise errors.not_emulated(f"the parameter {name} of usage reports")
        last = text(use.get(_KNOWN[name]))
        yield {"name": name, "datetimeValue": _known_use(last, day) if last else NEVER}


def _known_use(last: str, day: date) -> str:
    """Return the last use that a report of an earlier date would show, computed from the current last use."""
    instant = datetime.fromisoformat(last)
    seen = instant if instant.date() <= day else datetime.combine(day, _CLOSING)
    return seen.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


HANDLERS: Mapping[str, Handler] = {
    "reports.customerUsageReports.get": require_administrator(get_customer_report),
    "reports.userUsageReport.get": require_administrator(_get_user_report),
}


_CHROME, _GROUP_SETTINGS, _MEMBERS = "google.chromePolicies", "google.groupSettings", "google.members"
_SECURITY = "google.groupSecurity"
_SHOWN = (_CHROME, _GROUP_SETTINGS, _SECURITY, _MEMBERS, POLICIES)
_NOT_EMULATED = (
    "actorIpAddress", "applicationInfoFilter", "filters", "groupIdFilter", "orgUnitID", "statusFilter",
)  # fmt: skip


def _list_activities(call: MethodCall) -> Body:
    application = call.text("applicationName")
    if application not in _ROWS or call.text("userKey") != "all":
        raise errors.not_emulated("activities.list of applications other than admin, login and vault")
    for name in _NOT_EMULATED:
        if call.parameters.get(name):
            raise errors.not_emulated(f"activities.list with {name}")
    every = [row for row in _ROWS[application](call) if _is_requested(call, row)]
    page = read_page(call.parameters, call.number("maxResults", 1000))
    rows = list(page_of(every, page))
    body: dict[str, Json] = {"items": rows} if rows else {}
    return {"kind": "admin#reports#activities", "etag": etag(body), **body, **page.next_token(len(every))}


def _is_requested(call: MethodCall, row: Body) -> bool:
    at = datetime.fromisoformat(text(mapping(row["id"])["time"]))
    named = call.text("eventName")
    if named and all(mapping(event).get("name") != named for event in sequence(row["events"])):
        return False
    begins, ends = (call.text(name) for name in ("startTime", "endTime"))
    return (not begins or at >= datetime.fromisoformat(begins)) and (not ends or at < datetime.fromisoformat(ends))


def _administrator_activities(call: MethodCall) -> Iterator[Body]:
    """Yield the changes, newest first as in Google's log."""
    for event in reversed(read_events(call.store, call.tenant_id, *_SHOWN)):
        yield {
            "kind": "admin#reports#activity",
            "id": {
                "time": event.at,
                "uniqueQualifier": str(int(event.id[:8], 16)),
                "applicationName": "admin",
                "customerId": customer_id(call.tenant_id),
            },
            "actor": _activity_actor(event),
            "events": [_describe_change(call, changed_object) for changed_object in event.things],
        }


def _sign_in_activities(call: MethodCall) -> Iterator[Body]:
    """Yield the last sign-in of each person, newest first."""
    users = [user for user in call.store.all(call.tenant_id, people.USERS) if text(user.get("lastLoginTime")) > "1971"]
    for user in sorted(users, key=lambda user: text(user["lastLoginTime"]), reverse=True):
        yield {
            "kind": "admin#reports#activity",
            "id": {
                "time": user["lastLoginTime"],
                "uniqueQualifier": "1",
                "applicationName": "login",
                "customerId": customer_id(call.tenant_id),
            },
            "actor": {"callerType": "USER", "email": user["primaryEmail"]},
            "events": [{"type": "login", "name": "login_success"}],
        }


def _vault_activities(call: MethodCall) -> Iterator[Body]:
    """Yield the actions in Vault from `reports.vault`: {"time", "actor", "name", "matter"}."""
    for entry in sorted(call.store.all(call.tenant_id, VAULT), key=lambda entry: text(entry["time"]), reverse=True):
        yield {
            "kind": "admin#reports#activity",
            "id": {
                "time": entry["time"],
                "uniqueQualifier": "1",
                "applicationName": "vault",
                "customerId": customer_id(call.tenant_id),
            },
            "actor": entry["actor"],
            "events": [_activity_event("user_action", text(entry["name"]), {"matter_id": text(entry["matter"])})],
        }


_ROWS: Mapping[str, Callable[[MethodCall], Iterator[Body]]] = {
    "admin": _administrator_activities,
    "login": _sign_in_activities,
    "vault": _vault_activities,
}


def _activity_actor(event: Event) -> Body:
    doer = event.doer
    application: Body = {
        "applicationName": doer.application or doer.name,
        "oauthClientId": doer.application_id,
        "impersonation": doer.person,
    }
    application_info: dict[str, Json] = {"applicationInfo": application} if doer.application_id else {}
    return {"callerType": "USER" if doer.person else "KEY", **_actor_identity(event), **application_info}


def _actor_identity(event: Event) -> Body:
    return {"email": event.doer.name} if event.doer.person else {"key": event.doer.application_id}


def _describe_change(call: MethodCall, changed_object: Thing) -> Body:
    match changed_object.collection:
        case "google.chromePolicies":
            kind, key, schema, *_ = changed_object.key.split("/")
            place = (call.collection(ORG_UNITS if kind == "orgunits" else GROUPS).get(key)) or {}
            where = ("ORG_UNIT_NAME", "orgUnitPath") if kind == "orgunits" else ("GROUP_EMAIL", "email")
            return _activity_event(
                "CHROME_OS_SETTINGS",
                "CHANGE_CHROME_OS_USER_SETTING",
                {"SETTING_NAME": schema, where[0]: text(place.get(where[1]))},
            )
        case "google.groupSettings":
            return _activity_event("GROUP_SETTINGS", "CHANGE_GROUP_SETTING", {"GROUP_EMAIL": changed_object.name})
        case "google.groupSecurity":
            group = call.collection(GROUPS).get(changed_object.key) or {}
            return _activity_event("GROUP_SETTINGS", "CHANGE_GROUP_SETTING", {"GROUP_EMAIL": text(group.get("email"))})
        case "google.members":
            group = call.collection(GROUPS).get(changed_object.key.partition("/")[0]) or {}
            name = "REMOVE_GROUP_MEMBER" if changed_object.gone else "ADD_GROUP_MEMBER"
            return _activity_event(
                "GROUP_SETTINGS", name, {"GROUP_EMAIL": text(group.get("email")), "USER_EMAIL": changed_object.name}
            )
        case _:
            policy = call.collection(POLICIES).get(changed_object.key) or {}
            name = text(mapping(mapping(policy.get("setting")).get("value")).get("displayName"))
            change = _activity_event(
                "SECURITY_SETTINGS", "CHANGE_POLICY", {"RESOURCE_NAME": name}
            )  # its real name is not known
            return {**change, "resourceIds": [f"policies/{changed_object.key}"]}


def _activity_event(kind: str, name: str, parameters: Mapping[str, str]) -> Body:
    listed: list[Body] = [{"name": key, "value": value} for key, value in parameters.items() if value]
    return {"type": kind, "name": name, "parameters": listed}


_ACTIVITY_HANDLERS: Mapping[str, Handler] = {"reports.activities.list": require_administrator(_list_activities)}


def seed(school: School) -> Seed:
    """Return the objects of a new tenant from which reports are made."""
    seen = {numeric_id(key): clock.text(instant) for key, instant in last_seen(school).items()}
    return {LAST_USE: {key: {"mail": instant, "login": instant} for key, instant in seen.items()}}


SERVICE = google_api("google reports", {**HANDLERS, **_ACTIVITY_HANDLERS})
