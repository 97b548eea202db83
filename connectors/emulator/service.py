"""An emulated service, as the server knows it: its hosts and its answer to a call.

Services of the emulator, found as the object `SERVICE` of a module or package in a provider's folder. Next to it may be
`seed(school) -> Mapping[collection, Mapping[key, Body]]`, the objects of a new tenant, or the same as `seed.json`. All
services of a tenant share the names of collections, so two services never seed the same one.

For every call, and for each part of a batch, the server finds out who calls (`principal`), answers 501 if `operations`
is empty, lets an extension act, and wraps a write in `store.transaction()`, so that the whole write is on disk before
the answer leaves. The time of a tenant is `connectors.emulator.clock.now(store, tenant_id)`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from connectors.emulator.audit_log import Doer
from connectors.emulator.school import School
from connectors.emulator.store import Body, Store


@dataclass(frozen=True, slots=True)
class Principal:
    """The application of a tenant that signed in, with its present permissions."""

    tenant_id: str
    application_id: str
    audience: str  # the resource the token is for, such as https://graph.microsoft.com
    roles: frozenset[str] = frozenset()  # application permissions of this audience
    directory_roles: frozenset[str] = frozenset()  # Entra directory roles of the service principal, by display name
    subject: str = ""  # the id of the person for whom it acts. "" if it acts for itself.


@dataclass(frozen=True, slots=True)
class Call:
    """One request, after routing: the path begins behind the service's host."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    base: str  # scheme, host and prefix that the client used. Next links begin with it.
    principal: Principal | None  # None without a valid token for this audience


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. A mapping is sent as JSON, bytes as they are."""

    status: int = 200
    body: Body | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service. A batch has several. A route that is not emulated has none."""

    name: str  # GET /users/{id}, Set-TransportRule, ...
    write: bool
    notes: str = ""  # for the page of emulated operations: the parts that are left out


Perform: TypeAlias = Callable[[Call], Answer]
Batch: TypeAlias = Callable[[Perform], Answer]
"""Splits a batch, has each part answered, and joins the answers."""


class Service(Protocol):
    """A service of a vendor. It keeps its whole state in the store."""

    name: str
    hosts: Sequence[str]  # the vendor's host names for which it answers. Its own comes before a shared one.
    roots: Sequence[str]  # beginnings of its paths, if a request has no vendor's host. The longest match wins.
    audiences: Sequence[str]  # A token for another audience is refused. Empty if the service has no sign-in.
    emulated_operations: Sequence[Operation]  # for the page of emulated operations

    def operations(self, call: Call) -> Sequence[Operation]:
        """Return the operations of a call."""

    def batch(self, call: Call) -> Batch | None:
        """Return how a batch is answered part by part; None for any other call."""
        del call
        return None

    def answer(self, call: Call, store: Store) -> Answer:
        """Return the answer to one call that is not a batch. It depends only on the store."""


Seed: TypeAlias = Mapping[str, Mapping[str, Body]]  # collection, then key


class Cloud(Protocol):
    """It is found as the object `CLOUD` of a provider's package."""

    def seed(self, school: School) -> Seed:
        """Return the applications that may sign in to a new tenant.

        They exist before any service adds its own objects.
        """

    def identifier(self, tenant_id: str) -> str:
        """Return the cloud's own id of a tenant."""

    def describe(self, store: Store, tenant_id: str) -> Body:
        """Return the facts that a client needs to reach the tenant, with credentials."""

    def principal(self, authorization: str, store: Store) -> Principal | None:
        """Find out who sends an Authorization header; None where this cloud did not issue its token."""

    def tenant(self, call: Call, store: Store) -> str:
        """Return the tenant of a call without a token, such as a token request. "" if it does not name a tenant."""

    def known_as(self, principal: Principal, store: Store) -> Doer:
        """Return the name in the tenant's log of the person or application that signed in."""
