"""Share open connections and the results of reads between the commands of a session."""

from collections import defaultdict
from collections.abc import Callable
from copy import copy
from threading import Lock
from typing import Any, Protocol, TypeVar

from toolkit.errors import NotFound, NotLicensed, Refused, Rejected, ServiceError
from toolkit.records import dataclass


class Closable(Protocol):
    """A connection that a session can close."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)

REFUSALS = (NotFound, NotLicensed, Refused, Rejected)
"""Errors that would recur for the same request."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The result of a read: its value or its error."""

    outcome: Any


class SharedReads:
    """The connections of a session, and the results of its reads.

    A command may read the same object several times, for example to see whether a write has arrived. So the first read
    of a command gets the first stored result, the second read gets the second, and further reads are sent.
    """

    def __init__(self) -> None:
        self._connections: dict[str, Any] = {}
        self._results: defaultdict[tuple[str, str], list[ReadResult]] = defaultdict(list)
        self._taken: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._lock = Lock()

    def begin_command(self) -> None:
        """Start the next command of the session. Its reads begin again with the first stored result."""
        self._taken.clear()

    def connection(self, provider: str, connect: Callable[[], C]) -> C:
        """Return the connection to a provider. The first command opens the connection."""
        if provider not in self._connections:
            self._connections[provider] = connect()
        connection: C = self._connections[provider]
        return connection

    def next_stored_result(self, service: str, request: object) -> ReadResult | None:
        """Return the next stored result of a read, or None if the read must be sent."""
        key = (service, repr(request))
        with self._lock:
            number = self._taken[key]
            if number == len(self._results[key]):
                return None
            self._taken[key] += 1
            outcome = self._results[key][number].outcome
        return ReadResult(copy(outcome) if isinstance(outcome, ServiceError) else outcome)

    def store_result(self, service: str, request: object, outcome: object) -> None:
        """Store the result of a read that was sent, unless it is a temporary error."""
        if isinstance(outcome, ServiceError) and not isinstance(outcome, REFUSALS):
            return
        key = (service, repr(request))
        with self._lock:
            self._results[key].append(ReadResult(outcome))
            self._taken[key] = len(self._results[key])

    def close(self) -> None:
        """Close the connections of the session."""
        for connection in self._connections.values():
            connection.close()
