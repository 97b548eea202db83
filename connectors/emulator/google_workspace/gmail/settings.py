"""A mailbox's settings: vacation, forwarding and its addresses, and filters."""

from collections.abc import Mapping
from secrets import token_urlsafe

from connectors.emulator.google_workspace import mailboxes
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.gmail.html import sanitised
from connectors.emulator.google_workspace.people import own_domains
from connectors.emulator.google_workspace.values import mapping, text, texts
from connectors.emulator.store import Body, Json


def is_verified(asked: MethodCall, person_id: str, address: str) -> bool:
    """Say whether a person may forward to an address."""
    kept = asked.collection(mailboxes.FORWARDING_ADDRESSES).below(person_id).values()
    same = (one for one in kept if text(one["forwardingEmail"]).lower() == address.lower())
    return any(one.get("verificationStatus") == "accepted" for one in same)


def _list(asked: MethodCall) -> Body:
    rows = list(asked.collection(mailboxes.FORWARDING_ADDRESSES).below(str(mailboxes.owner(asked)["id"])).values())
    return {"forwardingAddresses": rows} if rows else {}


def _known(asked: MethodCall, person: Body) -> tuple[str, Body]:
    wanted = asked.text("forwardingEmail").lower()
    for key, body in asked.collection(mailboxes.FORWARDING_ADDRESSES).below(str(person["id"])).items():
        if text(body["forwardingEmail"]).lower() == wanted:
            return key, body
    raise errors.not_found()


def _create(asked: MethodCall) -> Body:
    person, address = mailboxes.delegated_owner(asked), text(asked.body.get("forwardingEmail"))
    if "@" not in address:
        raise errors.invalid_argument("Invalid forwardingEmail")
    kept = asked.collection(mailboxes.FORWARDING_ADDRESSES)
    if any(text(one["forwardingEmail"]).lower() == address.lower() for one in kept.below(str(person["id"])).values()):
        raise errors.ApiError(409, "alreadyExists", "Requested entity already exists")
    # Whoever owns an address outside has to agree first.
    status = "accepted" if address.partition("@")[2].lower() in own_domains(asked.store, asked.tenant_id) else "pending"
    body: Body = {"forwardingEmail": address, "verificationStatus": status}
    kept.put(f"{person['id']}/{address}", body)
    return body


def _delete(asked: MethodCall) -> None:
    person = mailboxes.delegated_owner(asked)
    key, body = _known(asked, person)
    asked.collection(mailboxes.FORWARDING_ADDRESSES).delete(key)
    everything = asked.collection(mailboxes.AUTO_FORWARDING)
    forwarding = everything.get(str(person["id"])) or {}
    if text(forwarding.get("emailAddress")).lower() == text(body["forwardingEmail"]).lower():
        everything.put(str(person["id"]), mailboxes.no_forwarding())


_MOST = 1000
_LABELS = (
    "INBOX", "SPAM", "TRASH", "UNREAD", "STARRED", "IMPORTANT", "SENT", "DRAFT", "CHAT", "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS",
)  # fmt: skip


def _list_filters(asked: MethodCall) -> Body:
    rows = list(asked.collection(mailboxes.FILTERS).below(str(mailboxes.owner(asked)["id"])).values())
    return {"filter": rows} if rows else {}


def _create_filter(asked: MethodCall) -> Body:
    person_id = str(mailboxes.owner(asked)["id"])
    criteria, action = _criteria(asked), _action(asked, person_id)
    known = asked.collection(mailboxes.FILTERS).below(person_id).values()
    if any(one.get("criteria") == criteria and one.get("action") == action for one in known):
        raise errors.failed_precondition("Filter already exists")
    if len(known) >= _MOST:
        raise errors.fault(500)
    key = "ANe1Bm" + token_urlsafe(24)
    body: Body = {"id": key, "criteria": criteria, "action": action}
    asked.collection(mailboxes.FILTERS).put(f"{person_id}/{key}", body)
    return body


def _criteria(asked: MethodCall) -> dict[str, Json]:
    """Write criteria as they are kept: spaces of a subject collapse, an address has no case."""
    criteria: dict[str, Json] = {name: value for name, value in mapping(asked.body.get("criteria")).items() if value}
    if "subject" in criteria:
        criteria["subject"] = " ".join(text(criteria["subject"]).split())
    if "to" in criteria:
        criteria["to"] = text(criteria["to"]).lower()
    if not criteria:
        raise errors.invalid_argument("Filter doesn't have any criteria")
    return criteria


def _action(asked: MethodCall, person_id: str) -> dict[str, Json]:
    # An empty forward counts as none at all (mbrt/gmailctl#56).
    action: dict[str, Json] = {name: value for name, value in mapping(asked.body.get("action")).items() if value}
    if not action:
        raise errors.invalid_argument("Filter doesn't have any actions")
    if "forward" in action and not is_verified(asked, person_id, text(action["forward"])):
        raise errors.failed_precondition("Unrecognized forwarding address")
    for label in (*texts(action.get("addLabelIds")), *texts(action.get("removeLabelIds"))):
        if label not in _LABELS:
            raise errors.invalid_argument(f"Invalid label: {label}")
    return action


def _delete_filter(asked: MethodCall) -> None:
    if not asked.collection(mailboxes.FILTERS).delete(f"{mailboxes.owner(asked)['id']}/{asked.text('id')}"):
        raise errors.not_found()


_VACATION: Body = {"enableAutoReply": False, "restrictToContacts": False, "restrictToDomain": False}


def _getter(collection: str, default: Body) -> Handler:
    def get(asked: MethodCall) -> Body:
        key = str(mailboxes.owner(asked)["id"])
        return asked.collection(collection).get(key) or dict(default)

    return get


def _stored(asked: MethodCall, collection: str, key: str, body: Body) -> Body:
    asked.collection(collection).put(key, body)
    return body


def _update_vacation(asked: MethodCall) -> Body:
    """Replace the reply: what the body leaves out is unset afterwards."""
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


HANDLERS: Mapping[str, Handler] = {
    "gmail.users.settings.getVacation": _getter(mailboxes.VACATION, _VACATION),
    "gmail.users.settings.updateVacation": _update_vacation,
    "gmail.users.settings.getAutoForwarding": _getter(mailboxes.AUTO_FORWARDING, mailboxes.no_forwarding()),
    "gmail.users.settings.updateAutoForwarding": _update_forwarding,
    "gmail.users.settings.forwardingAddresses.list": _list,
    "gmail.users.settings.forwardingAddresses.create": _create,
    "gmail.users.settings.forwardingAddresses.delete": _delete,
    "gmail.users.settings.filters.list": _list_filters,
    "gmail.users.settings.filters.create": _create_filter,
    "gmail.users.settings.filters.delete": _delete_filter,
}
