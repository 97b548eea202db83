"""Who may use the Directory API, and which customer a call is about."""

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.identifiers import customer_id
from connectors.emulator.google_workspace.values import mapping
from connectors.emulator.wire import Body


def for_administrators(handler: Handler) -> Handler:
    """Answer administrators alone: a delegated one reads, a super administrator writes too."""

    def answer(asked: MethodCall) -> Body | None:
        caller = mapping(asked.caller)
        reads = asked.method == "GET" and caller.get("isDelegatedAdmin")
        if caller.get("suspended") or not (caller.get("isAdmin") or reads):
            raise errors.forbidden()
        return handler(asked)

    return answer


def check_customer(asked: MethodCall, name: str = "customer") -> None:
    """Refuse a call that names another customer than the caller's."""
    if asked.text(name) not in ("my_customer", customer_id(asked.tenant_id)):
        raise errors.not_found("Resource Not Found: customer")
