"""Applies playbooks in forked processes that have imported everything already.

`python -m tests.kill.client PLAYBOOKS` applies once without confirmation, which writes nothing and imports all
modules, and prints `ready`. Then, for each line of JSON, it forks a client that registers itself with the emulator,
and prints its pid. The client runs after the next line. When it has ended, its exit code is printed, or the negative
number of the signal that killed it.
"""

import json
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NoReturn

from tests.kill.death import die_at
from tests.registered import register
from toolkit.cli import main
from toolkit.errors import Exit

MINUTE = 60.0


def serve(playbooks: str) -> None:
    """Fork and run clients until standard input ends."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(out):
        code = _code_of(["apply", playbooks])
    assert code == Exit.REFUSED, out.getvalue()
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(MINUTE)  # a closed connection has ended its thread but does not wait for it
    assert threading.active_count() == 1, "another thread is running, whose locks would stay locked after a fork"
    _answer("ready")
    while line := sys.stdin.readline():
        go, tell = os.pipe()
        registered, say = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(tell)
            register(Path(os.environ["TOOLKIT_STATE"]))
            os.close(say)
            _be_client(go, **json.loads(line))
        os.close(go)
        os.close(say)
        os.read(registered, 1)  # ends when the client closes it
        os.close(registered)
        _answer(pid)
        sys.stdin.readline()
        os.close(tell)
        _, status = os.waitpid(pid, 0)
        _answer(os.waitstatus_to_exitcode(status))


def _answer(what: object) -> None:
    print(what, flush=True)  # noqa: T201 - a program that answers on standard output


def _be_client(go: int, arguments: Sequence[str], output: str, entry: int = 0, moment: str = "") -> NoReturn:
    os.read(go, 1)  # ends when the other side closes it
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    silence = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((silence, 0), (file, 1), (file, 2)):
        os.dup2(old, new)
    if moment:
        die_at(entry, moment)
    code = _code_of(arguments)
    sys.stdout.flush()
    os._exit(code)


def _code_of(arguments: Sequence[str]) -> int:
    try:
        main(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
