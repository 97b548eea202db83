"""End a run that still uses the processor long after its time limit."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from toolkit.errors import OverTime
from toolkit.sdk.limits import RunDeadline

GRACE = 5
"""Ticks that a run may still use the processor after its limit, to report its results."""
_TICK = 5.0  # seconds of the processor


@contextmanager
def watch_processor(deadline: RunDeadline, *, interval_seconds: float = _TICK) -> Iterator[None]:
    """Raise OverTime if the block still uses the processor long after the deadline of the run.

    A write is not interrupted. Time spent waiting does not count, because each wait has its own limit. Nothing is
    watched on Windows, which cannot measure processor time in this way, or outside the main thread.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    over = 0

    def check_deadline(_signal: int, _frame: FrameType | None) -> None:
        nonlocal over
        if deadline.seconds_left > 0:
            return
        over += 1
        if over > GRACE:
            signal.setitimer(signal.ITIMER_PROF, 0)
            raise OverTime(deadline.reason)

    before = signal.signal(signal.SIGPROF, check_deadline)
    signal.setitimer(signal.ITIMER_PROF, interval_seconds, interval_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
