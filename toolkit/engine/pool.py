"""Threads for calls that run at once; an interrupted run waits for none of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def threads(most: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads, and wait for their calls at the end unless the run is interrupted: then nothing more is begun."""
    pool, waits = ThreadPoolExecutor(max_workers=most), True
    try:
        yield pool
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=not waits)
