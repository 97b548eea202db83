"""What goes wrong on demand: faults that a test arms for one tenant, and the client processes a fault may kill."""

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

BATCH = "$batch"  # the operation that a fault names to meet a batch as a whole


class FaultKind(StrEnum):
    """How a call goes wrong; `after` means that it took effect all the same."""

    THROTTLED = "throttled"
    THROTTLED_AFTER = "throttled_after"
    UNAVAILABLE = "unavailable"
    UNAVAILABLE_AFTER = "unavailable_after"
    DROPPED = "dropped"
    DROPPED_AFTER = "dropped_after"
    TRUNCATED = "truncated"
    SLOW = "slow"
    HELD = "held"  # the answer leaves once the faults are disarmed
    STALE = "stale"
    EXPIRED_TOKEN = "expired_token"
    REFUSED = "refused"
    REJECTED = "rejected"  # with a status and a reason of the service's own
    REJECTED_AFTER = "rejected_after"
    HOSTILE = "hostile"  # the whole answer over HTTP, as hostile.py has it for the reason
    KILL = "kill"
    KILL_AFTER = "kill_after"

    @property
    def before(self) -> bool:
        """Say whether the call ends before it takes effect."""
        return self in (
            FaultKind.THROTTLED, FaultKind.UNAVAILABLE, FaultKind.DROPPED, FaultKind.EXPIRED_TOKEN,
            FaultKind.REFUSED, FaultKind.REJECTED, FaultKind.KILL,
        )  # fmt: skip


@dataclass(slots=True)
class Fault:
    """One armed fault; it hits the nth call that matches and, `times` in a row, those after it."""

    operation: str  # a pattern on the operation's name: New-TransportRule, GET /users*, *
    fault: FaultKind
    nth: int = 1
    times: int = 1
    seconds: float | None = None  # Retry-After, or how long reads stay stale
    status: int = 503
    reason: str = ""  # rejected: a code of the service's own, such as quotaExceeded; hostile: the sort of hostility
    milliseconds: int = 0
    pid: int = 0
    reads: int | None = None  # stale: how many reads see the old state, instead of for how long
    id: int = 0
    seen: int = 0

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
        """Count a call where it matches, and say whether this is one to hit."""
        if not fnmatchcase(operation, self.operation):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


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

    def arm(self, tenant: str, wanted: Body) -> Fault:
        """Arm a fault as the control plane describes it; ValueError names what it does not know."""
        _check(wanted)
        fault = Fault(**wanted, id=next(self._ids))  # type: ignore[arg-type]  # checked by name and type above
        if fault.fault in (FaultKind.KILL, FaultKind.KILL_AFTER):
            self.processes.check(fault.pid)
        self._armed(tenant).faults.append(fault)
        return fault

    def listed(self, tenant: str) -> Sequence[dict[str, object]]:
        return [asdict(fault) for fault in self._armed(tenant).faults]

    def disarm(self, tenant: str) -> None:
        if armed := self._tenants.pop(tenant, None):
            armed.released.set()
            for stale in armed.stale:
                stale.before.close()

    async def release(self, tenant: str) -> None:
        """Wait until the faults of a tenant are disarmed."""
        await self._armed(tenant).released.wait()

    def meet(self, tenant: str, operation: str) -> tuple[Fault | None, Fault | None]:
        """Find the fault that a call meets, and one by which reads lag behind it; every armed fault counts the call."""
        hits = [fault for fault in self._armed(tenant).faults if fault.meets(operation)]
        stale = next((fault for fault in hits if fault.fault is FaultKind.STALE), None)
        return next((fault for fault in hits if fault is not stale), stale), stale

    def meet_batch(self, tenant: str) -> Fault | None:
        """Find the fault that a batch meets as a whole: only one that is armed for batches, since * means its parts."""
        hits = [fault for fault in self._armed(tenant).faults if fault.operation == BATCH and fault.meets(BATCH)]
        return hits[0] if hits else None

    def keep_before(self, tenant: str, service: str, fault: Fault, store: Store) -> None:
        """Keep the state before a write, for the reads of the same service that are to lag behind it."""
        until = time.monotonic() + (fault.seconds if fault.seconds is not None else SETTLES)
        assert isinstance(store, SnapshotStore)
        self._armed(tenant).stale.append(_Stale(service, store.copy(tenant), until, fault.reads))

    def seen_by_read(self, tenant: str, service: str, store: Store) -> Store:
        """Choose what a read sees: the oldest state that it still lags behind with, else the present."""
        armed = self._armed(tenant)
        for ended in [one for one in armed.stale if not one.live()]:
            armed.stale.remove(ended)
            ended.before.close()
        seen = next((one for one in armed.stale if one.service == service), None)
        if seen is None:
            return store
        if seen.reads is not None:
            seen.reads -= 1
        return seen.before

    def _armed(self, tenant: str) -> _Armed:
        return self._tenants.setdefault(tenant, _Armed())


def _check(wanted: Body) -> None:
    words = {"operation", "fault", "reason"}
    numbers = {known.name for known in fields(Fault)} - {"id", "seen"} - words
    unknown = sorted(set(wanted) - numbers - words)
    odd = sorted(name for name in numbers & set(wanted) if not isinstance(wanted[name], int | float))
    named = all(isinstance(wanted.get(name, ""), str) for name in words) and {"operation", "fault"} <= set(wanted)
    problems = [
        *(f"a fault has no {name}" for name in unknown),
        *(f"{name} must be a number" for name in odd),
        *(
            []
            if named
            else ["a fault needs an operation, which is a pattern, and the name of a fault; a reason is a word"]
        ),
    ]
    if problems:
        raise ValueError("; ".join(problems))


class Processes:
    """Registered processes by pid, each with its start time, so that a reused pid is another process."""

    def __init__(self) -> None:
        self._started: dict[int, str] = {}

    def register(self, pid: object) -> int:
        """Register a running process of this user and return its pid; ValueError says why it is refused."""
        if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 1 or pid == os.getpid():
            raise ValueError(f"pid must be the number of a client's process, not {pid!r}")
        self._started[pid] = _start_time(pid)
        return pid

    def check(self, pid: int) -> None:
        """Raise ValueError where a process is not registered."""
        if pid not in self._started:
            raise ValueError(
                f"process {pid} is not registered: it must register itself with POST /_emulator/clients before a fault"
                " may kill it"
            )

    def kill(self, pid: int) -> None:
        """End a registered process as a power cut would; a process that has ended already is left alone."""
        self.check(pid)
        with suppress(ValueError, ProcessLookupError):
            if _start_time(pid) == self._started[pid]:
                _end(pid)


def _end(pid: int) -> None:
    """End a process at once; on Windows SIGTERM does that."""
    os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _start_time(pid: int) -> str:
    """Return when a process of this user started, in the kernel's own words; "" on a system without /proc."""
    if sys.platform == "win32":  # where os.kill(pid, 0) would interrupt it
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
