"""Lets requests pass: in turn with all runs that share a service's limit, and writes only during the run's lease."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from toolkit.errors import LedgerUnreachable
from toolkit.ledger.ledger import Ledger

MOST = 20
"""How many turns are taken together at most, so that few requests need a question to the database."""

_IS_SHARED = text("SELECT 1 FROM pg_namespace WHERE nspname = 'toolkit_shared' AND has_schema_privilege(oid, 'USAGE')")
_TAKE = text("SELECT toolkit_shared.take_turns(:service, :turns, :sent, :throttled)")


@dataclass(slots=True)
class _Turns:
    """The remaining turns of a service, the turns that the next question takes, and the counts to report."""

    remaining: int = 0
    next: int = 1
    requests: int = 0
    refusals: int = 0
    is_limited: bool = True
    begin: float = 0.0  # when the remaining turns begin, by the gate's clock


class LedgerGate:
    """The gate of a run whose ledger is in a database of `toolkit worker migrate`. Any other ledger limits no service.

    If the database does not respond, the run goes on without sharing limits.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._sleep = sleep
        self._clock = clock
        self._services: dict[str, _Turns] = {}
        self._asking = Lock()
        self._is_shared: bool | None = False if ledger.engine.dialect.name == "sqlite" else None

    def check_write(self) -> None:
        """Raise LedgerError if the run's lease may have ended."""
        self._ledger.check_lease()

    def wait_for_turn(self, service: str, requests: int) -> None:
        """Wait until a service may get some more requests, from all runs together."""
        if self._is_shared is False:
            return
        with self._asking:
            turns = self._services.setdefault(service, _Turns())
            while turns.is_limited and turns.remaining < requests:
                turns.next = min(max(turns.next, requests - turns.remaining), MOST)
                turns.begin = self._clock() + self._take(service, turns, turns.next)
                turns.remaining, turns.next = turns.remaining + turns.next, turns.next * 2
            turns.remaining -= requests
            turns.requests += requests
            wait = turns.begin - self._clock()
        if wait > 0:
            self._sleep(wait)

    def count_throttled(self, service: str) -> None:
        """Count a request that a service refused because there were too many."""
        if self._is_shared:
            with self._asking:
                self._services.setdefault(service, _Turns()).refusals += 1

    def close(self) -> None:
        """Report the requests that are not reported yet."""
        with self._asking:
            for service, turns in self._services.items():
                if self._is_shared and (turns.requests or turns.refusals):
                    self._take(service, turns, 0)

    def _take(self, service: str, turns: _Turns, number: int) -> float:
        """Take turns of a service, and return the seconds to wait for them."""
        row = {"service": service, "turns": number, "sent": turns.requests, "throttled": turns.refusals}
        try:
            with self._ledger.engine.begin() as connection:
                if self._is_shared is None:
                    self._is_shared = connection.execute(_IS_SHARED).first() is not None
                wait = connection.execute(_TAKE, row).scalar_one() if self._is_shared else None
        except (SQLAlchemyError, LedgerUnreachable):
            self._is_shared, wait = False, None
        turns.is_limited = wait is not None
        turns.requests = turns.refusals = 0
        return float(wait or 0.0)


@contextmanager
def open_gate(ledger: Ledger) -> Iterator[LedgerGate]:
    """Open the gate of a run. At the end it reports the run's requests."""
    gate = LedgerGate(ledger)
    try:
        yield gate
    finally:
        gate.close()
