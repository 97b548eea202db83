"""A person's own calendar, the people who may see it, and the person's calendar settings.

All of these are read-only.
"""

from collections.abc import Mapping, Sequence

from connectors.emulator.absences import ZONE
from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import etag
from connectors.emulator.google_workspace.api.request import (
    Handler,
    MethodCall,
    page_of,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.calendar.times import ACL
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body, Json

_LARGEST_PAGE = 250


def calendar_owner(call: MethodCall) -> Body:
    """Return the owner of a calendar. Refuse any other caller, because others may only see busy times."""
    name, caller = call.text("calendarId"), call.caller
    person = caller if name == "primary" else people.find_user(call.store, call.tenant_id, name)
    if caller is None or person is None or person["id"] != caller["id"]:
        raise errors.not_found("Not Found")
    return person


def _require_caller(call: MethodCall) -> Body:
    if call.caller is None:
        raise errors.forbidden()
    return call.caller


def _list_entry(person: Body) -> Body:
    entry = from_template(__file__, "calendar_list_entry", address=person["primaryEmail"], zone=ZONE)
    return {**entry, "etag": etag(entry)}


def _get_calendar(call: MethodCall) -> Body:
    calendar = from_template(__file__, "calendar", address=calendar_owner(call)["primaryEmail"], zone=ZONE)
    return {**calendar, "etag": etag(calendar)}


def _list_calendars(call: MethodCall) -> Body:
    refuse_unsupported_parameters(call, "syncToken")
    return _list_page(call, "calendar#calendarList", [_list_entry(_require_caller(call))])


def _list_rules(call: MethodCall) -> Body:
    """Return who may see a calendar: its owner, and the school unless the person hides their busy times."""
    refuse_unsupported_parameters(call, "syncToken")
    person = calendar_owner(call)
    address = text(person["primaryEmail"])
    rules = [_access_rule("user", address, "owner")]
    if (call.collection(ACL).get(text(person["id"])) or {}).get("role") != "none":
        rules.append(_access_rule("domain", address.partition("@")[2], "freeBusyReader"))
    return _list_page(call, "calendar#acl", rules)


def _access_rule(kind: str, value: str, role: str) -> Body:
    rule: dict[str, Json] = {
        "kind": "calendar#aclRule",
        "id": f"{kind}:{value}",
        "scope": {"type": kind, "value": value},
        "role": role,
    }
    return {**rule, "etag": etag(rule)}


def _list_settings(call: MethodCall) -> Body:
    refuse_unsupported_parameters(call, "syncToken")
    _require_caller(call)
    settings = from_template(__file__, "settings", zone=ZONE)
    rows: list[Body] = [{"kind": "calendar#setting", "id": name, "value": value} for name, value in settings.items()]
    return _list_page(call, "calendar#settings", [{**row, "etag": etag(row)} for row in rows])


def _list_page(call: MethodCall, kind: str, rows: Sequence[Body]) -> Body:
    page = read_page(call.parameters, min(call.number("maxResults", 100), _LARGEST_PAGE))
    shown: list[Json] = list(page_of(rows, page))
    return {"kind": kind, "etag": etag({"items": shown}), **page.next_token(len(rows)), "items": shown}


HANDLERS: Mapping[str, Handler] = {
    "calendar.calendarList.list": _list_calendars,
    "calendar.calendarList.get": lambda call: _list_entry(calendar_owner(call)),
    "calendar.calendars.get": _get_calendar,
    "calendar.acl.list": _list_rules,
    "calendar.settings.list": _list_settings,
}
