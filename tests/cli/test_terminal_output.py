"""On a terminal the only control sequences are ours: colours, the progress line and the question stay."""

import io
import os
import re
import select
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.door import Door
from tests.hostile_names import HOSTILE, RULES
from tests.pseudo_terminal import open_pseudo_terminal
from tests.schools import with_people
from toolkit.cli.shared.terminal import ask_yes

pytestmark = with_people(users=24, staff=10)

OURS = re.compile(r"\x1b\[(?:[0-9;]*m|2K|1A|\?25[lh])|\r\n?")
"""Colours, and what the progress line needs: erase it, move up to it, hide and show the cursor, start it again."""
PROMISED_BY_THE_PROGRESS_LINE = ("\x1b[?25l", "\x1b[?25h")
MESSENGER = """
import sys
from pathlib import Path
import toolkit.cli
from toolkit.cli import main
toolkit.cli.__path__.append({folder!r})
main(["speaks"])
"""
SPEAKS = """
import sys, warnings, logging, click
from toolkit.cli.shared.terminal import ask_text, ask_yes, remark, show, talking
from toolkit.render.line import Line, Tone
TEXT = {text!r}

@click.command()
def command():
    with talking() as talk:
        talk(TEXT)
        click.echo(TEXT, err=True)
        print(TEXT, file=sys.stderr)
        warnings.warn(TEXT)
        logging.getLogger("somewhere").warning("%s", TEXT)
        with talk.pause():
            show([Line(TEXT, tone) for tone in Tone])
            remark(TEXT)
            ask_yes(TEXT)
            ask_text(TEXT)
    raise ValueError(TEXT)
"""


@pytest.fixture
def speaks(tmp_path: Path) -> Path:
    """Add a command that says a hostile text in every way there is: commands are found by being there."""
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "speaks.py").write_text(SPEAKS.format(text=HOSTILE))
    program = tmp_path / "program.py"
    program.write_text(MESSENGER.format(folder=str(folder)))
    return program


def at_a_terminal(words: list[str], *, says: str, cwd: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    """Run a program on a terminal of its own, answer its questions, and return its exit code and all it wrote."""
    ours, theirs = open_pseudo_terminal()
    os.write(ours, says.encode())
    terminal = {"TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2])}
    environment = {**os.environ, "PAGER": "", **variables, **terminal}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=environment) as process:
        os.close(theirs)
        written = b"".join(_chunks(ours))
    os.close(ours)
    return process.returncode, written.decode()


def _chunks(terminal: int) -> Iterator[bytes]:
    while True:
        select.select([terminal], [], [])
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            return
        if not chunk:
            return
        yield chunk


def foreign(text: str) -> set[str]:
    """Return the control and format characters that are none of ours."""
    rest = OURS.sub("", text)
    return {sign for sign in rest if sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}


def test_every_way_of_saying_something_is_behind_the_gate_on_a_terminal(speaks: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-W", "always", str(speaks)]

    code, written = at_a_terminal(words, says="y\nword\n", cwd=tmp_path, variables={"TOOLKIT_STATE": str(tmp_path)})

    assert code == 1
    assert foreign(written) == set(), written
    assert "\x1b[32m\\u001b[31mred" in written  # our colour, around what a terminal would have obeyed
    assert "\x1b[31mred" not in written
    assert all(sequence in written for sequence in PROMISED_BY_THE_PROGRESS_LINE)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_every_way_of_saying_something_is_behind_the_gate_in_a_pipe(
    speaks: Path, tmp_path: Path, encoding: str
) -> None:
    environment = {
        **os.environ,
        "TOOLKIT_STATE": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONIOENCODING": encoding,
    }

    ended = subprocess.run(
        [sys.executable, "-W", "always", str(speaks)],
        input=b"word\n",
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )

    assert ended.returncode == 1
    for text in (ended.stdout.decode(encoding), ended.stderr.decode(encoding)):
        assert {sign for sign in text if sign != "\n" and not sign.isprintable()} == set()
        assert "\\u001b[31mred" in text
    assert b"Traceback" not in ended.stderr


RULE = """  - microsoft365.transport_rule: Rule {}
    sent_to: [office@example-primary.example]
    prepend_subject: office
"""


def test_an_apply_with_a_hostile_name_keeps_its_question_and_counts_its_changes(bare_door: Door) -> None:
    door = bare_door
    door.write("10-rules.yaml", "playbook: rules\ntitle: Rules\nresources:\n" + "".join(map(RULE.format, "ab")))
    key, rule = next(iter(door.tenant.objects(RULES).items()))
    door.tenant.put(RULES, f"{key[:-4]}beef", {**rule, "Name": HOSTILE, "Guid": f"{key[:-4]}beef"})
    words = [sys.executable, "-m", "toolkit", "apply", "-v", str(door.playbooks)]

    code, written = at_a_terminal(words, says="y\n", cwd=door.playbooks.parent, variables=door.variables)

    assert code == 0, written
    assert foreign(written) == set(), written
    assert "\\u001b[31mred" in written
    assert "Write this to the emulated tenants? [y/N]" in written
    assert "\x1b[32m" in written
    assert all(sequence in written for sequence in PROMISED_BY_THE_PROGRESS_LINE)
    assert re.search(r"\d:\d\d  [12] of 2: microsoft365\.transport_rule\[Rule ", written), written
    assert " of 2: " not in written.rpartition("\x1b[2K")[2]  # it vanishes


@pytest.mark.soak
def test_no_to_the_question_writes_nothing(bare_door: Door) -> None:
    bare_door.write("10-rules.yaml", "playbook: rules\ntitle: Rules\nresources:\n" + RULE.format("a"))
    words = [sys.executable, "-m", "toolkit", "apply", str(bare_door.playbooks)]
    before = bare_door.tenant.objects(RULES)

    code, written = at_a_terminal(words, says="n\n", cwd=bare_door.playbooks.parent, variables=bare_door.variables)

    assert (code, bare_door.tenant.objects(RULES)) == (5, before), written
    assert "Not applied: nothing was written" in written


@pytest.mark.parametrize(
    ("command", "columns", "beside"),
    [
        pytest.param("plan", 80, 22, marks=pytest.mark.soak),
        pytest.param("plan", 120, 18, marks=pytest.mark.soak),
        pytest.param("check", 80, 51, marks=pytest.mark.soak),
        ("check", 120, 48),
    ],
)
def test_a_first_look_is_wrapped_to_the_terminal_and_short(door: Door, command: str, columns: int, beside: int) -> None:
    words = [sys.executable, "-m", "toolkit", command, "playbooks"]
    variables = {**door.variables, "COLUMNS": str(columns)}

    code, written = at_a_terminal(words, says="", cwd=door.playbooks.parent, variables=variables)

    lines = _printed(written)
    assert code == 3, written
    assert lines[0].startswith("Example Primary School (")
    listed, others = _control_lines(lines[lines.index("Needs attention:") :])  # above it are the paths of this test
    assert len(others) <= beside, others
    of_one_control = 2 if columns > 100 else 3
    assert len(listed) <= of_one_control * len([line for line in listed if not line.startswith("    ")])
    assert [line for line in lines if len(line) > columns and " " in line.strip()] == []
    assert any(line.startswith("    ") for line in lines)  # what follows the first line of a long one hangs
    whole = " ".join(line.strip() for line in lines)
    assert "-v names each" in whole or "-v shows each." in whole


def _control_lines(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Part the list that has an entry for each control, as far as the next blank line, from everything else."""
    begin = next(n for n, line in enumerate(lines) if line.startswith(("Changes by control", "Not confirmed yet")))
    end = lines.index("", begin)
    return lines[begin + 1 : end], [*lines[: begin + 1], *lines[end:]]


def _printed(written: str) -> list[str]:
    return OURS.sub("", written.rpartition("\x1b[2K")[2].replace("\r\n", "\n")).splitlines()


@pytest.mark.soak
def test_the_first_five_commands_of_a_new_school_print_150_lines_at_most(small_door: Door, tmp_path: Path) -> None:
    door = small_door
    answers = [
        "Example Primary School",
        "primary",
        "England",
        "emulated",
        "example-primary.example",
        "staff=all-staff@example-primary.example, staff=/Staff",
        "breakglass@example-primary.example",
        "the school",
        "Head Teacher",
        "IT support, 01632 960555",
        "MIS",
        "Autumn term 2026-09-03 to 2026-12-18, Spring term 2027-01-05 to 2027-03-25",
    ]
    variables = {**door.variables, "COLUMNS": "80"}
    school = tmp_path / "school" / "playbooks" / "00-school.yaml"

    def type_at_a_terminal(*words: str, says: str = "") -> tuple[int, list[str]]:
        program = [sys.executable, "-m", "toolkit", *words]
        code, written = at_a_terminal(program, says=says, cwd=tmp_path, variables=variables)
        return code, _printed(written)

    codes, printed = [], []
    for command in ("init", "validate", "doctor", "plan", "check"):
        says = "\n".join([*answers, ""]) if command == "init" else ""
        code, lines = type_at_a_terminal(command, "school" if command == "init" else "school/playbooks", says=says)
        codes.append(code)
        printed += lines
        if command == "init":
            bound = school.read_text().replace("tenant_id: emulated", f"tenant_id: {door.tenant.tenant_id}")
            school.write_text(bound.replace("customer_id: emulated", f"customer_id: {door.tenant.customer_id}"))

    assert codes == [0, 0, 0, 0, 3], "\n".join(printed)  # the emulated school has leavers whose accounts are open
    assert len(printed) <= 150, "\n".join(printed)


class _InterruptedFlush(io.StringIO):
    """A stream on which Ctrl-C is pressed while it is flushed."""

    def flush(self) -> None:
        signal.raise_signal(signal.SIGINT)


class _Typed(io.StringIO):
    """An answer that is typed on a terminal."""

    def isatty(self) -> bool:
        return True


def test_ctrl_c_while_a_question_appears_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _InterruptedFlush())
    monkeypatch.setattr(sys, "stdin", _Typed("y\n"))

    with pytest.raises(KeyboardInterrupt):
        ask_yes("Write?")
