"""Limit the size of responses, the rate of requests, and the length of paged lists."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, fields
from threading import Lock
from typing import Protocol

from toolkit.errors import BadAnswer, OutOfTime, UsageError
from toolkit.records import dataclass


class Pace:
    """Allows only one call in every period of `seconds`."""

    def __init__(
        self,
        seconds: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._clock = clock
        self._next = 0.0
        self._choosing = Lock()

    def wait(self) -> None:
        if not self._seconds:
            return
        with self._choosing:
            turn = max(self._next, self._clock())
            self._next = turn + self._seconds
        if (left := turn - self._clock()) > 0:
            self._sleep(left)


_MEGABYTE = 1024 * 1024
WEEK = 7 * 24 * 60 * 60
"""The maximum number of seconds that a variable may set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits on size and time for reading.

    The metadata of each field contains its TOOLKIT_ variable and its maximum.
    """

    answer_seconds: float = field(default=120.0, metadata={"variable": "TOOLKIT_ANSWER_SECONDS", "most": WEEK})
    list_seconds: float = field(default=1800.0, metadata={"variable": "TOOLKIT_LIST_SECONDS", "most": WEEK})
    run_seconds: float = field(default=14400.0, metadata={"variable": "TOOLKIT_RUN_SECONDS", "most": WEEK})
    list_pages: float = field(default=10_000.0, metadata={"variable": "TOOLKIT_LIST_PAGES", "most": 1_000_000})
    answer_megabytes: float = field(default=64.0, metadata={"variable": "TOOLKIT_ANSWER_MEGABYTES", "most": 4096})
    unpacked_megabytes: float = field(default=256.0, metadata={"variable": "TOOLKIT_UNPACKED_MEGABYTES", "most": 4096})

    @property
    def answer_bytes(self) -> int:
        return int(self.answer_megabytes * _MEGABYTE)

    @property
    def unpacked_bytes(self) -> int:
        return int(self.unpacked_megabytes * _MEGABYTE)


def read_limits(variables: Mapping[str, str]) -> Limits:
    """Return the limits that the environment variables set. Raise UsageError for a value outside its range."""
    limits: dict[str, float] = {}
    for limit in fields(Limits):
        variable = str(limit.metadata["variable"])
        if written := variables.get(variable):
            limits[limit.name] = read_number(variable, written, least=0.001, most=limit.metadata["most"])
    return Limits(**limits)


def read_number(variable: str, written: str, *, least: float, most: float) -> float:
    """Return the number in an environment variable. Raise UsageError unless it is a number from `least` to `most`."""
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise UsageError(f"{variable} is {written!r}. It must be a number from {least:g} to {most:,.0f}.")
    return number


class RequestGate(Protocol):
    """Lets the requests of a run pass, one after the other."""

    def wait_for_turn(self, service: str, requests: int) -> None:
        """Wait until a service may get some more requests, from all runs together."""

    def count_throttled(self, service: str) -> None:
        """Count a request that a service refused because there were too many."""

    def check_write(self) -> None:
        """Raise LedgerError if the run may no longer write."""


class RunDeadline:
    """The time after which a run sends no more reads and starts no more writes. None means no limit.

    A write that has begun is completed, with the reads that it needs. With a `gate`, each request passes it.
    """

    def __init__(self, seconds: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.gate: RequestGate | None = None
        self._seconds = seconds
        self._clock = clock
        self._ends = math.inf if seconds is None else clock() + seconds
        self._writes = 0
        self._counting = Lock()

    @property
    def seconds_left(self) -> float:
        """Return the number of seconds left for reading. While a write is being sent, the number is infinite."""
        return math.inf if self._writes else self._ends - self._clock()

    def check(self, description: str) -> None:
        """Raise OutOfTime if no more reads may start."""
        if self.seconds_left <= 0:
            raise OutOfTime(f"{description}: not read: {self.reason}")

    def check_write(self, description: str) -> None:
        """Raise OutOfTime if no more writes may start."""
        if self._clock() >= self._ends:
            raise OutOfTime(f"{description}: not started: {self.reason}")

    def restart(self) -> None:
        """Restart the time limit for the next command of a session."""
        self._ends = math.inf if self._seconds is None else self._clock() + self._seconds

    def remove_limit(self) -> None:
        """Remove the time limit from the run."""
        self._ends = math.inf

    @contextmanager
    def allow_write_to_finish(self) -> Iterator[None]:
        """While the block runs, allow a write that has begun to finish, with the reads that it needs."""
        with self._counting:
            self._writes += 1
        try:
            yield
        finally:
            with self._counting:
                self._writes -= 1

    @property
    def reason(self) -> str:
        """Return the reason why the run stops, with the variable that allows more time."""
        return f"the run reached its limit of {self._seconds:g} seconds. To allow more, set TOOLKIT_RUN_SECONDS"


class Paging:
    """Follows the pages of a list, up to a maximum number and time. Refuses to read a page twice."""

    def __init__(self, what: str, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._limits = limits
        self._clock = clock
        self._ends = clock() + limits.list_seconds
        self._visited: set[str] = set()

    def check_next_page(self, next_page: object) -> str:
        """Return the link or token of the next page as text.

        Raise BadAnswer or OutOfTime if it must not be followed.
        """
        if not isinstance(next_page, str):
            raise BadAnswer(f"{self._what}: the link to the next page of the list is not text")
        if next_page in self._visited:
            raise BadAnswer(f"{self._what}: the list never ends, because a page links to an earlier page")
        self._visited.add(next_page)
        if len(self._visited) >= self._limits.list_pages:
            raise BadAnswer(
                f"{self._what}: the list has more than {self._limits.list_pages:g} pages. To allow more, set "
                "TOOLKIT_LIST_PAGES"
            )
        if self._clock() >= self._ends:
            raise OutOfTime(
                f"{self._what}: the list could not be read completely within {self._limits.list_seconds:g} seconds. "
                "To allow more, set TOOLKIT_LIST_SECONDS"
            )
        return next_page
