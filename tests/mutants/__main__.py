"""`python -m tests.mutants`: put each fault into a copy of the project and run the tests that must notice it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from tests.mutants.mutant import REPOSITORY, Mutant, mutants

_COPIES = 2
_PASSED, _FAILED = 0, 1
"""Exit codes of pytest. Any other exit code means that the tests did not run."""


def main(words: Sequence[str]) -> int:
    """Run the mutants whose fault contains one of the words, or all. Return 1 unless tests kill every mutant."""
    chosen = [mutant for mutant in mutants() if not words or any(word in mutant.fault for word in words)]
    if not chosen:
        print(f"no mutant has {' or '.join(words)} in its fault: tests/mutants/mutants.yaml lists them")  # noqa: T201
        return 2
    with TemporaryDirectory() as directory:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(_COPIES):
            copies.put(copy_project(Path(directory) / str(number)))
        first = copies.get()
        if _run_tests(first, sorted({test for mutant in chosen for test in mutant.tests})) != _PASSED:
            print("the tests fail without any fault. Repair them first")  # noqa: T201 - its answer
            return 1
        copies.put(first)
        with ThreadPoolExecutor(_COPIES) as pool:
            ends = list(pool.map(lambda mutant: _tell(mutant, _try(mutant, copies)), chosen))
    print(f"{ends.count(_FAILED)} of {len(ends)} mutants killed")  # noqa: T201
    return int(set(ends) != {_FAILED})


def copy_project(root: Path) -> Path:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target, follow_symlinks=False)
    return root


def _try(mutant: Mutant, copies: "SimpleQueue[Path]") -> int:
    copy = copies.get()
    file = copy / mutant.file
    try:
        file.write_text(mutant.mutate(file.read_text()))
        return _run_tests(copy, mutant.tests)
    finally:
        shutil.copy2(REPOSITORY / mutant.file, file)
        copies.put(copy)


def _run_tests(copy: Path, tests: Iterable[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    variables = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=variables, check=False, capture_output=True).returncode


def _tell(mutant: Mutant, end: int) -> int:
    word = {_FAILED: "killed", _PASSED: "SURVIVED"}.get(end, f"DID NOT RUN (pytest ended with {end})")
    print(f"{word:9} {mutant.fault}", flush=True)  # noqa: T201
    return end


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
