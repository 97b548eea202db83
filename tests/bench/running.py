"""Runs a measured command, and counts what it asked of a tenant."""

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
"""Milliseconds that the emulator takes for each answer while something is measured."""

_MEASURE = Path(__file__).parent / "measure.py"


@dataclass(frozen=True)
class Measured:
    """How a command ended, and what it took."""

    exit: int
    seconds: float
    megabytes: float
    out: str
    processor: float  # seconds: what else the computer does lengthens them little


@dataclass(frozen=True)
class Asked:
    """What a command asked of a tenant, sign-in left out."""

    requests: int
    rounds: int  # of requests that cannot have waited for each other
    writes: Sequence[str]  # the names of the operations that write, in order


def measure(*command: str, says: str = "", variables: Mapping[str, str] | None = None) -> Measured:
    """Run a command on its own and measure it."""
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
    return Measured(measured["exit"], measured["seconds"], measured["megabytes"], said, measured["processor"])


def toolkit(door: Door, *words: str, says: str = "", **variables: str) -> tuple[Measured, Asked]:
    """Run a command of ours in a process of its own, with latency."""
    before = door.tenant.last_request()
    door.tenant.control("PUT", "/latency", {"milliseconds": LATENCY})
    arguments = [sys.executable, "-m", "toolkit", *words]
    measured = measure(*arguments, says=says, variables={**door.variables, **variables})
    door.tenant.control("PUT", "/latency", {"milliseconds": 0})
    return measured, asked_since(door, before)


def toolkit_here(door: Door, *words: str, says: str = "", **variables: str) -> tuple[Measured, Asked]:
    """Run a command of ours in this process, without latency: only what it asked of the tenant counts."""
    before, started = door.tenant.last_request(), time.perf_counter()
    answered = door(*words, says=says, **variables)
    seconds = time.perf_counter() - started
    measured = Measured(answered.exit, seconds, 0, answered.out + answered.err, 0)
    return measured, asked_since(door, before)


def one_by_one(asked: Asked) -> tuple[float, str]:
    """Return what the same requests take when each waits for the one before."""
    seconds = asked.requests * LATENCY / 1000
    return seconds, f"one request after the other, {seconds:.1f} s"


def asked_since(door: Door, before: int) -> Asked:
    """Count what was asked of a tenant after a request."""
    return _asked(door.tenant.requests(before))


def plain(door: Door, paths: Sequence[str], cmdlets: Sequence[str]) -> Measured:
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


def _asked(requests: Sequence[Mapping[str, Any]]) -> Asked:
    counted = [request for request in requests if request["service"] not in SIGN_IN]
    writes = [one["name"] for request in counted for one in request["operations"] if one["write"]]
    return Asked(len(counted), _rounds([datetime.fromisoformat(request["at"]) for request in counted]), writes)


def _rounds(arrivals: Sequence[datetime]) -> int:
    """Count waves: what arrives before the first of a wave can have been answered does not wait for it."""
    rounds, answered = 0, None
    for arrival in sorted(arrivals):
        if answered is None or arrival >= answered:
            rounds, answered = rounds + 1, arrival + timedelta(milliseconds=LATENCY)
    return rounds
