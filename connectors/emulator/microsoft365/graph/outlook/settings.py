"""The settings of a mailbox, with its automatic replies."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from connectors.emulator.absence_calendars import ALL_WEEK, WEEKDAYS
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.outlook.mailbox import SETTINGS, forbidden, owner, read_body
from connectors.emulator.microsoft365.graph.outlook.replies import REPLIES, changed, replies_shown
from connectors.emulator.microsoft365.graph.outlook.zones import HERE, applied, zone
from connectors.emulator.microsoft365.graph.query import check_property, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

_WRITES = frozenset({"MailboxSettings.ReadWrite"})
_READS = _WRITES | {"MailboxSettings.Read"}
_TYPE = "mailbox_settings"
_READ_ONLY = ("archiveFolder", "userPurpose")
_DEFAULTS: Body = MappingProxyType(
    {
        "archiveFolder": None,
        "timeZone": HERE,
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "dateFormat": "dd/MM/yyyy",
        "timeFormat": "HH:mm",
        "userPurpose": "user",
        "language": {"locale": "en-GB", "displayName": "English (United Kingdom)"},
    }
)


def actions() -> Sequence[Action]:
    """List what can be asked of settings."""
    path = "/users/{id}/mailboxSettings"
    return (
        Action("GET", path, _READS, _get, notes="$select; Prefer: outlook.timezone", forbid=forbidden),
        Action("GET", path + "/{property}", _READS, _get_one, notes="any one of them", forbid=forbidden),
        Action("PATCH", path, _WRITES, _change, notes="no message is sent by a reply", forbid=forbidden),
    )


def working_hours(days: Sequence[int] = ALL_WEEK) -> Body:
    """Write the hours that somebody works."""
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


def _shown(asking: ActionRequest, person: Body) -> dict[str, Json]:
    settings = settings_of(asking, person)
    return {**settings, REPLIES: replies_shown(asking, settings[REPLIES])}


def _get(asking: ActionRequest) -> Answer:
    person, query = owner(asking), read_query(asking.call, frozenset({"$select", "$format"}))
    for name in query.selected:
        check_property(name, _TYPE)
    settings = _shown(asking, person)
    chosen = {name: settings.get(name) for name in query.selected} if query.selected else settings
    return _answer(asking, person, chosen)


def _get_one(asking: ActionRequest) -> Answer:
    person, settings = owner(asking), _shown(asking, owner(asking))
    name = next((one for one in settings if one.lower() == asking.key), None)
    if name is None:
        raise errors.no_segment(asking.keys[-1])
    value = settings[name]
    context = asking.context(f"users('{person['id']}')/mailboxSettings/{name}")
    inside = value if isinstance(value, Mapping) else {"value": value}
    return Answer(body={**context, **inside}, headers=applied(asking.call))


def _change(asking: ActionRequest) -> Answer:
    person = owner(asking)
    body = read_body(asking.body(), "mailboxSettings", asking.version)
    wanted = {name: value for name, value in body.items() if not name.startswith("@") and value is not None}
    if odd := [name for name in _READ_ONLY if name in wanted]:
        raise GraphError(400, "ErrorInvalidPropertySet", f"Property '{odd[0]}' is read-only and cannot be set.")
    kept = asking.store.get(asking.tenant_id, SETTINGS, str(person["id"])) or {}
    if "timeZone" in wanted:
        zone(str(wanted["timeZone"]))
    if REPLIES in wanted:
        wanted[REPLIES] = changed(asking, kept.get(REPLIES), wanted[REPLIES])
    asking.store.put(asking.tenant_id, SETTINGS, str(person["id"]), {**kept, **wanted})
    return _answer(asking, person, _shown(asking, person))


def _answer(asking: ActionRequest, person: Body, settings: Body) -> Answer:
    context = asking.context(f"users('{person['id']}')/mailboxSettings")
    return Answer(body={**context, **settings}, headers=applied(asking.call))
