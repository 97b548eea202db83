"""Addresses that mail may be forwarded to: list, get, create and delete."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.emulator.google_workspace import mailboxes
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.people import own_domains
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body


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


def _get(asked: MethodCall) -> Body:
    return _known(asked, mailboxes.owner(asked))[1]


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


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "gmail.users.settings.forwardingAddresses.list": _list,
        "gmail.users.settings.forwardingAddresses.get": _get,
        "gmail.users.settings.forwardingAddresses.create": _create,
        "gmail.users.settings.forwardingAddresses.delete": _delete,
    }
)
