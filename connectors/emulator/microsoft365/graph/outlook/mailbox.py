"""Mailboxes: their collections, whose a path names, and who may use it."""

from collections.abc import Mapping

from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph.actions import ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.lists import Stored
from connectors.emulator.microsoft365.graph.routes import find
from connectors.emulator.wire import Body, Json

EVENTS = "outlook.events"
SETTINGS = "outlook.mailboxSettings"
SCHEDULE_ERRORS = "outlook.scheduleErrors"
APPLICATION_ACCESS = "outlook.applicationAccess"
SENT = "outlook.sentMessages"
ADDRESSES = "outlook.addresses"  # by address in lower case: a way to people that need not read them all
_PERSON = ("id", "userPrincipalName")


def forbidden(permissions: frozenset[str] = frozenset()) -> GraphError:
    """Refuse as Exchange does, whatever it is that is missing."""
    del permissions
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def owner(asking: ActionRequest) -> Body:
    """Find whose mailbox the path names, which the caller must be allowed to use; raises GraphError."""
    key = asking.keys[0]
    person = find_person(asking, key) or find(Stored(asking.store, asking.tenant_id, "users"), _PERSON, key)
    if person is None:
        raise GraphError(404, "ErrorInvalidUser", f"The requested user '{key}' is invalid.")
    allowed = asking.store.get(asking.tenant_id, APPLICATION_ACCESS, asking.principal.application_id)
    if allowed is not None and person["id"] not in texts(allowed.get("mailboxes")):
        raise forbidden()
    if not has_mailbox(person):
        raise GraphError(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    return person


def find_person(asking: ActionRequest, address: str) -> Body | None:
    """Find whom an address belongs to, without reading everybody."""
    way = asking.store.get(asking.tenant_id, ADDRESSES, address.lower())
    person = asking.store.get(asking.tenant_id, "users", str(way["id"])) if way else None
    named = (str((person or {}).get(name)).lower() for name in ("mail", "userPrincipalName"))
    return person if address.lower() in named else None


def addressed(asking: ActionRequest, address: str) -> Body | None:
    """Find whom an address belongs to, also one that was changed at the control plane."""
    users = Stored(asking.store, asking.tenant_id, "users")
    return find_person(asking, address) or find(users, ("mail", "userPrincipalName"), address)


def has_mailbox(person: Body) -> bool:
    """Tell whether somebody has a mailbox: whoever has an address, unless the licence for it was suspended."""
    plans = person.get("assignedPlans")
    exchange = [
        plan.get("capabilityStatus")
        for plan in (plans if isinstance(plans, list) else [])
        if isinstance(plan, Mapping) and plan.get("service") == "exchange"
    ]
    return bool(person.get("mail")) and (not exchange or "Enabled" in exchange)


def read_body(body: Body, type_name: str, version: str) -> dict[str, Json]:
    """Check a body by its type; Outlook has its own word for one that does not fit."""
    try:
        return checked(body, type_name, version)
    except GraphError as refused:
        text = refused.message.replace("microsoft.management.services.api.", "microsoft.graph.")
        raise GraphError(refused.status, "RequestBodyRead", text) from refused
