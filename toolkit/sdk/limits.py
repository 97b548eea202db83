"""Limits of reading: how long an answer, a list and a run may take, and how large an answer may be."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from threading import Lock

from toolkit.errors import OutOfTime, UsageError

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is allowed for reading; each field is set by the TOOLKIT_ variable in its metadata."""

    answer_seconds: float = field(default=120.0, metadata={"variable": "TOOLKIT_ANSWER_SECONDS"})
    list_seconds: float = field(default=1800.0, metadata={"variable": "TOOLKIT_LIST_SECONDS"})
    run_seconds: float = field(default=14400.0, metadata={"variable": "TOOLKIT_RUN_SECONDS"})
    list_pages: float = field(default=10_000.0, metadata={"variable": "TOOLKIT_LIST_PAGES"})
    answer_megabytes: float = field(default=64.0, metadata={"variable": "TOOLKIT_ANSWER_MEGABYTES"})
    unpacked_megabytes: float = field(default=256.0, metadata={"variable": "TOOLKIT_UNPACKED_MEGABYTES"})

    @property
    def answer_bytes(self) -> int:
        return int(self.answer_megabytes * _MEGABYTE)

    @property
    def unpacked_bytes(self) -> int:
        return int(self.unpacked_megabytes * _MEGABYTE)


def read_limits(variables: Mapping[str, str]) -> Limits:
    """Return the limits that the variables set; UsageError for a value that is not a number above zero."""
    found: dict[str, float] = {}
    for limit in fields(Limits):
        variable = str(limit.metadata["variable"])
        if written := variables.get(variable):
            found[limit.name] = _number(variable, written)
    return Limits(**found)


def _number(variable: str, written: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not number > 0 or math.isinf(number):
        raise UsageError(f"{variable} is {written!r}; it must be a number above zero")
    return number


class RunDeadline:
    """The time after which a run reads nothing more and starts no write; None is no deadline.

    A write that has begun goes on, with the reads that belong to it.
    """

    def __init__(self, seconds: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ends = math.inf if seconds is None else clock() + seconds
        self._writes = 0
        self._counting = Lock()

    @property
    def left(self) -> float:
        """Return how many seconds are left for reading; no end while a write is under way."""
        return math.inf if self._writes else self._ends - self._clock()

    def check(self, what: str) -> None:
        """Raise OutOfTime where a read may not start any more."""
        if self.left <= 0:
            raise OutOfTime(f"{what}: not read: {self._reason()}")

    def check_write(self, what: str) -> None:
        """Raise OutOfTime where a write may not start any more."""
        if self._clock() >= self._ends:
            raise OutOfTime(f"{what}: not started: {self._reason()}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let a write that has begun go on to its end, with the reads that belong to it."""
        with self._counting:
            self._writes += 1
        try:
            yield
        finally:
            with self._counting:
                self._writes -= 1

    def _reason(self) -> str:
        return f"the run reached its limit of {self._seconds:g} seconds. To allow more, set TOOLKIT_RUN_SECONDS"
