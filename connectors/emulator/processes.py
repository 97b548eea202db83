"""Client processes that registered themselves: the only ones that a fault may kill."""

import os
import signal
from contextlib import suppress
from pathlib import Path


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
                os.kill(pid, signal.SIGKILL)


def _start_time(pid: int) -> str:
    """Return when a process of this user started, in the kernel's own words; "" on a system without /proc."""
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
