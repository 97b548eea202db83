"""Holding calls apart where a service bears only so many in a time."""

import time
from collections.abc import Callable
from threading import Lock


class Pace:
    """Lets one call pass every `seconds`."""

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
        """Wait for a turn."""
        if not self._seconds:
            return
        with self._choosing:
            turn = max(self._next, self._clock())
            self._next = turn + self._seconds
        if (left := turn - self._clock()) > 0:
            self._sleep(left)
