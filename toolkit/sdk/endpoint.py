"""How one kind is read from and written to its service; C is what it needs of the connection."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NoReturn, Protocol, TypeVar, runtime_checkable

from toolkit.errors import Rejected, ServiceError
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body

C_contra = TypeVar("C_contra", contravariant=True)
Seen = TypeVar("Seen", bound=Remote | Unreadable)


@dataclass(frozen=True, slots=True)
class Everything:
    """Read all objects of the kind."""

    def among(self, found: Iterable[Seen]) -> Sequence[Seen]:
        """Return the objects that are asked for."""
        return list(found)


@dataclass(frozen=True, slots=True)
class NamedOnly:
    """Read only these; for kinds that cannot be read whole, such as one object a person."""

    names: frozenset[str]

    def among(self, found: Iterable[Seen]) -> Sequence[Seen]:
        """Return the objects that are asked for."""
        return [remote for remote in found if remote.name in self.names]


Wanted = Everything | NamedOnly


class Endpoint(Protocol[C_contra]):
    """A service's calls for one kind.

    Errors are those of toolkit.errors. `read` raises where the list as a whole failed and yields Unreadable for the
    one object that could not be read. Bodies are in wire names and hold only what is to be set.
    """

    def read(self, via: C_contra, wanted: Wanted) -> Iterable[Remote | Unreadable]: ...

    def create(self, via: C_contra, name: str, body: Body) -> Remote | None:
        """Create one object and give it back where the service answers with it."""

    def update(self, via: C_contra, remote: Remote, name: str, body: Body) -> Remote | None:
        """Change the settings of the body, and the name where it differs from the remote's."""

    def delete(self, via: C_contra, remote: Remote) -> None: ...


class FixedObjects:
    """The part of an endpoint for objects that a tenant always has: it creates and deletes none.

    A subclass gives the words of both refusals, in which {name} is the object's name.
    """

    none_created: ClassVar[str]
    none_deleted: ClassVar[str]

    def create(self, via: object, name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.none_created.format(name=name))

    def delete(self, via: object, remote: Remote) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.none_deleted.format(name=remote.name))


class ReadOnlyObjects(ABC):
    """The part of an endpoint for objects that toolkit compares and a person changes."""

    @abstractmethod
    def by_hand(self, name: str) -> str:
        """Return why toolkit writes no such object, and where a person does."""

    def create(self, via: object, name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.by_hand(name))

    def update(self, via: object, remote: Remote, name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.by_hand(remote.name))

    def delete(self, via: object, remote: Remote) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.by_hand(remote.name))


@runtime_checkable
class Ordered(Endpoint[C_contra], Protocol[C_contra]):
    """A kind whose objects are worked through in an order; position 0 is the first."""

    def create_at(self, via: C_contra, name: str, body: Body, position: int) -> Remote | None: ...

    def move(self, via: C_contra, remote: Remote, position: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Write:
    """One change for a service that takes many in one call; remote is None for a create."""

    name: str
    body: Body
    remote: Remote | None


@runtime_checkable
class Bulk(Endpoint[C_contra], Protocol[C_contra]):
    """A kind whose service takes many changes in one call."""

    def write_many(self, via: C_contra, writes: Sequence[Write]) -> Sequence[Remote | ServiceError]:
        """Send changes together; one outcome for each, in their order."""
