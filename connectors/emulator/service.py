"""The interface of an emulated service: its hosts, and its response to a call.

The emulator finds a service as the object `SERVICE` of a module or package in a provider's folder. Next to it may be
`seed(school) -> Mapping[collection, Mapping[key, Body]]`, the objects of a new tenant, or the same as `seed.json`. All
services of a tenant share the names of collections, so two services never seed the same one.

For every call, and for each part of a batch, the server finds out who calls (`principal`), answers 501 if `operations`
is empty, lets an extension act, and wraps a write in `store.transaction()`, so that the whole write is on disk before
the answer leaves. The time of a tenant is `connectors.emulator.clock.now(store, tenant_id)`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from connectors.emulator.audit_log import Doer
from connectors.emulator.school import School
from connectors.emulator.store import Body, Store


@dataclass(frozen=True, slots=True)
class Principal:
    """The application of a tenant that has signed in, with its current permissions."""

    tenant_id: str
    application_id: str
    audience: str  # the resource the token is for, such as https://graph.microsoft.com
    roles: frozenset[str] = frozenset()  # application permissions of this audience
    directory_roles: frozenset[str] = frozenset()  # Entra directory roles of the service principal, by display name
    subject: str = ""  # the id of the person for whom it acts. "" if it acts for itself.


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a service after routing, with its caller. Its path no longer contains the host."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    base: str  # scheme, host and prefix that the client used. Next links begin with it.
    principal: Principal | None  # None without a valid token for this audience


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response. A mapping is sent as JSON, and bytes are sent unchanged."""

    status: int = 200
    body: Body | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service. A batch has several operations, and a route that is not emulated has none."""

    name: str  # GET /users/{id}, Set-TransportRule, ...
    write: bool
    notes: str = ""  # for the page of emulated operations: the parts that are left out


Perform: TypeAlias = Callable[[Call], Answer]
Batch: TypeAlias = Callable[[Perform], Answer]
"""Splits a batch, has each part answered, and joins the answers."""


class Service(Protocol):
    """A vendor's service. It keeps all of its state in the store."""

    name: str
    hosts: Sequence[str]  # the vendor's host names for which it answers. Its own comes before a shared one.
    roots: Sequence[str]  # beginnings of its paths, if a request has no vendor's host. The longest match wins.
    audiences: Sequence[str]  # A token for another audience is refused. Empty if the service has no sign-in.
    emulated_operations: Sequence[Operation]  # for the page of emulated operations

    def operations(self, call: Call) -> Sequence[Operation]:
        """Return the operations that a call requests. Empty if the emulator does not have them."""

    def batch(self, call: Call) -> Batch | None:
        """Return a function that responds to a batch, part by part. None if the call is not a batch."""
        del call
        return None

    def answer(self, call: Call, store: Store) -> Answer:
        """Return the response to a call that is not a batch. It depends only on the store and the call."""


Seed: TypeAlias = Mapping[str, Mapping[str, Body]]  # collection, then key


class Cloud(Protocol):
    """A vendor's cloud. The emulator finds it as the object `CLOUD` in a provider's package."""

    def seed(self, school: School) -> Seed:
        """Return the applications that may sign in to a new tenant.

        They are created before the objects of its services.
        """

    def identifier(self, tenant_id: str) -> str:
        """Return the cloud's own id of a tenant."""

    def describe(self, store: Store, tenant_id: str) -> Body:
        """Return the facts that a client needs to reach the tenant, including credentials."""

    def principal(self, authorization: str, store: Store) -> Principal | None:
        """Return the caller that an Authorization header identifies. None if this cloud did not issue the token."""

    def tenant(self, call: Call, store: Store) -> str:
        """Return the tenant of a call without a token, such as a token request.

        The result is "" if the call does not name one.
        """

    def known_scopes(self) -> Collection[str]:
        """Return the short names of all permissions that an emulated operation accepts."""

    def full_scope(self, name: str) -> str:
        """Return the full name of a permission, which tokens contain. "" if no emulated operation accepts it."""

    def narrower_scope(self, name: str) -> str:
        """Return advice about a permission that can write, such as the permission to use instead.

        The result is "" if the permission only reads, or if no narrower permission reads the same data.
        """

    def grant(self, store: Store, tenant_id: str, client: str, scopes: Sequence[str]) -> None:
        """Create an identity with exactly these permissions. An identity with this name keeps its credentials."""

    def author_of_change(self, principal: Principal, store: Store) -> Doer:
        """Return the name that the tenant's log shows for the person or application that signed in."""
