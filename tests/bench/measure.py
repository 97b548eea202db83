"""Runs a command and writes its duration, its processor time and its peak memory.

This is a small program of its own because Linux counts the memory of the parent process for a command at first.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(result: str, *command: str) -> None:
    """Run the command with the standard input and output of this process."""
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
