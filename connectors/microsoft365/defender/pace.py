"""Holding calls apart where Defender bears only so many a minute."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Pace:
    """Lets one call pass every `seconds`; with none of them, every call at once."""

    seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _next: float = 0.0
    _choosing: Lock = field(default_factory=Lock)

    def wait(self) -> None:
        """Wait for a turn."""
        with self._choosing:
            turn = max(self._next, self.clock())
            self._next = turn + self.seconds
        if (left := turn - self.clock()) > 0:
            self.sleep(left)
