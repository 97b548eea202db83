"""Which process this is, so that another one on the same machine can tell whether it still lives."""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

_ENDED = frozenset({"Z", "X"})  # ended and not yet fetched by its parent


@dataclass(frozen=True, slots=True)
class Process:
    """A process, told apart from a later one of the same number where the system says when it started."""

    host: str
    machine: str  # the same only where a pid means the same process: one boot, one container
    pid: int
    started: str


def this_process() -> Process:
    """Describe ourselves."""
    pid = os.getpid()
    return Process(socket.gethostname(), _machine(), pid, _stat(pid)[1])


def is_dead(process: Process) -> bool:
    """Say that a process has ended for certain; of another machine's nothing is certain."""
    if process.machine != _machine() or sys.platform == "win32":  # on Windows os.kill(pid, 0) would interrupt it
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    state, started = _stat(process.pid)
    return state in _ENDED or started != process.started


def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _stat(pid: int) -> tuple[str, str]:
    """Read state and start time (clock ticks since boot) of a process; empty where the system has no /proc."""
    try:
        written = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", ""
    fields = written.rpartition(")")[2].split()  # the name before it may hold anything
    return fields[0], fields[19]
