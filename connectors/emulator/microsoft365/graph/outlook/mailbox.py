"""Mailboxes: access to them, sending mail, and Outlook's time zones."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.emulator import clock
from connectors.emulator.absences import ZONE
from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest, find
from connectors.emulator.microsoft365.graph.bodies import check_body
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.query import Stored
from connectors.emulator.service import Answer, Call
from connectors.emulator.store import Body, Json

HERE = "GMT Standard Time"  # the name of Europe/London in Windows
_WINDOWS: Mapping[str, str] = {
    HERE: ZONE,
    "UTC": "UTC",
    "Greenwich Standard Time": "Atlantic/Reykjavik",
    "W. Europe Standard Time": "Europe/Berlin",
    "Romance Standard Time": "Europe/Paris",
    "Eastern Standard Time": "America/New_York",
    "Pacific Standard Time": "America/Los_Angeles",
}
_PREFERRED = re.compile(r'outlook\.timezone\s*=\s*"?([^",;]+)"?', re.IGNORECASE)


def preferred_zone(call: Call) -> str:
    """Return the time zone in which a caller wants times, or UTC if the call names none.

    Raise GraphError for a wrong name.
    """
    match = _PREFERRED.search(call.headers.get("prefer", ""))
    name = match[1].strip() if match else "UTC"
    find_zone(name)
    return name


def zone_headers(call: Call) -> dict[str, str]:
    """Return the header that confirms the time zone, if the caller requested a time zone."""
    match = _PREFERRED.search(call.headers.get("prefer", ""))
    return {"Preference-Applied": f'outlook.timezone="{match[1].strip()}"'} if match else {}


def find_zone(name: str) -> ZoneInfo:
    """Return a time zone by either of its names. Raise GraphError if there is none."""
    try:
        return ZoneInfo(_WINDOWS.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise GraphError(
            400,
            "TimeZoneNotSupportedException",
            f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'.",
        ) from unknown


def read_local_time(value: Json) -> tuple[datetime, ZoneInfo]:
    """Return the local time and time zone of a dateTimeTimeZone. Raise GraphError if it is not valid."""
    body = value if isinstance(value, Mapping) else {}
    place = find_zone(str(body.get("timeZone") or "UTC"))
    try:
        wall = datetime.fromisoformat(str(body.get("dateTime")))
    except ValueError as bad:
        raise _bad_instant_error(body) from bad
    if wall.tzinfo is not None:
        raise _bad_instant_error(body)  # the zone is a separate property
    return wall, place


def read_instant(value: Json) -> datetime:
    """Return a dateTimeTimeZone as an instant. Raise GraphError if it is not valid."""
    wall, place = read_local_time(value)
    return wall.replace(tzinfo=place).astimezone(UTC)


def to_local_time(instant: datetime, name: str) -> Body:
    """Return an instant as a dateTimeTimeZone in a time zone."""
    return local_time_in_zone(instant.astimezone(find_zone(name)), name)


def local_time_in_zone(wall: datetime, name: str) -> Body:
    """Return a local time in Outlook's format, with seven decimals."""
    return {"dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S.%f0"), "timeZone": name}


def _bad_instant_error(body: Body) -> GraphError:
    text = f"The value '{body.get('dateTime')}' of 'dateTime' is not a date and time without an offset."
    return GraphError(400, "ErrorInvalidParameter", text)


EVENTS = "outlook.events"
SETTINGS = "outlook.mailboxSettings"
SCHEDULE_ERRORS = "outlook.scheduleErrors"
APPLICATION_ACCESS = "outlook.applicationAccess"
SENT = "outlook.sentMessages"
ADDRESSES = "outlook.addresses"  # by address in lower case: a way to people that need not read them all
_PERSON = ("id", "userPrincipalName")


def forbidden(permissions: frozenset[str] = frozenset()) -> GraphError:
    """Return Exchange's refusal, which is the same whatever permission is missing."""
    del permissions
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def mailbox_owner(request: ActionRequest) -> Body:
    """Return the owner of the mailbox in a path. Raise GraphError if the caller may not use the mailbox."""
    key = request.keys[0]
    person = find_person(request, key) or find(Stored(request.store, request.tenant_id, "users"), _PERSON, key)
    if person is None:
        raise GraphError(404, "ErrorInvalidUser", f"The requested user '{key}' is invalid.")
    allowed = request.store.get(request.tenant_id, APPLICATION_ACCESS, request.principal.application_id)
    if allowed is not None and person["id"] not in texts(allowed.get("mailboxes")):
        raise forbidden()
    if not has_mailbox(person):
        raise GraphError(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    return person


def find_person(request: ActionRequest, address: str) -> Body | None:
    """Return the person with an address, without reading all people."""
    way = request.store.get(request.tenant_id, ADDRESSES, address.lower())
    person = request.store.get(request.tenant_id, "users", str(way["id"])) if way else None
    named = (str((person or {}).get(name)).lower() for name in ("mail", "userPrincipalName"))
    return person if address.lower() in named else None


def find_addressee(request: ActionRequest, address: str) -> Body | None:
    """Return the person with an address, even if the control plane has changed the address."""
    users = Stored(request.store, request.tenant_id, "users")
    return find_person(request, address) or find(users, ("mail", "userPrincipalName"), address)


def has_mailbox(person: Body) -> bool:
    """Return whether a person has a mailbox: everyone with an address, unless the licence is suspended."""
    plans = person.get("assignedPlans")
    exchange = [
        plan.get("capabilityStatus")
        for plan in (plans if isinstance(plans, list) else [])
        if isinstance(plan, Mapping) and plan.get("service") == "exchange"
    ]
    return bool(person.get("mail")) and (not exchange or "Enabled" in exchange)


def read_body(body: Body, type_name: str, version: str) -> dict[str, Json]:
    """Return a request body whose properties fit its type. Raise GraphError with Outlook's error code otherwise."""
    try:
        return check_body(body, type_name, version)
    except GraphError as refused:
        text = refused.message.replace("microsoft.management.services.api.", "microsoft.graph.")
        raise GraphError(refused.status, "RequestBodyRead", text) from refused


_RECIPIENTS = ("toRecipients", "ccRecipients", "bccRecipients")


def actions() -> Sequence[Action]:
    notes = "messages are stored in outlook.sentMessages. MIME is not emulated"
    permissions = frozenset({"Mail.Send"})
    return (Action("POST", "/users/{id}/sendMail", permissions, _send_mail, notes=notes, forbid=forbidden),)


def _send_mail(request: ActionRequest) -> Answer:
    person = mailbox_owner(request)
    body = {name.lower(): value for name, value in request.body().items()}
    given = body.get("message")
    if not isinstance(given, Mapping):
        raise GraphError(400, "ErrorInvalidRequest", "The parameter 'Message' is required.")
    message = read_body(_with_content_type(given), "message", request.version)
    lists = (message.get(name) for name in _RECIPIENTS)
    everyone = [recipient for recipients in lists if isinstance(recipients, Sequence) for recipient in recipients]
    if not everyone or not all(_has_known_address(recipient) for recipient in everyone):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    key = str(uuid4())
    sent: dict[str, Json] = {
        "id": key,
        "sender": person["userPrincipalName"],
        "senderId": person["id"],
        "sentDateTime": clock.text(clock.now(request.store, request.tenant_id)),
        "saveToSentItems": body.get("savetosentitems", True),
        "message": message,
    }
    request.store.put(request.tenant_id, SENT, key, sent)
    return Answer(status=202)


def _with_content_type(message: Body) -> Body:
    """Return a message with its content type in small letters. Microsoft's samples send HTML and Text."""
    content = message.get("body")
    if not isinstance(content, Mapping) or "contentType" not in content:
        return message
    return {**message, "body": {**content, "contentType": str(content["contentType"]).lower()}}


def _has_known_address(recipient: Json) -> bool:
    held = recipient.get("emailAddress") if isinstance(recipient, Mapping) else None
    return isinstance(held, Mapping) and "@" in str(held.get("address"))
