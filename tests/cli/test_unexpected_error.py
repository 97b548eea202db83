"""An error that no one expected ends in one sentence and a private trace, never in a traceback."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.door import ask

TOKEN = "Bearer abcdefghijklmnopqrstuvwxyz0123456789"
SECRET = "a-client-secret-of-the-school"
PROGRAM = """
import toolkit.cli
toolkit.cli.__path__.append({folder!r})
toolkit.cli.main(["odd"])
"""
ODD = """
import click

@click.command()
def command():
    local = "value of a local name"
    {body}
"""
CHAINED = f"""
    try:
        {{}}["{TOKEN}"]
    except KeyError as missing:
        raise ValueError("no such person \\x1b[31m\\n{SECRET}") from missing
"""
GROUPED = """
    inside = ExceptionGroup("inside", [OSError(28, "No space left on device", "file")])
    raise BaseExceptionGroup("outside", [inside, GeneratorExit()])
"""
DEEP = """
    def again(): again()
    again()
"""
UNSPEAKABLE = """
    class Silent(Exception):
        def __str__(self): raise RuntimeError("no words")
    raise Silent
"""
ERRORS = {
    CHAINED: ("ValueError", ["builtins.KeyError", "which caused:", "builtins.ValueError", "odd.py:"]),
    GROUPED: ("BaseExceptionGroup", ["BaseExceptionGroup: outside", "ExceptionGroup: inside", "builtins.OSError"]),
    DEEP: ("RecursionError", ["frames left out", "in again"]),
    UNSPEAKABLE: ("Silent", ["Silent: "]),
    "raise MemoryError": ("MemoryError", ["builtins.MemoryError"]),
    "raise OSError(28, 'No space left on device', 'a name')": ("OSError: No space left on device,", ["OSError"]),
    "b'\\xff'.decode()": ("UnicodeDecodeError", ["UnicodeDecodeError"]),
    "'\\ud800'.encode()": ("UnicodeEncodeError", ["UnicodeEncodeError"]),
    "click.echo(b'\\x1b'.decode('odd'))": ("LookupError", ["LookupError"]),
}


def run_odd(folder: Path, body: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that fails in an odd way: commands are found by being there."""
    commands = folder / "commands"
    commands.mkdir(exist_ok=True)
    (commands / "odd.py").write_text(ODD.replace("{body}", body))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")},
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TOOLKIT_STATE": str(folder / "state"),
        "TOOLKIT_MICROSOFT365_CLIENT_SECRET": SECRET,
        "TOOLKIT_TARGET": "emulator",
        **variables,
    }
    program = PROGRAM.format(folder=str(commands))
    words = [sys.executable, "-c", program]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("body", ERRORS)
def test_an_unexpected_error_is_one_sentence_and_a_private_trace(tmp_path: Path, body: str) -> None:
    (tmp_path / "state" / "emulator").mkdir(parents=True)
    kind, lines = ERRORS[body]

    ended = run_odd(tmp_path, body)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"toolkit: unexpected error ({kind} in toolkit/cli/__init__.py, line ")
    assert ended.stderr.count("\n") == 1
    (trace,) = (tmp_path / "state" / "emulator").glob("trace-*.txt")
    assert ended.stderr.endswith(f"with the trace in {trace}\n")
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600
    written = trace.read_text()
    assert all(line in written for line in lines), written
    assert not {sign for sign in written if sign != "\n" and not sign.isprintable()}
    for kept_out in (SECRET, TOKEN, "value of a local name", "raise", str(Path(__file__).parents[2])):
        assert kept_out not in written, written


def test_the_same_error_again_keeps_one_trace(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()

    first, second = run_odd(tmp_path, CHAINED), run_odd(tmp_path, CHAINED)

    assert first.stderr == second.stderr
    assert len(list((tmp_path / "state").glob("trace-*.txt"))) == 1


def test_without_a_state_folder_the_trace_lies_where_it_would_be(tmp_path: Path) -> None:
    ended = run_odd(tmp_path, CHAINED)

    assert [path.parent for path in tmp_path.rglob("trace-*.txt")] == [tmp_path], ended.stderr


def test_a_trace_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    ended = run_odd(tmp_path, CHAINED, TOOLKIT_STATE=str(tmp_path / "missing" / "folder" / "state"))

    assert ended.returncode == 1
    assert re.fullmatch(r"toolkit: unexpected error \(ValueError in .*\. No trace could be written: .*\n", ended.stderr)


def test_settings_that_cannot_be_read_do_not_hide_the_error(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()

    ended = run_odd(tmp_path, CHAINED)

    assert ended.returncode == 1
    assert ended.stderr.startswith("toolkit: unexpected error (ValueError in ")
    assert "Traceback" not in ended.stderr


def test_the_streams_are_left_as_they_were_found(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr

    answered = ask("kinds", "no such kind\x1b")

    assert answered.err.startswith("toolkit: no kind or control is called no such kind\\u001b")
    assert (sys.stdout, sys.stderr) == before


def test_only_the_terminal_module_and_main_print() -> None:
    folder = Path(__file__).parents[2] / "toolkit"
    prints = re.compile(
        r"\b(?:click\.(?:echo|secho|prompt|confirm|pause|getchar|edit)|print|input|getpass\.getpass)\(|\bsys\.std(?:out|err)\.write\("
    )

    found = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if prints.search(path.read_text())}

    assert found == {"cli/__init__.py", "cli/shared/json_output.py", "cli/shared/terminal.py"}
