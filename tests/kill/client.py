"""Applies playbooks in processes that have imported everything already, each started only when it is told to.

`python -m tests.kill.client PLAYBOOKS` applies once without a yes, which writes nothing and imports what is needed,
and says when it is ready. Then, for each line of JSON, it forks a client, which registers itself with the emulator, and
says its pid; at the next line the client runs; when it has ended, its exit code is said, negative for the signal that
killed it.
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
    """Answer orders until standard input ends."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(out):
        code = _code_of(["apply", playbooks])
    assert code == Exit.REFUSED, out.getvalue()
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(MINUTE)  # a closed connection has told its thread to end, and does not wait for that
    assert threading.active_count() == 1, "a fork takes one thread along; the locks of others would stay locked"
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
