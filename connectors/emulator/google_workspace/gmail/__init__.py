"""The Gmail API. Only mailbox settings and sending are emulated."""

from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from html import escape
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.gmail import reading, settings
from connectors.emulator.google_workspace.gmail.html import sanitise
from connectors.emulator.google_workspace.mailboxes import (
    AUTO_FORWARDING,
    SEND_AS,
    forwarding_disabled_settings,
    mailbox_owner,
    primary_send_as,
    with_defaults,
)
from connectors.emulator.google_workspace.people import POLICIES
from connectors.emulator.google_workspace.seeded import Seat, list_seats
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

SENT = "gmail.sentMessages"  # by message's id


def _send_message(call: MethodCall) -> Body:
    person = mailbox_owner(call)
    raw = text(call.body.get("raw"))
    if not raw:
        raise errors.invalid_argument(
            "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        )
    try:
        message = message_from_bytes(urlsafe_b64decode(raw + "=" * (-len(raw) % 4)), policy=policy.default)
    except NotBase64 as bad:
        raise errors.invalid_argument("Invalid value for ByteString") from bad
    to = [str(message[name]) for name in ("To", "Cc", "Bcc") if message[name]]
    if not to:
        raise errors.invalid_argument("Recipient address required")
    key = uuid4().hex[:16]
    sent: dict[str, Json] = {"id": key, "threadId": text(call.body.get("threadId")) or key, "labelIds": ["SENT"]}
    kept: dict[str, Json] = {
        **sent,
        "sender": person["primaryEmail"],
        "to": ", ".join(to),
        "subject": str(message["Subject"] or ""),
        "sentTime": clock.text(call.now),
        "raw": raw,
    }
    call.collection(SENT).put(key, kept)
    return sent


_FIXED = ("isPrimary", "verificationStatus", "sendAsEmail")
_NAME_FORMAT = "settings/gmail.gmail_name_format"


def _list_send_as(call: MethodCall) -> Body:
    rows = call.collection(SEND_AS).with_prefix(str(mailbox_owner(call)["id"]))
    return {"sendAs": [_without_credentials(send_as) for send_as in rows.values()]}


def _without_credentials(body: Body) -> Body:
    """Return an address without the credentials for its mail server, which can only be written."""
    server = mapping(body.get("smtpMsa"))
    if not server:
        return body
    return {**body, "smtpMsa": {name: server[name] for name in server if name not in ("username", "password")}}


def _find_send_as(call: MethodCall, person: Body) -> tuple[str, Body]:
    address = call.text("sendAsEmail").lower()
    for key, body in call.collection(SEND_AS).with_prefix(str(person["id"])).items():
        if text(body["sendAsEmail"]).lower() == address:
            return key, body
    raise errors.not_found()


def _patch_send_as(call: MethodCall) -> Body:
    person = mailbox_owner(call)
    key, before = _find_send_as(call, person)
    return _store_send_as(call, person, key, before, with_defaults(before, _read_changes(call, before)))


def _read_changes(call: MethodCall, before: Body) -> dict[str, Json]:
    body = {name: value for name, value in call.body.items() if name not in _FIXED}
    if "signature" in body:
        body["signature"] = sanitise(text(body["signature"]))
    if before.get("isPrimary"):
        body = {name: value for name, value in body.items() if name not in ("smtpMsa", "treatAsAlias")}
    if "displayName" in body and _name_is_fixed(call, before):
        del body["displayName"]  # it fails silently, as the API says of itself
    return body


def _name_is_fixed(call: MethodCall, before: Body) -> bool:
    if not before.get("isPrimary"):
        return False
    settings = (mapping(policy.get("setting")) for policy in call.collection(POLICIES).all())
    return any(
        setting.get("type") == _NAME_FORMAT and mapping(setting.get("value")).get("allowCustomDisplayNames") is False
        for setting in settings
    )


def _store_send_as(call: MethodCall, person: Body, key: str, before: Body, body: dict[str, Json]) -> Body:
    kept = call.collection(SEND_AS)
    body["isDefault"] = before.get("isDefault") is True or body.get("isDefault") is True
    if body["isDefault"] and not before.get("isDefault"):
        for other, send_as in kept.with_prefix(str(person["id"])).items():
            kept.put(other, {**send_as, "isDefault": False})
    kept.put(key, body)
    return _without_credentials(body)


HANDLERS: Mapping[str, Handler] = {
    "gmail.users.settings.sendAs.list": _list_send_as,
    "gmail.users.settings.sendAs.get": lambda call: _without_credentials(_find_send_as(call, mailbox_owner(call))[1]),
    "gmail.users.settings.sendAs.patch": _patch_send_as,
    "gmail.users.messages.send": _send_message,
}


SERVICE = google_api("gmail", {**settings.HANDLERS, **reading.HANDLERS, **HANDLERS})


_EVERY = 5  # of the staff, who have written a signature


def seed(school: School) -> Seed:
    """Return the sender addresses and the forwarding of every mailbox in a new tenant."""
    boxes = [seat for seat in list_seats(school) if seat.mailbox]
    return {
        SEND_AS: dict(_seeded_send_as(school, boxes)),
        AUTO_FORWARDING: {seat.id: forwarding_disabled_settings() for seat in boxes},
    }


def _seeded_send_as(school: School, boxes: list[Seat]) -> Iterator[tuple[str, Body]]:
    staff = 0
    for seat in boxes:
        staff += seat.staff
        own = seat.staff and staff % _EVERY == 1
        signature = _seeded_signature(school, seat) if own else ""
        name = f"{seat.given_name} {seat.surname}".strip()
        yield f"{seat.id}/{seat.address}", primary_send_as(seat.address, name, signature)


def _seeded_signature(school: School, seat: Seat) -> str:
    return (
        f'<div dir="ltr"><b>{escape(seat.given_name)} {escape(seat.surname)}</b><br>{escape(seat.title)}<br>'
        f'<font color="#666666">{escape(school.name)}</font><br>'
        f'<a href="https://www.{school.domain}" target="_blank">www.{school.domain}</a></div>'
    )
