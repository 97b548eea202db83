"""A trust's night on one machine: the program is killed every 20 seconds, and started again until it has ended."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.emulated import HANG, Emulator
from tests.trust.trust_door import TrustDoor, build_trust

TENANTS = int(os.environ.get("TRUST_TENANTS", "40"))
EVERY = 20
"""Seconds between two deaths of the program."""
DEATHS = 500
PEOPLE = {"users": 24, "staff": 14}

pytestmark = [pytest.mark.soak, pytest.mark.timing]


@pytest.fixture
def trust(emulator: Emulator, tmp_path: Path) -> Iterator[TrustDoor]:
    door = build_trust(emulator, tmp_path, [f"school-{number}" for number in range(1, TENANTS + 1)], PEOPLE)
    yield door
    door.close()


@pytest.mark.parametrize("kills_tenants", [False, True], ids=["the program", "the program and its tenants"])
def test_a_night_of_forty_tenants_survives_a_death_every_20_seconds(trust: TrustDoor, *, kills_tenants: bool) -> None:
    deaths = _run_until_it_ends(trust, "apply", "--yes", kills_tenants=kills_tenants)
    deaths += _run_until_it_ends(trust, "drift", kills_tenants=kills_tenants)

    assert deaths, "the program ended before it was killed"
    for name, tenant in trust.tenants.items():
        log = _ask_tenant(trust, name, "audit", "log", "--last", "400")
        ended = Counter(run["command"] for run in log["runs"] if run["exit"] == 0)
        assert ended["apply"] >= 1, name
        assert ended["drift"] == 1 if not kills_tenants else ended["drift"] in (1, 2), (name, ended)
        assert _ask_tenant(trust, name, "audit", "verify")["sound"], name
        writes = Counter(
            (request["method"], request["url"])
            for request in tenant.requests()
            if any(operation["write"] for operation in request["operations"])
        )
        assert {write: count for write, count in writes.items() if count > 1} == {}, name
    results = json.loads(trust("status", "--json").out)["tenants"]
    drifted = [row["tenant"] for row in results if row["command"] == "drift" and row["exit"] == 0]
    assert drifted == list(trust.tenants)


def _run_until_it_ends(trust: TrustDoor, *words: str, kills_tenants: bool) -> int:
    """Run a command, kill it every 20 seconds with or without its tenants' processes, and return the deaths."""
    deaths = 0
    # A tenant whose process dies too begins again, so that it must have the machine to itself to end in time.
    jobs = ("--jobs", "1") if kills_tenants else ()
    command = [sys.executable, "-m", "toolkit", "trust", words[0], str(trust.root), *words[1:], *jobs]
    while deaths < DEATHS:
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            code = started.wait(timeout=EVERY)
        except subprocess.TimeoutExpired:
            deaths += 1
            if kills_tenants:
                os.killpg(started.pid, signal.SIGKILL)
            else:
                started.kill()
            started.wait(timeout=HANG)
            continue
        assert code == 0
        return deaths
    raise AssertionError(f"the command did not end after {deaths} deaths")


def _ask_tenant(trust: TrustDoor, name: str, *words: str) -> Mapping[str, Any]:
    variables = {"TOOLKIT_STATE": str(trust.state / "tenants" / name)}
    ended = subprocess.run(
        [sys.executable, "-m", "toolkit", *words, "--json"], cwd=trust.root, env={**os.environ, **variables},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG, check=False,
    )  # fmt: skip
    answer: Mapping[str, Any] = json.loads(ended.stdout)
    return answer
