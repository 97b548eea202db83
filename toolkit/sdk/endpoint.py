"""The interface for reading and writing a kind's objects in a service, and functions that parse responses."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import ClassVar, NoReturn, Protocol, TypeVar, runtime_checkable

from toolkit.errors import BadAnswer, Refused, Rejected, RequestFailed, ServiceError, ToolkitError, Unexpected
from toolkit.records import dataclass
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body, Json

T = TypeVar("T")
_ROOT = Path(__file__).parents[2]


def read_safely(description: str, reader: Callable[[], T]) -> T:
    """Call a reader and return its value.

    Raise BadAnswer if a value cannot be parsed, or Unexpected for any other error. Both errors name the type and place
    of the original error but not its text, which may contain any part of the response. The original error is the cause.
    """
    try:
        return reader()
    except ToolkitError:
        raise
    except (ValueError, OverflowError) as wrong:  # parsers raise these errors for an invalid number, date or size
        raise BadAnswer(f"{description}: its response could not be parsed: {_error_type_and_place(wrong)}") from wrong
    except Exception as surprise:
        raise Unexpected(f"{description}: {Unexpected.PHRASE}: {_error_type_and_place(surprise)}") from surprise


def attempt(description: str, reader: Callable[[], T]) -> T | ServiceError:
    """Call a reader and return its value, or the ServiceError that it raises.

    SignInRefused is raised, because it ends a run. Unexpected errors are also returned as a ServiceError, as in
    `read_safely`.
    """
    try:
        return read_safely(description, reader)
    except ServiceError as error:
        return error


def read_before_change(read: Callable[[], T]) -> T:
    """Read an object just before it is changed, and return it.

    Raise BadAnswer if the read is refused, so that nothing is changed.
    """
    try:
        return read()
    except (Refused, Rejected) as error:
        raise BadAnswer(f"nothing was changed, because the object could not be read again first: {error}") from error


def _error_type_and_place(error: BaseException) -> str:
    return f"{type(error).__name__} at {_error_place(error)}"


def _error_place(error: BaseException) -> str:
    """Return the file and line of an error, in toolkit's own code if possible."""
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT) and ".venv" not in frame.filename]
    frame = (ours or frames)[-1]
    path = Path(frame.filename)
    shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(path.name)
    return f"{shown.as_posix()}:{frame.lineno}"


def text(value: Json) -> str:
    """Return a string from a response, or "" for None. Raise BadAnswer for any other type."""
    if isinstance(value, str | None):
        return value or ""
    raise _parse_error(value, "text")


_INVISIBLE = str.maketrans("", "", "\u200b\ufeff")


def plain_name(value: Json) -> str:
    """Return a name in the form for comparisons, without the invisible characters and spaces that services add to some
    names.
    """
    return text(value).translate(_INVISIBLE).strip().casefold()


def flag(value: Json, *, missing: bool = False) -> bool:
    """Return true or false from a response, or `missing` for None. Raise BadAnswer for any other type."""
    if isinstance(value, bool | None):
        return missing if value is None else value
    raise _parse_error(value, "true or false")


def mapping(value: Json) -> Body:
    """Return a JSON object from a response, or an empty object for None. Raise BadAnswer for any other type."""
    if isinstance(value, Mapping | None):
        return value or {}
    raise _parse_error(value, "an object")


def listed(value: Json) -> list[Json]:
    """Return a list from a response, or an empty list for None. Raise BadAnswer for any other type."""
    if isinstance(value, list | tuple | None):
        return list(value or ())
    raise _parse_error(value, "a list")


def texts(value: Json) -> list[str]:
    """Return a list of strings from a response, or an empty list for None. Raise BadAnswer for any other type."""
    return [text(entry) for entry in listed(value) if entry is not None]


def mappings(value: Json) -> list[Body]:
    """Return a list of JSON objects from a response, or an empty list for None. Raise BadAnswer for any other type."""
    entries = listed(value)
    objects = [entry for entry in entries if isinstance(entry, Mapping)]
    if len(objects) < len(entries):
        odd = f"{len(entries) - len(objects)} of {len(entries)} entries are not objects"
        raise BadAnswer(f"the response could not be parsed: {odd}")
    return objects


def read_rows(rows: Json, description: str) -> list[Body]:
    """Return the rows of a list in a response. Raise BadAnswer if it is not a list, or if a row is not an object.

    A skipped row would make its object seem absent from the tenant.
    """
    if not isinstance(rows, list):
        raise BadAnswer(f"{description}: the response contains no list")
    objects = [row for row in rows if isinstance(row, Mapping)]
    if len(objects) < len(rows):
        raise BadAnswer(
            f"{description}: {len(rows) - len(objects)} of {len(rows)} rows of the response are not objects"
        )
    return objects


def _parse_error(value: Json, shape: str) -> BadAnswer:
    return BadAnswer(f"its response could not be parsed: {str(value)[:40]!r} is not {shape}")


C_contra = TypeVar("C_contra", contravariant=True)
Seen = TypeVar("Seen", bound=Remote | Unreadable)


@dataclass(frozen=True, slots=True)
class Everything:
    """A request to read all objects of a kind."""

    def select_from(self, objects: Iterable[Seen]) -> Sequence[Seen]:
        """Return only the objects that the request selects."""
        return list(objects)


@dataclass(frozen=True, slots=True)
class NamedOnly:
    """A request to read only the objects with these names.

    It is needed for kinds that a service cannot list, such as personal objects.
    """

    names: frozenset[str]

    def select_from(self, objects: Iterable[Seen]) -> Sequence[Seen]:
        """Return only the objects that the request selects."""
        return [remote for remote in objects if remote.name in self.names]


ReadScope = Everything | NamedOnly


class Endpoint(Protocol[C_contra]):
    """Reads and writes a kind's objects in their service. Methods raise the errors of toolkit.errors.

    `read` raises an error if the whole list could not be read, and yields Unreadable for a single object that could not
    be read. Bodies use the service's own names and contain only the settings to send.
    """

    def read(self, connection: C_contra, selection: ReadScope) -> Iterable[Remote | Unreadable]: ...

    def create(self, connection: C_contra, name: str, body: Body) -> Remote | None:
        """Create an object. Return the object if the response contains it."""

    def update(self, connection: C_contra, remote: Remote, name: str, body: Body) -> Remote | None:
        """Change the settings in the body. If the name differs from the present name, rename the object."""

    def delete(self, connection: C_contra, remote: Remote) -> None: ...


class FixedObjects:
    """A base class for endpoints of objects that every tenant always has.

    They can be neither created nor deleted. A subclass has the texts of both refusals, in which {name} is the object's
    name.
    """

    none_created: ClassVar[str]
    none_deleted: ClassVar[str]

    def create(self, connection: object, name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.none_created.format(name=name))

    def delete(self, connection: object, remote: Remote) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.none_deleted.format(name=remote.name))


class ReadOnlyObjects(ABC):
    """A base class for endpoints of objects that toolkit compares but only a person can change."""

    @abstractmethod
    def by_hand(self, name: str) -> str:
        """Return the reason why toolkit does not write the object, and how a person can change it."""

    def create(self, connection: object, name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.by_hand(name))

    def update(self, connection: object, remote: Remote, name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.by_hand(remote.name))

    def delete(self, connection: object, remote: Remote) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(self.by_hand(remote.name))


@runtime_checkable
class Ordered(Endpoint[C_contra], Protocol[C_contra]):
    """An endpoint for objects that the service processes in order. Position 0 is the first position."""

    def create_at(self, connection: C_contra, name: str, body: Body, position: int) -> Remote | None: ...

    def move(self, connection: C_contra, remote: Remote, position: int) -> None: ...


@runtime_checkable
class ReadById(Endpoint[C_contra], Protocol[C_contra]):
    """An endpoint whose service can return an object by its id.

    An object that is missing from a list can be looked up in this way.
    """

    def read_by_id(self, connection: C_contra, identifier: str, name: str) -> Remote | Unreadable:
        """Read the object with an id, or by its name if the service has no ids.

        Raise NotFound if the object does not exist.
        """


@dataclass(frozen=True, slots=True)
class Write:
    """A write that is sent together with other writes in a single call. `remote` is None for a new object."""

    name: str
    body: Body
    remote: Remote | None


@runtime_checkable
class Bulk(Endpoint[C_contra], Protocol[C_contra]):
    """An endpoint whose service accepts many changes in one call."""

    def write_many(self, connection: C_contra, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
        """Send several writes together. Return an outcome for each write, in the same order."""
