"""The common parts of APIs for administrators: access, the customer, and etags."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.values import customer_id, mapping
from connectors.emulator.store import Body


def etag(body: Body) -> str:
    """Return an object's etag, which changes whenever the object changes."""
    digest = sha256(json.dumps(body, sort_keys=True).encode()).digest()
    return f'"emulator/{urlsafe_b64encode(digest[:20]).decode().rstrip("=")}"'


def require_administrator(handler: Handler) -> Handler:
    """Return a handler that only administrators may call.

    A delegated administrator may only read. A super administrator may also write.
    """

    def answer(call: MethodCall) -> Body | None:
        caller = mapping(call.caller)
        reads = call.method == "GET" and caller.get("isDelegatedAdmin")
        if caller.get("suspended") or not (caller.get("isAdmin") or reads):
            raise errors.forbidden()
        return handler(call)

    return answer


def check_customer(call: MethodCall, name: str = "customer") -> None:
    """Refuse a call that names a customer other than the caller's."""
    if call.text(name) not in ("my_customer", customer_id(call.tenant_id)):
        raise errors.not_found("Resource Not Found: customer")
