"""Faults that a test arms for one tenant, and the client processes that a fault may kill."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path

from connectors.emulator.serving import SETTLES
from connectors.emulator.store import Body, Store
from tests.extended_emulator.hostile import SORTS, is_sort
from tests.extended_emulator.snapshots import SnapshotStore

BATCH = "$batch"  # the operation name with which a fault hits a whole batch


class FaultKind(StrEnum):
    """The way in which a call fails. With `after`, the call takes effect and then fails."""

    THROTTLED = "throttled"
    THROTTLED_AFTER = "throttled_after"
    UNAVAILABLE = "unavailable"
    UNAVAILABLE_AFTER = "unavailable_after"
    DROPPED = "dropped"
    DROPPED_AFTER = "dropped_after"
    TRUNCATED = "truncated"
    SLOW = "slow"
    HELD = "held"  # the response is sent after the faults are disarmed
    STALE = "stale"
    EXPIRED_TOKEN = "expired_token"
    REFUSED = "refused"
    REJECTED = "rejected"  # with a status and a reason of the service
    REJECTED_AFTER = "rejected_after"
    HOSTILE = "hostile"  # the whole HTTP response is malformed, as hostile.py defines for the reason
    KILL = "kill"
    KILL_AFTER = "kill_after"

    @property
    def before(self) -> bool:
        """Return whether the call ends before it takes effect."""
        return self in (
            FaultKind.THROTTLED, FaultKind.UNAVAILABLE, FaultKind.DROPPED, FaultKind.EXPIRED_TOKEN,
            FaultKind.REFUSED, FaultKind.REJECTED, FaultKind.KILL,
        )  # fmt: skip


@dataclass(slots=True)
class Fault:
    """One armed fault. It hits the nth call that matches, and with `times` also the calls after it."""

    operation: str  # a pattern for the operation's name: New-TransportRule, GET /users*, *
    fault: FaultKind
    nth: int = 1
    times: int = 1
    seconds: float | None = None  # Retry-After, or how long reads stay stale
    status: int = 503
    reason: str = ""  # rejected: a code of the service, such as quotaExceeded. hostile: the sort of hostility
    milliseconds: int = 0
    pid: int = 0
    reads: int | None = None  # stale: how many reads return the old state, in place of `seconds`
    id: int = 0
    matches: int = 0

    def __post_init__(self) -> None:
        self.fault = FaultKind(self.fault)
        named = self.fault in (FaultKind.REJECTED, FaultKind.REJECTED_AFTER, FaultKind.HOSTILE)
        if self.fault is FaultKind.HOSTILE and not is_sort(self.reason):
            raise ValueError(f"a hostile answer is one of: {', '.join(SORTS)}")
        if named != bool(self.reason):
            raise ValueError("a rejected call needs a reason, and no other fault has one")
        if not named and self.status not in (500, 502, 503, 504):
            raise ValueError(f"status {self.status} is none of 500, 502, 503, 504")

    def meets(self, operation: str) -> bool:
        """Count a call that matches, and return whether the fault hits it."""
        if not fnmatchcase(operation, self.operation):
            return False
        self.matches += 1
        return self.nth <= self.matches < self.nth + self.times


@dataclass(slots=True)
class _Stale:
    service: str
    before: Store
    until: float
    reads: int | None

    def live(self) -> bool:
        return self.reads > 0 if self.reads is not None else time.monotonic() < self.until


@dataclass(slots=True)
class _Armed:
    faults: list[Fault] = field(default_factory=list)
    stale: list[_Stale] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)


class Faults:
    """The armed faults of every tenant."""

    def __init__(self) -> None:
        self.processes = Processes()
        self._tenants: dict[str, _Armed] = {}
        self._ids = count(1)

    def arm(self, tenant: str, options: Body) -> Fault:
        """Arm a fault from a request to the control plane. Raise ValueError for unknown values."""
        _check(options)
        fault = Fault(**options, id=next(self._ids))  # type: ignore[arg-type]  # checked by name and type above
        if fault.fault in (FaultKind.KILL, FaultKind.KILL_AFTER):
            self.processes.check(fault.pid)
        self._state(tenant).faults.append(fault)
        return fault

    def list_faults(self, tenant: str) -> Sequence[dict[str, object]]:
        return [asdict(fault) for fault in self._state(tenant).faults]

    def disarm(self, tenant: str) -> None:
        if armed := self._tenants.pop(tenant, None):
            armed.released.set()
            for stale in armed.stale:
                stale.before.close()

    async def release(self, tenant: str) -> None:
        """Wait until the faults of a tenant are disarmed."""
        await self._state(tenant).released.wait()

    def meet(self, tenant: str, operation: str) -> tuple[Fault | None, Fault | None]:
        """Return the fault that hits a call, and the fault that delays its effect on reads.

        Every armed fault counts the call.
        """
        hits = [fault for fault in self._state(tenant).faults if fault.meets(operation)]
        stale = next((fault for fault in hits if fault.fault is FaultKind.STALE), None)
        return next((fault for fault in hits if fault is not stale), stale), stale

    def meet_batch(self, tenant: str) -> Fault | None:
        """Return the fault that hits a batch as a whole. A fault for * hits only the parts of a batch."""
        hits = [fault for fault in self._state(tenant).faults if fault.operation == BATCH and fault.meets(BATCH)]
        return hits[0] if hits else None

    def keep_before(self, tenant: str, service: str, fault: Fault, store: Store) -> None:
        """Store the state before a write, for reads of the same service that must not see the write yet."""
        until = time.monotonic() + (fault.seconds if fault.seconds is not None else SETTLES)
        assert isinstance(store, SnapshotStore)
        self._state(tenant).stale.append(_Stale(service, store.copy(tenant), until, fault.reads))

    def seen_by_read(self, tenant: str, service: str, store: Store) -> Store:
        """Return the store for a read: the oldest state that reads still see, or the present state."""
        armed = self._state(tenant)
        for ended in [stale for stale in armed.stale if not stale.live()]:
            armed.stale.remove(ended)
            ended.before.close()
        seen = next((stale for stale in armed.stale if stale.service == service), None)
        if seen is None:
            return store
        if seen.reads is not None:
            seen.reads -= 1
        return seen.before

    def _state(self, tenant: str) -> _Armed:
        return self._tenants.setdefault(tenant, _Armed())


def _check(options: Body) -> None:
    words = {"operation", "fault", "reason"}
    numbers = {parameter.name for parameter in fields(Fault)} - {"id", "matches"} - words
    unknown = sorted(set(options) - numbers - words)
    odd = sorted(name for name in numbers & set(options) if not isinstance(options[name], int | float))
    named = all(isinstance(options.get(name, ""), str) for name in words) and {"operation", "fault"} <= set(options)
    problems = [
        *(f"a fault has no {name}" for name in unknown),
        *(f"{name} must be a number" for name in odd),
        *(
            []
            if named
            else ["a fault needs an operation, which is a pattern, and the name of a fault. A reason is a word"]
        ),
    ]
    if problems:
        raise ValueError("; ".join(problems))


class Processes:
    """Registered processes by pid, with their start times, so that a reused pid counts as another process."""

    def __init__(self) -> None:
        self._started: dict[int, str] = {}

    def register(self, pid: object) -> int:
        """Register a running process of this user and return its pid.

        Raise ValueError with the reason if it is refused.
        """
        if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 1 or pid == os.getpid():
            raise ValueError(f"pid must be the number of a client's process, not {pid!r}")
        self._started[pid] = _start_time(pid)
        return pid

    def check(self, pid: int) -> None:
        """Raise ValueError if a process is not registered."""
        if pid not in self._started:
            raise ValueError(
                f"process {pid} is not registered. It must register itself with POST /_emulator/clients before a fault"
                " may kill it"
            )

    def kill(self, pid: int) -> None:
        """Kill a registered process, as a power cut would. A process that has ended is ignored."""
        self.check(pid)
        with suppress(ValueError, ProcessLookupError):
            if _start_time(pid) == self._started[pid]:
                _end(pid)


def _end(pid: int) -> None:
    """Kill a process immediately, which SIGTERM does on Windows."""
    os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _start_time(pid: int) -> str:
    """Return when a process of this user started, as the kernel writes it; "" on a system without /proc."""
    if sys.platform == "win32":  # here os.kill(pid, 0) would interrupt the process
        return ""
    try:
        os.kill(pid, 0)
        if not Path("/proc/self/stat").exists():
            return ""
        owner = Path(f"/proc/{pid}").stat().st_uid
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except PermissionError as error:
        raise ValueError(f"process {pid} belongs to another user") from error
    except (OSError, OverflowError) as error:
        raise ValueError(f"there is no process {pid}") from error
    if owner != os.geteuid():
        raise ValueError(f"process {pid} belongs to another user")
    return fields[19]
