"""What one emulated service is to the server: the hosts it answers for and how it answers a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from connectors.emulator.store import Store

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Body: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signed in: an application of one tenant, with what its token carries."""

    tenant_id: str
    application_id: str
    audience: str  # the resource the token is for, such as https://graph.microsoft.com
    roles: frozenset[str] = frozenset()  # application permissions, as the token's roles claim has them
    directory_roles: frozenset[str] = frozenset()  # Entra directory roles of the service principal, by display name


@dataclass(frozen=True, slots=True)
class Call:
    """One request, after routing: the path begins behind the service's host."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    base: str  # scheme, host and prefix that the client used; next links begin with it
    principal: Principal | None  # None: no token, or one that nobody issued


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a mapping is sent as JSON, bytes as they are."""

    status: int = 200
    body: Body | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a call asks for; a batch asks for several, a refused route for none."""

    name: str  # GET /users, Set-TransportRule, ...
    write: bool


class Service(Protocol):
    """A service of one vendor; it keeps all its state in the store."""

    name: str
    hosts: Sequence[str]  # the vendor's host names it answers for
    roots: Sequence[str]  # path beginnings that are its own where no vendor host is named

    def operations(self, call: Call) -> Sequence[Operation]:
        """Name what a call asks for; the log, the faults and the page of what is emulated use these names."""

    def answer(self, call: Call, store: Store) -> Answer:
        """Answer one call; what it wrote is committed before this returns."""
