"""Runs a measured command, and counts its requests to a tenant."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.plain import Errand
from tests.door import SAMPLES, Door
from tests.emulated import SIGN_IN

LATENCY = 100
"""Milliseconds before each response of the emulator during a measurement."""

_MEASURE = Path(__file__).parent / "measure.py"


@dataclass(frozen=True)
class Measurement:
    """The exit code of a command, and its cost."""

    exit: int
    seconds: float
    megabytes: float
    out: str
    processor: float  # seconds of processor time, which other programs on the computer hardly change


@dataclass(frozen=True)
class RequestCounts:
    """The requests of a command to a tenant, without sign-in."""

    requests: int
    rounds: int  # groups of requests that did not wait for each other
    writes: Sequence[str]  # the names of the operations that write, in order


def measure(*command: str, says: str = "", variables: Mapping[str, str] | None = None) -> Measurement:
    """Run a command in its own process and measure it."""
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    with TemporaryDirectory() as directory:
        result = Path(directory) / "measured.json"
        ended = subprocess.run(
            [sys.executable, "-S", "-E", str(_MEASURE), str(result), *command],
            input=says,
            capture_output=True,
            text=True,
            check=True,
            cwd=SAMPLES.parent,
            env={**theirs, **(variables or {})},
        )
        measured = json.loads(result.read_text(encoding="utf-8"))
    said = ended.stdout + ended.stderr
    return Measurement(measured["exit"], measured["seconds"], measured["megabytes"], said, measured["processor"])


def toolkit(door: Door, *words: str, says: str = "", **variables: str) -> tuple[Measurement, RequestCounts]:
    """Run a toolkit command in its own process, with latency."""
    before = door.tenant.last_request()
    door.tenant.control("PUT", "/latency", {"milliseconds": LATENCY})
    arguments = [sys.executable, "-m", "toolkit", *words]
    measured = measure(*arguments, says=says, variables={**door.variables, **variables})
    door.tenant.control("PUT", "/latency", {"milliseconds": 0})
    return measured, count_requests(door, before)


def toolkit_here(door: Door, *words: str, says: str = "", **variables: str) -> tuple[Measurement, RequestCounts]:
    """Run a toolkit command in this process, without latency, to count only its requests."""
    before, started = door.tenant.last_request(), time.perf_counter()
    answered = door(*words, says=says, **variables)
    seconds = time.perf_counter() - started
    measured = Measurement(answered.exit, seconds, 0, answered.out + answered.err, 0)
    return measured, count_requests(door, before)


def one_by_one(counts: RequestCounts) -> tuple[float, str]:
    """Return the time of the same requests if each waits for the previous response."""
    seconds = counts.requests * LATENCY / 1000
    return seconds, f"one request after the other, {seconds:.1f} s"


def count_requests(door: Door, before: int) -> RequestCounts:
    """Count the requests to a tenant after a request."""
    return _count_requests(door.tenant.requests(before))


def plain(door: Door, paths: Sequence[str], cmdlets: Sequence[str]) -> Measurement:
    """Run the plain client for the same reads, with the same latency."""
    tenant = door.tenant
    errand = Errand(
        tenant.emulator.url,
        tenant.emulator.ca_file,
        tenant.tenant_id,
        **tenant.applications["reader"],
        paths=paths,
        cmdlets=cmdlets,
    )
    tenant.control("PUT", "/latency", {"milliseconds": LATENCY})
    measured = measure(sys.executable, "-m", "tests.bench.plain", says=f"{errand.line}\n")
    tenant.control("PUT", "/latency", {"milliseconds": 0})
    assert measured.exit == 0, measured.out
    return measured


def _count_requests(requests: Sequence[Mapping[str, Any]]) -> RequestCounts:
    counted = [request for request in requests if request["service"] not in SIGN_IN]
    writes = [operation["name"] for request in counted for operation in request["operations"] if operation["write"]]
    return RequestCounts(len(counted), _rounds([datetime.fromisoformat(request["at"]) for request in counted]), writes)


def _rounds(arrivals: Sequence[datetime]) -> int:
    """Count the waves of requests. A request belongs to a wave if it arrives before the wave's first response."""
    rounds, answered = 0, None
    for arrival in sorted(arrivals):
        if answered is None or arrival >= answered:
            rounds, answered = rounds + 1, arrival + timedelta(milliseconds=LATENCY)
    return rounds
