"""What the cloud of one vendor is to the server, beyond its services: who signs in, and what tells a client where."""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from connectors.emulator.audit_log import Doer
from connectors.emulator.school import School
from connectors.emulator.service import Call, Principal
from connectors.emulator.store import Store
from connectors.emulator.wire import Body

Seed: TypeAlias = Mapping[str, Mapping[str, Body]]  # collection, then key


class Cloud(Protocol):
    """It is found as the object `CLOUD` of a provider's package."""

    def seed(self, school: School) -> Seed:
        """Make what a new tenant needs before any service adds its own: the applications that may sign in."""

    def describe(self, store: Store, tenant_id: str) -> Body:
        """Tell what a client needs to reach the tenant, credentials included."""

    def principal(self, authorization: str, store: Store) -> Principal | None:
        """Find out who sends an Authorization header; None where this cloud did not issue its token."""

    def tenant(self, call: Call, store: Store) -> str:
        """Find the tenant of a call without a token, such as one that asks for a token; "" where it names none."""

    def known_as(self, principal: Principal, store: Store) -> Doer:
        """Tell what the tenant's own log calls who signed in."""
