"""The settings of a mailbox, with its automatic replies."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from connectors.emulator import clock
from connectors.emulator.absences import ALL_WEEK, WEEKDAYS
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.outlook.mailbox import (
    HERE,
    SETTINGS,
    forbidden,
    in_zone,
    owner,
    preferred_zone,
    read_body,
    read_instant,
    zone,
    zone_headers,
)
from connectors.emulator.microsoft365.graph.query import check_property, read_query
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

_WRITES = frozenset({"MailboxSettings.ReadWrite"})
_READS = _WRITES | {"MailboxSettings.Read"}
_TYPE = "mailbox_settings"
_READ_ONLY = ("archiveFolder", "userPurpose")
_DEFAULTS: Body = {
    "archiveFolder": None,
    "timeZone": HERE,
    "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
    "dateFormat": "dd/MM/yyyy",
    "timeFormat": "HH:mm",
    "userPurpose": "user",
    "language": {"locale": "en-GB", "displayName": "English (United Kingdom)"},
}


def actions() -> Sequence[Action]:
    """List what can be asked of settings."""
    path = "/users/{id}/mailboxSettings"
    return (
        Action("GET", path, _READS, _get, notes="$select; Prefer: outlook.timezone", forbid=forbidden),
        Action("GET", path + "/{property}", _READS, _get_one, notes="any one of them", forbid=forbidden),
        Action("PATCH", path, _WRITES, _change, notes="no message is sent by a reply", forbid=forbidden),
    )


def working_hours(days: Sequence[int] = ALL_WEEK) -> Body:
    """Write the hours that a person works."""
    return {
        "daysOfWeek": [WEEKDAYS[day] for day in days],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": HERE},
    }


def settings_of(asking: ActionRequest, person: Body) -> dict[str, Json]:
    """Read all settings of a mailbox, automatic replies as they are stored."""
    kept = asking.store.get(asking.tenant_id, SETTINGS, str(person["id"])) or {}
    return {**_DEFAULTS, "workingHours": working_hours(), REPLIES: {}, **kept}


def _settings_with_replies(asking: ActionRequest, person: Body) -> dict[str, Json]:
    settings = settings_of(asking, person)
    return {**settings, REPLIES: replies_shown(asking, settings[REPLIES])}


def _get(asking: ActionRequest) -> Answer:
    person, query = owner(asking), read_query(asking.call, frozenset({"$select", "$format"}))
    for name in query.selected_names:
        check_property(name, _TYPE)
    settings = _settings_with_replies(asking, person)
    chosen = {name: settings.get(name) for name in query.selected_names} if query.selected_names else settings
    return _answer(asking, person, chosen)


def _get_one(asking: ActionRequest) -> Answer:
    person, settings = owner(asking), _settings_with_replies(asking, owner(asking))
    name = next((setting for setting in settings if setting.lower() == asking.key), None)
    if name is None:
        raise errors.no_segment(asking.keys[-1])
    value = settings[name]
    context = asking.context(f"users('{person['id']}')/mailboxSettings/{name}")
    inside = value if isinstance(value, Mapping) else {"value": value}
    return Answer(body={**context, **inside}, headers=zone_headers(asking.call))


def _change(asking: ActionRequest) -> Answer:
    person = owner(asking)
    body = read_body(asking.body(), "mailboxSettings", asking.version)
    changes = {name: value for name, value in body.items() if not name.startswith("@") and value is not None}
    if odd := [name for name in _READ_ONLY if name in changes]:
        raise GraphError(400, "ErrorInvalidPropertySet", f"Property '{odd[0]}' is read-only and cannot be set.")
    kept = asking.store.get(asking.tenant_id, SETTINGS, str(person["id"])) or {}
    if "timeZone" in changes:
        zone(str(changes["timeZone"]))
    if REPLIES in changes:
        changes[REPLIES] = changed(asking, kept.get(REPLIES), changes[REPLIES])
    asking.store.put(asking.tenant_id, SETTINGS, str(person["id"]), {**kept, **changes})
    return _answer(asking, person, _settings_with_replies(asking, person))


def _answer(asking: ActionRequest, person: Body, settings: Body) -> Answer:
    context = asking.context(f"users('{person['id']}')/mailboxSettings")
    return Answer(body={**context, **settings}, headers=zone_headers(asking.call))


REPLIES = "automaticRepliesSetting"
START, END = "scheduledStartDateTime", "scheduledEndDateTime"
_MESSAGES = ("internalReplyMessage", "externalReplyMessage")


def wrap_html(message: str) -> str:
    """Write a message as Outlook keeps it: inside a page of its own."""
    if not message or "<html" in message.lower():
        return message
    return f"<html>\n<body>\n{message}\n</body>\n</html>\n"


def changed(asking: ActionRequest, before: Json, changes: Json) -> Body:
    """Lay a change over what there was: a message that it leaves out stays as it is. Raises GraphError."""
    assert isinstance(changes, Mapping)
    given = {name: value for name, value in changes.items() if not name.startswith("@") and value is not None}
    given |= {name: wrap_html(str(given[name])) for name in _MESSAGES if name in given}
    # Whatever zone a time was sent in, it comes back in UTC.
    given |= {name: in_zone(read_instant(given[name]), "UTC") for name in (START, END) if name in given}
    after = {**_complete(asking, before), **given}
    if after["status"] == "scheduled" or START in given or END in given:
        _check(asking, read_instant(after[START]), read_instant(after[END]))
    return after


def _check(asking: ActionRequest, start: datetime, end: datetime) -> None:
    if start >= end or end <= clock.now(asking.store, asking.tenant_id):
        text = "The scheduled duration for sending automatic replies isn't valid."
        raise GraphError(400, "ErrorInvalidScheduledOofDuration", text)


def replies_shown(asking: ActionRequest, stored: Json) -> Body:
    """Show replies with their times in the zone asked for, else in the one they are kept in."""
    body = _complete(asking, stored)
    if "prefer" not in asking.call.headers:
        return body
    name = preferred_zone(asking.call)
    return {**body, **{key: in_zone(read_instant(body[key]), name) for key in (START, END)}}


def _complete(asking: ActionRequest, stored: Json) -> dict[str, Json]:
    """Fill in what was never set: Outlook shows the hour that runs and the same hour tomorrow."""
    hour = clock.now(asking.store, asking.tenant_id).replace(minute=0, second=0, microsecond=0)
    unset: dict[str, Json] = {
        "status": "disabled",
        "externalAudience": "all",
        START: in_zone(hour, "UTC"),
        END: in_zone(hour + timedelta(days=1), "UTC"),
        **dict.fromkeys(_MESSAGES, ""),
    }
    return {**unset, **(stored if isinstance(stored, Mapping) else {})}
