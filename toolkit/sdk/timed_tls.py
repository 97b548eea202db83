"""TLS connections with a time limit for the complete response, however slowly it arrives."""

import math
import ssl
import time
from typing import Any


class AnswerClock:
    """The time limit for the next response on a connection, which serves one request at a time."""

    def __init__(self) -> None:
        self._ends = math.inf

    def start(self, seconds: float) -> None:
        """Start the time limit for a response."""
        self._ends = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return self._ends - time.monotonic()

    @property
    def has_passed(self) -> bool:
        return self.seconds_left <= 0


class TimedSocket(ssl.SSLSocket):
    """A TLS socket that stops when the time for the complete response has passed, even if bytes still arrive."""

    def recv_into(self, *arguments: Any, **more: Any) -> int:
        self._shorten_timeout()
        return super().recv_into(*arguments, **more)

    def recv(self, *arguments: Any, **more: Any) -> bytes:
        self._shorten_timeout()
        return super().recv(*arguments, **more)

    def _shorten_timeout(self) -> None:
        clock: AnswerClock | None = getattr(self.context, "answer_clock", None)
        if clock is None or math.isinf(clock.seconds_left):
            return
        if clock.has_passed:
            raise TimeoutError("the response took longer than its time limit")
        waits = self.gettimeout()
        self.settimeout(clock.seconds_left if waits is None else min(max(clock.seconds_left, 0.001), waits))


def with_response_time_limit(context: ssl.SSLContext, clock: AnswerClock) -> ssl.SSLContext:
    """Return the TLS context, with a time limit for responses on all its connections."""
    context.sslsocket_class = TimedSocket
    context.answer_clock = clock  # type: ignore[attr-defined]  # a context takes attributes, its sockets know it
    return context
