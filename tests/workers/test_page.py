"""docs/workers.md, followed word for word on a clean database, with passwords that the server checks."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, commands, flat
from tests.emulated import HANG, running
from tests.postgres import PostgresServer, own_server
from tests.workers.workers_door import ask_database

PAGE = "docs/workers.md"
_FILE = re.compile(r"^`(trust/[^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PASSWORD = "practice"
_END = "-- end of the command --"


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """Start a server that asks each role for its password, and yield the environment of a shell that uses it."""
    with own_server(port=_free_port()) as server:
        ask_database(server.url, f"CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '{_PASSWORD}'")
        _ask_for_passwords(server)
        path = os.pathsep.join([str(Path(sys.executable).parent), str(server.programs), os.environ["PATH"]])
        yield {
            **os.environ,
            "PATH": path,
            "PGHOST": "localhost",
            "PGPORT": str(server.port),
            "PGUSER": "postgres",
            "PGPASSWORD": _PASSWORD,
            "TOOLKIT_STATE": str(tmp_path / "state"),
        }


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _ask_for_passwords(server: PostgresServer) -> None:
    (server.directory / "data" / "pg_hba.conf").write_text(
        "local all toolkit trust\nhost all all samehost scram-sha-256\n"
    )
    ask_database(server.url, "SELECT pg_reload_conf()")


def test_the_page_is_followed_word_for_word(tmp_path: Path, environment: Mapping[str, str]) -> None:
    folder = tmp_path / "here"
    for name, text in _FILE.findall((ROOT / PAGE).read_text(encoding="utf-8")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    followed = [command for block in blocks(PAGE) if not block.why for command in commands(block)]

    with running(tmp_path / "state" / "emulator", "--name", "Harbour Learning Trust", "--domain", "harbour.example"):
        outputs = _run_in_one_shell(folder, environment, [command.words for command in followed])

    missing = [
        (command.words, piece, output)
        for command, output in zip(followed, outputs, strict=True)
        for piece in command.pieces
        if piece not in flat(output)
    ]
    assert missing == []


def _run_in_one_shell(folder: Path, environment: Mapping[str, str], words: list[str]) -> list[str]:
    """Run commands one after the other in one shell, and return what each has printed."""
    script = "".join(f"{command}\necho '{_END}'\n" for command in words)
    ended = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=HANG, check=False,
    )  # fmt: skip
    return ended.stdout.split(f"{_END}\n")[:-1]
