"""A lone school imports nothing of the workers, whatever is installed."""

import os
import subprocess
import sys

import pytest

from tests.door import Door
from tests.emulated import HANG

_ENGINE = ("procrastinate", "psycopg", "psycopg_pool", "toolkit.workers")


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_a_run_of_a_lone_school_imports_no_worker(door: Door, command: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "toolkit", command, str(door.playbooks)],
        env={**os.environ, **door.variables}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HANG,
        check=False,
    )  # fmt: skip

    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if "|" in line}
    assert ended.returncode in {0, 3}, ended.stderr[-500:]
    assert "toolkit.ledger.gate" in imported
    assert {name for name in imported if name.startswith(_ENGINE)} == set()
