"""Runs the soak tests in named shards of about half an hour at most, and continues after an interruption.

`python -m tests.soak [SHARD...]` runs the named shards, or each shard that has not passed for this commit.
`.soak.json` records the shards that passed. If the working tree has changes, nothing is recorded, because no commit
contains them.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

COLLECTED = pytest.StashKey[list[str]]()
"""The key under which a run of the whole suite stores the names of the soak tests."""

ROOT = Path(__file__).parent.parent
RECORD = ROOT / ".soak.json"
_DEVICES = r"\w*(?:configuration|compliance_policy)-"

SHARDS: Mapping[str, str] = {
    "faults-google": r"faults/test_(?:kinds|empty_lists)\.py::\w+\[google_workspace\.",
    "faults-microsoft": rf"faults/test_(?:kinds|empty_lists)\.py::\w+\[microsoft365\.(?!{_DEVICES})",
    "faults-devices": rf"faults/test_(?:kinds|empty_lists)\.py::\w+\[microsoft365\.{_DEVICES}",
    "edits": r"contract/test_(?:random_edits|edited_plans)",
    "cases": r"contract/test_(?!random_edits|edited_plans)",
    "hostile": r"(?:hostile/|canary/|faults/test_people)",
    "kill": r"kill/",
    "output": r"(?:cli|docs)/",
    "verdicts": r"(?:verdicts|controls)/",
    "story": r"story/",
    "trust": r"trust/",
    "workers": r"workers/",
    "week": r"week/",
    "holds-and-input": r"(?:google_workspace|microsoft365|playbook|board_report|render|ledger|engine|starter)/",
}
"""Each shard's name, and the pattern of its tests' names below tests/."""


def main() -> int:
    """Run shards one after the other, and return 0 if all of them passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("shards", nargs="*", metavar="SHARD", help=f"one of {', '.join(SHARDS)}")
    parser.add_argument("--workers", default="3", help="how many processes run tests at once")
    options = parser.parse_args()
    if unknown := [name for name in options.shards if name not in SHARDS]:
        parser.error(f"there is no shard {', '.join(unknown)}; the shards are {', '.join(SHARDS)}")
    names, commit = collect_soak_tests(), clean_commit()
    shards = options.shards or remaining_shards(commit)
    try:
        passed = [_passes(shard, names, commit, options.workers) for shard in shards]
    except KeyboardInterrupt:
        passed = [False]
    _say(f"left for this commit: {', '.join(remaining_shards(commit)) or 'nothing'}")
    return 0 if all(passed) else 1


def collect_soak_tests() -> Sequence[str]:
    """Return the name of every soak test."""
    command = [sys.executable, "-m", "pytest", "-m", "soak", "--collect-only", "-q"]
    plain = os.environ | {"PYTEST_ADDOPTS": ""}  # with -v the list would be a tree without whole names
    listed = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "::" in line]


def shards_of(name: str) -> Sequence[str]:
    """Return the shards of a test, of which there must be one."""
    return [shard for shard, pattern in SHARDS.items() if re.match(f"tests/{pattern}", name)]


def clean_commit() -> str | None:
    """Return the commit of the working tree; None if the tree has changes."""
    changes = _git("status", "--porcelain")
    return None if changes else _git("rev-parse", "HEAD")


def remaining_shards(commit: str | None, record: Path = RECORD) -> Sequence[str]:
    """Return the shards that have not passed for a commit."""
    passed = _read_record(record).get(commit, []) if commit else []
    return [shard for shard in SHARDS if shard not in passed]


def keep(commit: str | None, shard: str, record: Path = RECORD) -> None:
    """Record that a shard passed for a commit, and drop the records of other commits."""
    if commit:
        passed = [*_read_record(record).get(commit, []), shard]
        record.write_text(json.dumps({commit: sorted(set(passed))}))


def _read_record(record: Path) -> Mapping[str, list[str]]:
    passed: Mapping[str, list[str]] = json.loads(record.read_text()) if record.exists() else {}
    return passed


def _passes(shard: str, names: Sequence[str], commit: str | None, workers: str) -> bool:
    _say(f"soak shard {shard}")
    chosen = [f"{name}\n" for name in names if shard in shards_of(name)]
    if not chosen:  # an empty list would run every test
        _say(f"no test belongs to {shard}")
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(chosen))
        file.flush()
        command = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal", "-m", "soak", f"@{file.name}"]
        passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    if passed and commit == clean_commit():
        keep(commit, shard)
    return passed


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
