"""What one emulated service is to the server: the hosts it answers for and how it answers a call.

A service is found, not listed: it is the object `SERVICE` of a module or package inside a provider's folder. Beside it
may stand `seed(school) -> Mapping[collection, Mapping[key, Body]]`, what a new tenant holds, or that as `seed.json`.
Names of collections are shared by all services of a tenant, so two services never seed the same one.

The server does the following around every single call (each part of a batch alone), so that a service never does:
it finds out who calls (`principal`), answers 501 where `operations` names nothing, lets an extension act around it, and
wraps a write in `store.transaction()`, so that all of it is on disk before the answer leaves. The time of a tenant is
`connectors.emulator.clock.now(store, tenant_id)`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from connectors.emulator.audit_log import Doer
from connectors.emulator.school import School
from connectors.emulator.store import Body, Store


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signed in: an application of one tenant, with what it may do at this moment."""

    tenant_id: str
    application_id: str
    audience: str  # the resource the token is for, such as https://graph.microsoft.com
    roles: frozenset[str] = frozenset()  # application permissions of this audience
    directory_roles: frozenset[str] = frozenset()  # Entra directory roles of the service principal, by display name
    subject: str = ""  # the id of the person it acts for; "" where it acts for itself


@dataclass(frozen=True, slots=True)
class Call:
    """One request, after routing: the path begins behind the service's host."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    base: str  # scheme, host and prefix that the client used; next links begin with it
    principal: Principal | None  # None: no token, or one that is expired, forged or for another audience


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a mapping is sent as JSON, bytes as they are."""

    status: int = 200
    body: Body | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a call asks for; a batch asks for several, a route that is not emulated for none."""

    name: str  # GET /users/{id}, Set-TransportRule, ...
    write: bool
    notes: str = ""  # for the page of what is emulated: what is left out, where that matters


Perform: TypeAlias = Callable[[Call], Answer]
Batch: TypeAlias = Callable[[Perform], Answer]
"""Splits a batch, has each part answered, and joins the answers."""


class Service(Protocol):
    """A service of one vendor; it keeps all its state in the store."""

    name: str
    hosts: Sequence[str]  # the vendor's host names it answers for; its own first, where it shares one with others
    roots: Sequence[str]  # path beginnings that are its own where no vendor host is named; the longest that fits wins
    audiences: Sequence[str]  # a token for any other audience is as good as none; empty: nobody signs in here
    emulated_operations: Sequence[Operation]  # everything it can do, for the page of what is emulated

    def operations(self, call: Call) -> Sequence[Operation]:
        """Name what a call asks for."""

    def batch(self, call: Call) -> Batch | None:
        """Return how a batch is answered part by part; None for any other call."""
        del call
        return None

    def answer(self, call: Call, store: Store) -> Answer:
        """Answer one call that is no batch; only what is in the store at that moment counts."""


Seed: TypeAlias = Mapping[str, Mapping[str, Body]]  # collection, then key


class Cloud(Protocol):
    """It is found as the object `CLOUD` of a provider's package."""

    def seed(self, school: School) -> Seed:
        """Make what a new tenant needs before any service adds its own: the applications that may sign in."""

    def identifier(self, tenant_id: str) -> str:
        """Give the id that this cloud's own services have for a tenant."""

    def describe(self, store: Store, tenant_id: str) -> Body:
        """Tell what a client needs to reach the tenant, credentials included."""

    def principal(self, authorization: str, store: Store) -> Principal | None:
        """Find out who sends an Authorization header; None where this cloud did not issue its token."""

    def tenant(self, call: Call, store: Store) -> str:
        """Find the tenant of a call without a token, such as one that asks for a token; "" where it names none."""

    def known_as(self, principal: Principal, store: Store) -> Doer:
        """Tell what the tenant's own log calls who signed in."""
