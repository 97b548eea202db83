"""The settings of a mailbox, including its automatic replies."""

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
    find_zone,
    forbidden,
    mailbox_owner,
    preferred_zone,
    read_body,
    read_instant,
    to_local_time,
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
    path = "/users/{id}/mailboxSettings"
    return (
        Action("GET", path, _READS, _get_settings, notes="$select; Prefer: outlook.timezone", forbid=forbidden),
        Action(
            "GET", path + "/{property}", _READS, _get_property, notes="any property of the settings", forbid=forbidden
        ),
        Action(
            "PATCH",
            path,
            _WRITES,
            _change_settings,
            notes="automatic replies are stored, and no message is sent",
            forbid=forbidden,
        ),
    )


def working_hours(days: Sequence[int] = ALL_WEEK) -> Body:
    """Return the working hours of a person as Outlook stores them."""
    return {
        "daysOfWeek": [WEEKDAYS[day] for day in days],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": HERE},
    }


def settings_of(request: ActionRequest, person: Body) -> dict[str, Json]:
    """Return all settings of a mailbox, with automatic replies as they are stored."""
    kept = request.store.get(request.tenant_id, SETTINGS, str(person["id"])) or {}
    return {**_DEFAULTS, "workingHours": working_hours(), REPLIES: {}, **kept}


def _settings_with_replies(request: ActionRequest, person: Body) -> dict[str, Json]:
    settings = settings_of(request, person)
    return {**settings, REPLIES: replies_in_zone(request, settings[REPLIES])}


def _get_settings(request: ActionRequest) -> Answer:
    person, query = mailbox_owner(request), read_query(request.call, frozenset({"$select", "$format"}))
    for name in query.selected_names:
        check_property(name, _TYPE)
    settings = _settings_with_replies(request, person)
    chosen = {name: settings.get(name) for name in query.selected_names} if query.selected_names else settings
    return _settings_answer(request, person, chosen)


def _get_property(request: ActionRequest) -> Answer:
    person, settings = mailbox_owner(request), _settings_with_replies(request, mailbox_owner(request))
    name = next((setting for setting in settings if setting.lower() == request.key), None)
    if name is None:
        raise errors.no_segment(request.keys[-1])
    value = settings[name]
    context = request.context(f"users('{person['id']}')/mailboxSettings/{name}")
    inside = value if isinstance(value, Mapping) else {"value": value}
    return Answer(body={**context, **inside}, headers=zone_headers(request.call))


def _change_settings(request: ActionRequest) -> Answer:
    person = mailbox_owner(request)
    body = read_body(request.body(), "mailboxSettings", request.version)
    changes = {name: value for name, value in body.items() if not name.startswith("@") and value is not None}
    if odd := [name for name in _READ_ONLY if name in changes]:
        raise GraphError(400, "ErrorInvalidPropertySet", f"Property '{odd[0]}' is read-only and cannot be set.")
    kept = request.store.get(request.tenant_id, SETTINGS, str(person["id"])) or {}
    if "timeZone" in changes:
        find_zone(str(changes["timeZone"]))
    if REPLIES in changes:
        changes[REPLIES] = apply_reply_changes(request, kept.get(REPLIES), changes[REPLIES])
    request.store.put(request.tenant_id, SETTINGS, str(person["id"]), {**kept, **changes})
    return _settings_answer(request, person, _settings_with_replies(request, person))


def _settings_answer(request: ActionRequest, person: Body, settings: Body) -> Answer:
    context = request.context(f"users('{person['id']}')/mailboxSettings")
    return Answer(body={**context, **settings}, headers=zone_headers(request.call))


REPLIES = "automaticRepliesSetting"
START, END = "scheduledStartDateTime", "scheduledEndDateTime"
_MESSAGES = ("internalReplyMessage", "externalReplyMessage")


def to_html_page(message: str) -> str:
    """Return a message as Outlook stores it: inside an HTML page."""
    if not message or "<html" in message.lower():
        return message
    return f"<html>\n<body>\n{message}\n</body>\n</html>\n"


def apply_reply_changes(request: ActionRequest, before: Json, changes: Json) -> Body:
    """Return the automatic replies after a change.

    Omitted messages do not change. Raise GraphError if the change is wrong.
    """
    assert isinstance(changes, Mapping)
    given = {name: value for name, value in changes.items() if not name.startswith("@") and value is not None}
    given |= {name: to_html_page(str(given[name])) for name in _MESSAGES if name in given}
    # Whatever zone a time was sent in, it comes back in UTC.
    given |= {name: to_local_time(read_instant(given[name]), "UTC") for name in (START, END) if name in given}
    after = {**_complete_replies(request, before), **given}
    if after["status"] == "scheduled" or START in given or END in given:
        _check_period(request, read_instant(after[START]), read_instant(after[END]))
    return after


def _check_period(request: ActionRequest, start: datetime, end: datetime) -> None:
    if start >= end or end <= clock.now(request.store, request.tenant_id):
        text = "The scheduled duration for sending automatic replies isn't valid."
        raise GraphError(400, "ErrorInvalidScheduledOofDuration", text)


def replies_in_zone(request: ActionRequest, stored: Json) -> Body:
    """Return automatic replies with their times in the requested zone, or else in the zone in which they are stored."""
    body = _complete_replies(request, stored)
    if "prefer" not in request.call.headers:
        return body
    name = preferred_zone(request.call)
    return {**body, **{key: to_local_time(read_instant(body[key]), name) for key in (START, END)}}


def _complete_replies(request: ActionRequest, stored: Json) -> dict[str, Json]:
    """Return replies with never-set properties filled in.

    The default period is the current hour until the same hour tomorrow.
    """
    hour = clock.now(request.store, request.tenant_id).replace(minute=0, second=0, microsecond=0)
    unset: dict[str, Json] = {
        "status": "disabled",
        "externalAudience": "all",
        START: to_local_time(hour, "UTC"),
        END: to_local_time(hour + timedelta(days=1), "UTC"),
        **dict.fromkeys(_MESSAGES, ""),
    }
    return {**unset, **(stored if isinstance(stored, Mapping) else {})}
