"""Read the tenants in parallel threads.

Each kind of object is read once, and so are the people and groups of each directory.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from toolkit.errors import BadAnswer, NotLicensed, Refused, ServiceError, refused_request
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.printable import cut
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.endpoint import Everything, NamedOnly, attempt, read_safely
from toolkit.sdk.kind import Kind
from toolkit.sdk.reason import COULD_NOT_BE_READ, reason_of
from toolkit.sdk.resource import Address, Observed, Remote, Unreadable

READERS = 8
"""The number of kinds that are read at once. Each service's Caller limits its own requests."""

Progress = Callable[[str], None]


def ignore_message(_text: str) -> None:
    """Ignore a progress message, for a run that does not report its progress."""


def read_directories(
    connections: Mapping[str, Connection],
    groups: Mapping[str, Sequence[str]],
    *,
    people: bool,
    home_property: str = "",
) -> Mapping[str, Directory]:
    """Read the people and groups that the playbooks need, and return a directory for each tenant.

    A part that cannot be read is unknown, not absent. `home_property` names the home of people in two schools.
    """
    return {
        name: _read_directory(connection, groups.get(name, ()), home_property, reads_people=people)
        for name, connection in connections.items()
    }


def _read_directory(
    connection: Connection, groups: Sequence[str], home_property: str, *, reads_people: bool
) -> Directory:
    if not reads_people and not groups:
        return Directory()
    directory = attempt(
        "directory", lambda: connection.directory(people=reads_people, groups=groups, home_property=home_property)
    )
    if isinstance(directory, ServiceError):
        return Directory(unknown=dict.fromkeys(("people", *groups), str(directory)))
    return directory


def observe_kinds(
    connections: Mapping[str, Connection],
    kinds: Mapping[str, Kind[Connection]],
    progress: Progress,
    object_names: Mapping[str, frozenset[str]],
) -> ObservedState:
    """Read the objects of the given kinds from their tenants.

    A kind whose list could not be read is unknown. If a kind cannot be listed, only the objects named in `object_names`
    are read.
    """
    if not kinds:
        return ObservedState({}, {})
    with open_thread_pool(READERS) as pool:
        reads = {
            name: pool.submit(
                read_kind, connections[_provider_of_kind(name)], kind, object_names.get(name, frozenset())
            )
            for name, kind in kinds.items()
        }
        objects: dict[str, Sequence[Observed]] = {}
        order: dict[str, Sequence[str]] = {}
        unknown: list[Unknown] = []
        unavailable: dict[str, str] = {}
        for name, reading in reads.items():
            try:
                remotes = reading.result()
            except NotLicensed as error:
                unavailable[name] = str(error)
                continue
            except ServiceError as error:
                missing = error.missing if isinstance(error, Refused) else ""
                unknown.append(Unknown(name, reason_of(error), missing=missing, request=refused_request(error)))
                continue
            objects[name], unreadable = remotes_to_observed(name, kinds[name], remotes)
            order[name] = [remote.id for remote in remotes]
            unknown += unreadable
            progress(f"read {len(remotes)} {kinds[name].noun_for(len(remotes))}")
    return ObservedState(objects, order, tuple(unknown), unavailable)


def _provider_of_kind(kind: str) -> str:
    return kind.partition(".")[0]


def read_kind(
    connection: Connection, kind: Kind[Connection], object_names: frozenset[str]
) -> Sequence[Remote | Unreadable]:
    """Read the objects of a kind. Raise only errors from toolkit.errors."""
    scope = Everything() if kind.whole else NamedOnly(object_names)
    return [
        _with_short_name(remote)
        for remote in read_safely(kind.name, lambda: list(kind.endpoint.read(connection, scope)))
    ]


LONGEST_NAME = 1_000
"""The most characters of an object's name that are kept, four times as many as a service allows."""


def _with_short_name(remote: Remote | Unreadable) -> Remote | Unreadable:
    return remote if len(remote.name) <= LONGEST_NAME else replace(remote, name=cut(remote.name, LONGEST_NAME))


def remotes_to_observed(
    name: str, kind: Kind[Connection], remotes: Iterable[Remote | Unreadable]
) -> tuple[list[Observed], list[Unknown]]:
    """Convert a service's objects to observed objects with settings in canonical form.

    Objects that cannot be parsed are returned as unknown.
    """
    objects: list[Observed] = []
    unknown: list[Unknown] = []
    for remote in remotes:
        address = Address(_provider_of_kind(name), kind.name, remote.name)
        if isinstance(remote, Unreadable):
            reason = COULD_NOT_BE_READ(text=remote.reason)
            unknown.append(Unknown(name, reason, address, is_owner_gone=remote.gone, is_unused=remote.unused))
            continue
        try:
            objects.append(_remote_to_observed(kind, address, remote))
        except ServiceError as error:
            unknown.append(Unknown(name, reason_of(error), address))
    return objects, unknown


def _remote_to_observed(kind: Kind[Connection], address: Address, remote: Remote) -> Observed:
    def canonical() -> Observed:
        try:
            return Observed(address, kind.spec.observed(remote.body), remote, tuple(kind.spec.unknown(remote.body)))
        except (ValueError, TypeError) as error:
            raise BadAnswer(f"the response could not be understood: {error}") from error

    return read_safely(kind.name, canonical)


@contextmanager
def open_thread_pool(max_threads: int) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool of threads, and wait at the end until all calls are completed.

    If the run is interrupted, no further calls start.
    """
    pool, waits = ThreadPoolExecutor(max_workers=max_threads), True
    try:
        yield pool
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=not waits)
