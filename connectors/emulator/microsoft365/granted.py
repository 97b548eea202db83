"""Microsoft identities for other programs: an application with a secret and application permissions."""

import re
from collections.abc import Sequence
from functools import lru_cache
from secrets import token_urlsafe

from connectors.emulator.microsoft365.applications import COLLECTION, PERMISSIONS_ELSEWHERE
from connectors.emulator.microsoft365.graph import SERVICE
from connectors.emulator.school import identifier
from connectors.emulator.store import Body, Store

_READS = re.compile(r"[\w-]+\.Read(?:Basic)?(?:\.\w+)*")
_EXCHANGE = (
    "Exchange.ManageAsApp"  # An application needs it to enter. The directory role decides which cmdlets may run.
)
_READER_ROLE = "Global Reader"


@lru_cache(maxsize=1)
def known_scopes() -> frozenset[str]:
    """Return the permissions that the emulated services accept."""
    return SERVICE.permissions | PERMISSIONS_ELSEWHERE


def full_scope(name: str) -> str:
    """Return the full name of a permission, which tokens contain. "" if no emulated service accepts it."""
    return next((scope for scope in known_scopes() if scope.lower() == name.lower()), "")


def narrower_scope(name: str) -> str:
    """Return the advice to use another permission instead of a permission that can write, or "" if it only reads."""
    scope = full_scope(name)
    if scope == _EXCHANGE or _READS.fullmatch(scope):
        return ""
    reading = scope.replace(".ReadWrite", ".Read")
    return f"Use {reading}" if reading in known_scopes() - {scope} else "An identity for another program only reads"


def grant(store: Store, tenant_id: str, client: str, scopes: Sequence[str]) -> None:
    """Create an application with these permissions, or change the permissions of the application with this name.

    An application that may use Exchange also gets the role Global Reader.
    """
    kept = store.get(tenant_id, COLLECTION, client) or _new_application(tenant_id, client)
    roles = [_READER_ROLE] if _EXCHANGE in scopes else []
    store.put(tenant_id, COLLECTION, client, {**kept, "roles": list(scopes), "directory_roles": roles})


def _new_application(tenant_id: str, client: str) -> Body:
    return {
        "name": client,
        "client_id": identifier(tenant_id, "application", client),
        "object_id": identifier(tenant_id, "service principal", client),
        "client_secret": token_urlsafe(30),
        "secret_expires": None,
        "certificate": None,
    }
