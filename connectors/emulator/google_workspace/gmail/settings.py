"""A mailbox's settings: the automatic reply, forwarding, forwarding addresses and filters."""

from collections.abc import Mapping
from secrets import token_urlsafe

from connectors.emulator.google_workspace import mailboxes
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.gmail.html import sanitise
from connectors.emulator.google_workspace.people import own_domains
from connectors.emulator.google_workspace.values import mapping, text, texts
from connectors.emulator.store import Body, Json


def is_verified(call: MethodCall, person_id: str, address: str) -> bool:
    """Return whether a person may forward to an address."""
    kept = call.collection(mailboxes.FORWARDING_ADDRESSES).with_prefix(person_id).values()
    same = (forwarding for forwarding in kept if text(forwarding["forwardingEmail"]).lower() == address.lower())
    return any(forwarding.get("verificationStatus") == "accepted" for forwarding in same)


def _list_forwarding_addresses(call: MethodCall) -> Body:
    rows = list(
        call.collection(mailboxes.FORWARDING_ADDRESSES).with_prefix(str(mailboxes.mailbox_owner(call)["id"])).values()
    )
    return {"forwardingAddresses": rows} if rows else {}


def _find_address(call: MethodCall, person: Body) -> tuple[str, Body]:
    address = call.text("forwardingEmail").lower()
    for key, body in call.collection(mailboxes.FORWARDING_ADDRESSES).with_prefix(str(person["id"])).items():
        if text(body["forwardingEmail"]).lower() == address:
            return key, body
    raise errors.not_found()


def _create_forwarding_address(call: MethodCall) -> Body:
    person, address = mailboxes.delegated_mailbox_owner(call), text(call.body.get("forwardingEmail"))
    if "@" not in address:
        raise errors.invalid_argument("Invalid forwardingEmail")
    kept = call.collection(mailboxes.FORWARDING_ADDRESSES)
    if any(
        text(forwarding["forwardingEmail"]).lower() == address.lower()
        for forwarding in kept.with_prefix(str(person["id"])).values()
    ):
        raise errors.ApiError(409, "alreadyExists", "Requested entity already exists")
    # The owner of an address outside has to agree first.
    status = "accepted" if address.partition("@")[2].lower() in own_domains(call.store, call.tenant_id) else "pending"
    body: Body = {"forwardingEmail": address, "verificationStatus": status}
    kept.put(f"{person['id']}/{address}", body)
    return body


def _delete_forwarding_address(call: MethodCall) -> None:
    person = mailboxes.delegated_mailbox_owner(call)
    key, body = _find_address(call, person)
    call.collection(mailboxes.FORWARDING_ADDRESSES).delete(key)
    everything = call.collection(mailboxes.AUTO_FORWARDING)
    forwarding = everything.get(str(person["id"])) or {}
    if text(forwarding.get("emailAddress")).lower() == text(body["forwardingEmail"]).lower():
        everything.put(str(person["id"]), mailboxes.forwarding_disabled_settings())


_MOST = 1000
_LABELS = (
    "INBOX", "SPAM", "TRASH", "UNREAD", "STARRED", "IMPORTANT", "SENT", "DRAFT", "CHAT", "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS",
)  # fmt: skip


def _list_filters(call: MethodCall) -> Body:
    rows = list(call.collection(mailboxes.FILTERS).with_prefix(str(mailboxes.mailbox_owner(call)["id"])).values())
    return {"filter": rows} if rows else {}


def _create_filter(call: MethodCall) -> Body:
    person_id = str(mailboxes.mailbox_owner(call)["id"])
    criteria, action = _read_criteria(call), _read_action(call, person_id)
    filters = call.collection(mailboxes.FILTERS).with_prefix(person_id).values()
    if any(filter_body.get("criteria") == criteria and filter_body.get("action") == action for filter_body in filters):
        raise errors.failed_precondition("Filter already exists")
    if len(filters) >= _MOST:
        raise errors.fault(500)
    key = "ANe1Bm" + token_urlsafe(24)
    body: Body = {"id": key, "criteria": criteria, "action": action}
    call.collection(mailboxes.FILTERS).put(f"{person_id}/{key}", body)
    return body


def _read_criteria(call: MethodCall) -> dict[str, Json]:
    """Return the criteria of a filter as Gmail stores them.

    Repeated spaces in a subject become one, and addresses are in lower case.
    """
    criteria: dict[str, Json] = {name: value for name, value in mapping(call.body.get("criteria")).items() if value}
    if "subject" in criteria:
        criteria["subject"] = " ".join(text(criteria["subject"]).split())
    if "to" in criteria:
        criteria["to"] = text(criteria["to"]).lower()
    if not criteria:
        raise errors.invalid_argument("Filter doesn't have any criteria")
    return criteria


def _read_action(call: MethodCall, person_id: str) -> dict[str, Json]:
    # An empty forward counts as none at all (mbrt/gmailctl#56).
    action: dict[str, Json] = {name: value for name, value in mapping(call.body.get("action")).items() if value}
    if not action:
        raise errors.invalid_argument("Filter doesn't have any actions")
    if "forward" in action and not is_verified(call, person_id, text(action["forward"])):
        raise errors.failed_precondition("Unrecognized forwarding address")
    for label in (*texts(action.get("addLabelIds")), *texts(action.get("removeLabelIds"))):
        if label not in _LABELS:
            raise errors.invalid_argument(f"Invalid label: {label}")
    return action


def _delete_filter(call: MethodCall) -> None:
    if not call.collection(mailboxes.FILTERS).delete(f"{mailboxes.mailbox_owner(call)['id']}/{call.text('id')}"):
        raise errors.not_found()


_VACATION: Body = {"enableAutoReply": False, "restrictToContacts": False, "restrictToDomain": False}


def _get_setting(collection: str, default: Body) -> Handler:
    def get(call: MethodCall) -> Body:
        key = str(mailboxes.mailbox_owner(call)["id"])
        return call.collection(collection).get(key) or dict(default)

    return get


def _store_setting(call: MethodCall, collection: str, key: str, body: Body) -> Body:
    call.collection(collection).put(key, body)
    return body


def _update_vacation(call: MethodCall) -> Body:
    """Replace the automatic reply. Properties that the body omits are unset."""
    key = str(mailboxes.mailbox_owner(call)["id"])
    body = mailboxes.with_defaults(_VACATION, call.body)
    if "responseBodyHtml" in body:
        body["responseBodyHtml"] = sanitise(text(body["responseBodyHtml"]))
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
    return _store_setting(call, mailboxes.VACATION, key, body)


def _update_forwarding(call: MethodCall) -> Body:
    """Turn forwarding on or off. After it is turned off, reads still show the address."""
    key = str(mailboxes.delegated_mailbox_owner(call)["id"])
    before = call.collection(mailboxes.AUTO_FORWARDING).get(key) or {}
    enabled = call.body.get("enabled") is True
    body: dict[str, Json] = {**({} if enabled else before), **call.body, "enabled": enabled}
    if enabled and not is_verified(call, key, text(body.get("emailAddress"))):
        raise errors.failed_precondition("Unrecognized forwarding address")
    if enabled and body.get("disposition") in (None, "dispositionUnspecified"):
        raise errors.invalid_argument("Invalid forwarding disposition")
    return _store_setting(call, mailboxes.AUTO_FORWARDING, key, body)


HANDLERS: Mapping[str, Handler] = {
    "gmail.users.settings.getVacation": _get_setting(mailboxes.VACATION, _VACATION),
    "gmail.users.settings.updateVacation": _update_vacation,
    "gmail.users.settings.getAutoForwarding": _get_setting(
        mailboxes.AUTO_FORWARDING, mailboxes.forwarding_disabled_settings()
    ),
    "gmail.users.settings.updateAutoForwarding": _update_forwarding,
    "gmail.users.settings.forwardingAddresses.list": _list_forwarding_addresses,
    "gmail.users.settings.forwardingAddresses.create": _create_forwarding_address,
    "gmail.users.settings.forwardingAddresses.delete": _delete_forwarding_address,
    "gmail.users.settings.filters.list": _list_filters,
    "gmail.users.settings.filters.create": _create_filter,
    "gmail.users.settings.filters.delete": _delete_filter,
}
