"""A mailbox's single settings: vacation, forwarding of everything, IMAP, POP and language."""

from collections.abc import Mapping

from connectors.emulator.google_workspace import mailboxes
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.gmail.forwarding import is_verified
from connectors.emulator.google_workspace.gmail.html import sanitised
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body, Json

_VACATION: Body = {"enableAutoReply": False, "restrictToContacts": False, "restrictToDomain": False}
_IMAP: Body = {"enabled": True, "autoExpunge": True, "expungeBehavior": "archive"}
_POP: Body = {"accessWindow": "disabled", "disposition": "leaveInInbox"}
_LANGUAGE: Body = {"displayLanguage": "en-GB"}
_FOLDER_SIZES = (0, 1000, 2000, 5000, 10000)


def _getter(collection: str, default: Body) -> Handler:
    def get(asked: MethodCall) -> Body:
        key = str(mailboxes.owner(asked)["id"])
        return asked.collection(collection).get(key) or dict(default)

    return get


def _stored(asked: MethodCall, collection: str, key: str, body: Body) -> Body:
    asked.collection(collection).put(key, body)
    return body


def _update_vacation(asked: MethodCall) -> Body:
    """Set the reply anew: what the body leaves out is unset afterwards."""
    key = str(mailboxes.owner(asked)["id"])
    body = mailboxes.merged(_VACATION, asked.body)
    if "responseBodyHtml" in body:
        body["responseBodyHtml"] = sanitised(text(body["responseBodyHtml"]))
    if body.get("responseBodyHtml"):
        body.pop("responseBodyPlainText", None)
    says = any(body.get(name) for name in ("responseSubject", "responseBodyHtml", "responseBodyPlainText"))
    if body["enableAutoReply"] and not says:
        raise errors.invalid_argument("Vacation response subject or body must be non-empty")
    for name in ("startTime", "endTime"):
        if name in body:
            body[name] = str(int(str(body[name]).removesuffix(".0")))
    if "startTime" in body and "endTime" in body and int(text(body["startTime"])) >= int(text(body["endTime"])):
        raise errors.invalid_argument("Vacation start time must precede end time")
    return _stored(asked, mailboxes.VACATION, key, body)


def _update_forwarding(asked: MethodCall) -> Body:
    """Turn forwarding on or off; turned off, it keeps where it went, as a read shows."""
    key = str(mailboxes.delegated_owner(asked)["id"])
    before = asked.collection(mailboxes.AUTO_FORWARDING).get(key) or {}
    enabled = asked.body.get("enabled") is True
    body: dict[str, Json] = {**({} if enabled else before), **asked.body, "enabled": enabled}
    if enabled and not is_verified(asked, key, text(body.get("emailAddress"))):
        raise errors.failed_precondition("Unrecognized forwarding address")
    if enabled and body.get("disposition") in (None, "dispositionUnspecified"):
        raise errors.invalid_argument("Invalid forwarding disposition")
    return _stored(asked, mailboxes.AUTO_FORWARDING, key, body)


def _update_imap(asked: MethodCall) -> Body:
    key = str(mailboxes.owner(asked)["id"])
    if asked.body.get("maxFolderSize", 0) not in _FOLDER_SIZES:
        raise errors.invalid_argument("Invalid IMAP max folder size")
    return _stored(asked, mailboxes.IMAP, key, mailboxes.merged({**_IMAP, "enabled": False}, asked.body))


def _update_pop(asked: MethodCall) -> Body:
    key = str(mailboxes.owner(asked)["id"])
    return _stored(asked, mailboxes.POP, key, mailboxes.merged(_POP, asked.body))


def _update_language(asked: MethodCall) -> Body:
    key = str(mailboxes.owner(asked)["id"])
    if not text(asked.body.get("displayLanguage")):
        raise errors.invalid_argument("Invalid displayLanguage")
    return _stored(asked, mailboxes.LANGUAGE, key, dict(asked.body))


_DELEGATES = "gmail.delegates"  # by person's id and the delegate's address


def _delegates(asked: MethodCall) -> Body:
    """List who may read and send a person's mail; the list is left out where there is no one."""
    rows: list[Json] = list(asked.collection(_DELEGATES).below(str(mailboxes.delegated_owner(asked)["id"])).values())
    return {"delegates": rows} if rows else {}


HANDLERS: Mapping[str, Handler] = {
    "gmail.users.settings.delegates.list": _delegates,
    "gmail.users.settings.getVacation": _getter(mailboxes.VACATION, _VACATION),
    "gmail.users.settings.updateVacation": _update_vacation,
    "gmail.users.settings.getAutoForwarding": _getter(mailboxes.AUTO_FORWARDING, mailboxes.no_forwarding()),
    "gmail.users.settings.updateAutoForwarding": _update_forwarding,
    "gmail.users.settings.getImap": _getter(mailboxes.IMAP, _IMAP),
    "gmail.users.settings.updateImap": _update_imap,
    "gmail.users.settings.getPop": _getter(mailboxes.POP, _POP),
    "gmail.users.settings.updatePop": _update_pop,
    "gmail.users.settings.getLanguage": _getter(mailboxes.LANGUAGE, _LANGUAGE),
    "gmail.users.settings.updateLanguage": _update_language,
}
