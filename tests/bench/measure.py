"""Runs a command and writes down how long it took, of that on the processor, and its most memory.

A program of its own, and a small one: what Linux counts for a command begins with the memory of what started it.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(result: str, *command: str) -> None:
    """Run the command with our own standard input and output."""
    started = time.perf_counter()
    with subprocess.Popen(command) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    megabytes, processor = used.ru_maxrss / 1024, used.ru_utime + used.ru_stime
    measured = {"exit": process.returncode, "seconds": seconds, "megabytes": megabytes, "processor": processor}
    Path(result).write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
