"""A night of many tenants with two workers and their failures, and a bare loop of the same processes."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from tests.emulated import HANG
from tests.postgres import PostgresServer
from tests.workers.workers_door import WorkersDoor
from toolkit.trust.load import load_trust
from toolkit.trust.run_tenants import TenantJob, open_clock
from toolkit.trust.session import TrustSession

AT_ONCE = 2
"""Tenants that a worker runs at the same time."""
_PAUSE, _BETWEEN_LOOKS = Event(), 0.5  # seconds, which a busy machine may exceed
_LEFT = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'run' AND status IN ('todo', 'doing')"


@dataclass
class Worker:
    """A worker of a queue, which a test kills, freezes and starts again."""

    door: WorkersDoor
    queue: str
    process: subprocess.Popen[bytes] | None = None
    frozen: bool = False

    def start(self) -> None:
        """Start the worker, unless it runs."""
        if self.process is None or self.process.poll() is not None:
            words = ("worker", "--queue", self.queue, "--jobs", str(AT_ONCE), "--nightly", "00:00")
            self.process = subprocess.Popen(
                self.door.command(*words), cwd=self.door.trust.root, env=self.door.environment(self.queue),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill the worker as a machine that loses its power. The processes of its tenants go on."""
        assert self.process
        self.process.kill()
        self.process.wait(HANG)

    def freeze(self) -> None:
        """Let the worker stand still."""
        assert self.process
        self.frozen = True
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the worker go on."""
        assert self.process
        self.frozen = False
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Stop the worker, after its runs have ended."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(HANG)


@dataclass
class Troubles:
    """The failures of a night, by the seconds since it began."""

    server: PostgresServer
    kills_every: float = 20
    kills_for: float = 300
    freezes: tuple[float, float] = (30, 90)
    restarts: float = 50
    kills: int = 0
    events: list[str] = field(default_factory=list)

    def meet(self, seconds: float, workers: Sequence[Worker]) -> None:
        """Cause the failures that are due."""
        first, second = workers
        if "froze" not in self.events and seconds >= self.freezes[0]:
            second.freeze()
            self.events.append("froze")
        if second.frozen and seconds >= self.freezes[1]:
            second.thaw()
            self.events.append("thawed")
        if "restarted" not in self.events and seconds >= self.restarts:
            self.server.stop()
            self.server.start()
            self.events.append("restarted")
        if seconds <= self.kills_for and seconds >= (self.kills + 1) * self.kills_every:
            self.kills += 1
            killed = second if self.kills % 2 == 0 and not second.frozen else first
            killed.kill()


@contextmanager
def two_workers(door: WorkersDoor, queue: str) -> Iterator[Sequence[Worker]]:
    """Start two workers of a queue, and stop them at the end."""
    workers = [Worker(door, queue), Worker(door, queue)]
    try:
        for worker in workers:
            worker.start()
        yield workers
    finally:
        for worker in workers:
            if worker.frozen:
                worker.thaw()
            worker.stop()


def run_night(door: WorkersDoor, queue: str, meet: Callable[[float, Sequence[Worker]], None] | None = None) -> float:
    """Let two workers run all jobs of a queue, and start them again if they have ended. Return the seconds."""
    began = time.monotonic()
    with two_workers(door, queue) as workers:
        while door.ask(_LEFT)[0][0]:
            _PAUSE.wait(_BETWEEN_LOOKS)
            if meet:
                meet(time.monotonic() - began, workers)
            for worker in workers:
                worker.start()
        return time.monotonic() - began


def run_bare_loop(door: WorkersDoor, *words: str) -> float:
    """Start the same processes as two workers do, without them. Return the seconds."""
    trust = load_trust(door.trust.root)
    session = TrustSession(trust=trust, state=door.trust.state, environment={**door.environment()})
    ready, _ = session.find_ready(trust.tenants, words[0])

    def run(job: TenantJob) -> int:
        return subprocess.run(
            job.command, cwd=job.tenant.root, env=job.tenant.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=HANG, check=False,
        ).returncode  # fmt: skip

    with open_clock(trust, session.state, ready), ThreadPoolExecutor(2 * AT_ONCE) as pool:
        command, *options = words
        jobs = [TenantJob(tenant, (command, str(tenant.root), *options), tenant.schools) for tenant in ready]
        began = time.monotonic()
        codes = set(pool.map(run, jobs))
        seconds = time.monotonic() - began
    assert codes <= {0, 3}, codes
    return seconds
