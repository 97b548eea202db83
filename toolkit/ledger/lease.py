"""The lease, which lets only one run at a time write to a school. It ends if the process dies."""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from toolkit.errors import LeaseHeld, LedgerError, LedgerUnreachable
from toolkit.ledger.database import open_read_transaction, open_write_transaction
from toolkit.ledger.ledger import Ledger, check_no_lease
from toolkit.ledger.tables import LEASE
from toolkit.ledger.unreachable import moment
from toolkit.records import dataclass

_ENDED = frozenset({"Z", "X"})  # ended and not yet fetched by its parent


@dataclass(frozen=True, slots=True)
class Process:
    """A process, identified by number and, if the system reports it, start time, because numbers are reused."""

    host: str
    machine: str  # equal only if pids have the same meaning, in the same boot and container
    pid: int
    started: str


def current_process() -> Process:
    """Return the current process."""
    pid = os.getpid()
    return Process(socket.gethostname(), _machine_id(), pid, _read_process_stat(pid)[1])


def is_dead(process: Process) -> bool:
    """Return whether a process has certainly ended. Always False for a process on another machine."""
    if process.machine != _machine_id() or sys.platform == "win32":  # on Windows os.kill(pid, 0) would interrupt it
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    state, started = _read_process_stat(process.pid)
    return state in _ENDED or started != process.started


def _machine_id() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _read_process_stat(pid: int) -> tuple[str, str]:
    """Return a process's state and start time (clock ticks since boot), or two empty strings if the system has no
    /proc.
    """
    try:
        written = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", ""
    fields = written.rpartition(")")[2].split()  # the name before it may have any characters
    return fields[0], fields[19]


LASTS = 300
"""Seconds until the lease of a lost machine ends. Clocks of two machines must differ by less."""

RENEWED = LASTS / 5
"""Seconds between two renewals."""

SPARE = 30
"""Seconds that a lease must still last when a change is sent, because the change takes a while to arrive."""


def seconds_since_boot() -> float:
    """Return a clock that no one can set. On Linux, it goes on while the computer sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


class Lease:
    """A lock that a run holds while it writes: `with Lease(ledger, run=...):`. A background thread renews the lease,
    timed by the system's clock. While the run has the lease, the ledger waits for an unreachable database. If
    another run takes the lease, the ledger refuses further steps of the first run.

    A process may stand still between a step and its request, for example on a virtual machine that is moved. `check`
    is called right before each request that writes.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        run: str,
        clock: Callable[[], float] = time.time,
        process: Process | None = None,
        every: float = RENEWED,
        elapsed: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._clock = clock
        self._process = process or current_process()
        self._every = every
        self._elapsed = elapsed
        self._expires = 0
        self._until = 0.0  # by a clock that no one can set
        self._ended = Event()
        self._renewing = Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> Self:
        """Take the lease. Raise LeaseHeld, with the name of the holder, if another run has the lease."""
        self._ledger.make()
        with open_write_transaction(self._ledger.engine) as connection:
            holder = connection.execute(select(LEASE)).mappings().one_or_none()
            if holder and not _has_ended(holder, self._clock):
                raise LeaseHeld(_lease_held_text(holder))
            self._take(connection)
        self._ledger.check_lease = self.check
        self._ledger.patience.clock = self._clock
        self._ledger.patience.ends = lambda: self._expires
        self._renewing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lease, unless another run has taken it. The end of an interrupted run is recorded first."""
        self._ended.set()
        interrupted = error if isinstance(error, KeyboardInterrupt) else None
        if interrupted:
            self._ledger.patience.ends = lambda: 0.0  # it waits for nothing
            self._ledger.interrupt(interrupted)
        else:
            self._renewing.join()
        try:
            with open_write_transaction(self._ledger.engine) as connection:
                connection.execute(delete(LEASE).where(LEASE.c.run == self._run))
        except LedgerUnreachable as away:
            if interrupted:
                interrupted.add_note(str(away))
                return
            raise LedgerUnreachable(
                f"{away}. This run waited until its own lease ended at {moment(self._expires)}. The next run checks"
                " the steps that this run began"
            ) from error or away
        finally:
            self._ledger.patience.ends = lambda: 0.0
            self._ledger.check_lease = check_no_lease

    def check(self) -> None:
        """Raise LedgerError if the lease may have ended, so that nothing more is sent."""
        if self._clock() >= self._expires - SPARE or self._elapsed() >= self._until - SPARE:
            raise LedgerError(
                f"run {self._run} stood still for so long that another run may have begun, so nothing more is sent. "
                "The next run checks the changes that this run began"
            )

    def renew(self) -> None:
        """Extend the lease. Raise LedgerError if another run has taken it."""
        now, until = int(self._clock()), self._elapsed() + LASTS
        with open_write_transaction(self._ledger.engine) as connection:
            moved = update(LEASE).where(LEASE.c.run == self._run).values(renewed=now, expires=now + LASTS)
            if connection.execute(moved).rowcount != 1:
                raise LedgerError(f"run {self._run} lost the lease of this school, so nothing more is sent")
        self._expires, self._until = now + LASTS, until

    def _take(self, connection: Connection) -> None:
        now, process = int(self._clock()), self._process
        self._expires, self._until = now + LASTS, self._elapsed() + LASTS
        connection.execute(delete(LEASE))
        taken = insert(LEASE).values(
            id=1,
            run=self._run,
            host=process.host,
            machine=process.machine,
            pid=process.pid,
            process=process.started,
            taken=now,
            renewed=now,
            expires=now + LASTS,
        )
        connection.execute(taken)

    def _renew(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self.renew()
            except LedgerError:
                # The database may return before the lease ends. If the lease is lost, the ledger reports it.
                continue


def lease_holder(ledger: Ledger) -> str:
    """Return a description of the run that holds the lease, or "" if no running process holds the lease."""
    with open_read_transaction(ledger.engine) as connection:
        holder = connection.execute(select(LEASE)).mappings().one_or_none()
    return str(holder["run"]) if holder and not _has_ended(holder, time.time) else ""


def _has_ended(holder: RowMapping, clock: Callable[[], float]) -> bool:
    process = Process(holder["host"], holder["machine"], holder["pid"], holder["process"])
    return bool(holder["expires"] <= clock()) or is_dead(process)


def _lease_held_text(holder: RowMapping) -> str:
    return (
        f"another run (pid {holder['pid']} on {holder['host']}, since {moment(holder['taken'])}) is writing to this"
        f" school. Wait until it has ended. If that machine is gone, its lease ends at {moment(holder['expires'])}"
    )
