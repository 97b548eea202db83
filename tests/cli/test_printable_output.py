"""Whatever a tenant, a service, a file name or an argument holds, only printable text leaves the program."""

import csv
import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from shutil import rmtree

import pytest

from tests.cli.test_help_is_light import EVERY
from tests.door import Checkpoint, CommandResult, Door, open_door
from tests.emulated import FEW_PEOPLE, Emulator
from tests.hostile_names import HOSTILE, OURS, WRITTEN, MarkedSchool, marked_school, plain
from toolkit.cli.shared.printable_stream import printable_output
from toolkit.printable import printable

RULE = f"microsoft365.transport_rule[{OURS}]"
COMMANDS: Mapping[str, Sequence[Sequence[str]]] = {
    "plan": [["playbooks"], ["playbooks", "--only", "MARK"]],
    "drift": [["playbooks"]],
    "check": [["playbooks"], ["playbooks", "-v"], ["playbooks", "--csv"], ["playbooks", "--provider", "MARK"]],
    "why": [[RULE], ["microsoft365.transport_rule[MARK]"], ["MARK"]],
    "policy": [
        ["playbooks"],
        ["draft", "MARK.docx", "--playbooks", "playbooks"],
        ["review", "--playbooks", "playbooks"],
    ],
    "rollover": [["playbooks"]],
    "doctor": [["playbooks", "-v"], ["playbooks"]],
    "permissions": [["playbooks"]],
    "validate": [["playbooks"], ["MARK.yaml"], ["FOLDER/bad"]],
    "audit": [
        ["log"],
        ["log", "--address", RULE],
        ["log", "--address", "microsoft365.transport_rule[MARK]"],
        ["log", "--run", "MARK"],
        ["verify"],
        ["verify", "MARK"],
        ["extract", "playbooks", "--school", "MARK"],
        ["export", "playbooks", "-o", "reports MARK", "--format", "csv"],
        ["MARK"],
    ],
    "import": [["MARK", "-o", "imported"]],
    "init": [["FOLDER/new", "--name", "MARK", "--domains", "a.b"], ["MARK", "--demo"]],
    "hold": [
        ["list"],
        ["place", "MARKMARKMARK", "--person", "somebody@example-primary.example"],
        ["place", "A", "--person", "MARK"],
        ["release", "MARK"],
        ["search", "MARK", "--terms", "MARK"],
        ["export", "MARK", "--search", "MARK"],
    ],
    "checklist": [
        ["done", "MARK/MARK", "--by", "Head", "--playbooks", "playbooks"],
        ["start", "MARK", "--playbooks", "playbooks"],
        ["status", "MARK", "--playbooks", "playbooks"],
        ["stop", "MARK", "--by", "Head", "--playbooks", "playbooks"],
        ["list", "--playbooks", "playbooks"],
    ],
    "custody": [
        ["list"],
        ["verify", "--from", "FOLDER"],
        ["add", "MARK", "FOLDER/playbooks/00-school.yaml", "--media", "A"],
        ["hand-over", "MARK", "1", "--to", "A", "--by", "A"],
        ["return", "MARK", "1", "--by", "A"],
        ["destroy", "MARK", "1", "--by", "A", "--how", "A"],
        ["bag", "MARK", "FOLDER/bag"],
        ["opened", "MARK"],
    ],
    "device": [
        ["check"],
        ["lost", "MARK", "--yes"],
        ["found", "MARK"],
        ["wipe-form", "MARK"],
    ],
    "approve": [["MARK.plan"]],
    "account": [["MARK@example-primary.example", "playbooks", "--why", "support"], ["MARK", "--why", "support"]],
    "message": [["--from", "MARK", "--to", "office@example-primary.example"], ["--eml", "MARK.eml"]],
    "compare": [["playbooks", "playbooks"], ["MARK", "playbooks"], ["MARK", "MARK"]],
    "trust": [
        ["status", "MARK"],
        ["plan", "MARK"],
        ["leave-plan", "MARK"],
        ["report", "MARK"],
        ["freeze", "MARK", "--until", "2026-12-01", "--reason", "MARK"],
    ],
    "worker": [["--queue", "MARK"], ["migrate", "--trust", "MARK"]],
    "accept": [["MARK", "--reason", "MARK", "--until", "2026-12-01", "--by", "Head"]],
    "retention": [["start", "MARK"]],
    "rollback": [["MARK"]],
    "notify": [["test", "playbooks", "MARK"]],
    "schedule": [["cron", "playbooks", "--user", "/ MARK"], ["systemd", "playbooks", "--user", "/ MARK"]],
    "schema": [[], ["-o", "no MARK/schema.json"], ["MARK"]],
    "settings": [[], ["allow", "MARK"], ["MARK"]],
    "state": [["backup", "MARK.zip"], ["restore", "MARK"], ["adopt", "MARK"], ["adopt", f"{RULE}MARK"]],
    "kinds": [[], ["MARK"], ["microsoft365.transport_rule"]],
    "apps": [[], ["MARK"], ["--MARK"]],
    "emulator": [["serve", "--port", "MARK"], ["MARK"]],
    "due": [["playbooks", "--yes"]],
    "dpo-pack": [["playbooks", "-o", "pack MARK"], ["playbooks", "-o", "pack", "--MARK"]],
    "forget": [["playbooks", "--before", "2026-01-01", "--by", "MARK"], ["playbooks", "--before", "MARK", "--by", "A"]],
    "report": [
        ["release", "MARK.json", "playbooks", "--by", "Head", "-o", "out"],
        ["respond", "MARK.json", "MARK", "playbooks", "--response", "MARK", "--lead", "Head", "--accept-risk"],
    ],
    "look": [["--cloud", "MARK"], ["-o", "playbooks"]],
    "withdraw": [["playbooks", "--only", RULE], ["no MARK"]],
    "apply": [["playbooks"], ["playbooks", "--MARK"], ["playbooks", "--yes", "--only", RULE]],
}
"""Each command with an answer that shows something from outside, or an argument; `apply` comes last: it writes."""
CASES = [(command, *words) for command, runs in COMMANDS.items() for words in runs]
SOAKED = {"apply", "due", "policy", "retention", "rollover", "withdraw"}
"""Their first answers show plans and findings, as plan, drift and check do."""
ONCE = [
    pytest.param((command, *runs[0]), marks=pytest.mark.soak if command in SOAKED else [])
    for command, runs in COMMANDS.items()
]
"""Each command once, in this process; `make soak` runs all of them as processes of their own, beside plain names."""
KEPT = {"39-mail-rules.yaml", "40-web-and-chat.yaml", "64-access.yaml"}
"""Sample playbooks that the suite asks every command about; the soak asks about all."""
LEFT_OUT = 2
"""Lines with which an import says which rule it left out, because a playbook cannot name it."""
FORGED = "! overdue"
"""The line that a hostile name would add."""


OWN_WORDS = "shows only what this installation holds, and its command line"
NOTHING_FOREIGN: Mapping[tuple[str, ...], str] = {
    ("kinds",): OWN_WORDS,
    ("kinds", "microsoft365.transport_rule"): OWN_WORDS,
    ("apps",): OWN_WORDS,
    ("schema",): OWN_WORDS,
    ("settings",): "shows the school's folder and variables, which have plain names here",
    ("checklist", "list", "--playbooks", "playbooks"): "shows toolkit's own checklists, and the school has none",
    ("audit", "log"): "counts what each run did; --address and --run name objects",
    ("audit", "verify"): "shows numbers of entries and digests",
    ("init", "FOLDER/new", "--name", "MARK", "--domains", "a.b"): "an answer that is refused is not repeated",
    ("device", "check"): "no device is recorded as lost",
    ("hold", "list"): "the register is empty",
    (
        "hold",
        "place",
        "MARKMARKMARK",
        "--person",
        "somebody@example-primary.example",
    ): "a name that is refused is not repeated",
    ("device", "lost", "MARK", "--yes"): "a serial that is none is not repeated",
    ("device", "found", "MARK"): "a serial that is none is not repeated",
    ("device", "wipe-form", "MARK"): "a serial that is none is not repeated",
    ("custody", "list"): "the register is empty",
    (
        "custody",
        "add",
        "MARK",
        "FOLDER/playbooks/00-school.yaml",
        "--media",
        "A",
    ): "a case that is not there is not repeated",
    ("custody", "verify", "--from", "FOLDER"): "the register is empty",
    ("custody", "hand-over", "MARK", "1", "--to", "A", "--by", "A"): "a case that is not there is not repeated",
    ("custody", "return", "MARK", "1", "--by", "A"): "a case that is not there is not repeated",
    ("custody", "destroy", "MARK", "1", "--by", "A", "--how", "A"): "a case that is not there is not repeated",
    ("custody", "bag", "MARK", "FOLDER/bag"): "a case that is not there is not repeated",
    ("custody", "opened", "MARK"): "a case that is not there is not repeated",
    ("hold", "release", "MARK"): "a case that is not there is not repeated",
    ("hold", "search", "MARK", "--terms", "MARK"): "a case that is not there is not repeated",
    ("hold", "export", "MARK", "--search", "MARK"): "a case that is not there is not repeated",
    ("hold", "place", "A", "--person", "MARK"): "an address that is refused is not repeated",
}


@pytest.fixture(scope="module")
def hostile_samples(applied_samples: Checkpoint) -> MarkedSchool:
    """Open a school with hostile names and all sample playbooks."""
    return _opened(applied_samples.restore(), HOSTILE, WRITTEN)


@pytest.fixture(scope="module")
def hostile_school(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarkedSchool]:
    """Open a school with hostile names and some of the sample playbooks."""
    door = open_door(emulator.open_tenant(**FEW_PEOPLE), tmp_path_factory.mktemp("school"), samples=True)
    for path in door.playbooks.glob("[1-8]*.yaml"):
        if path.name not in KEPT:
            path.unlink()
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    yield _opened(door, HOSTILE, WRITTEN)
    door.tenant.close()


@pytest.fixture
def hostile(hostile_school: MarkedSchool) -> MarkedSchool:
    """Take the school with hostile names, into which nothing has been imported yet."""
    rmtree(hostile_school.folder / "imported", ignore_errors=True)
    return hostile_school


@pytest.fixture(scope="module")
def usual(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarkedSchool]:
    """Open the same school with plain names."""
    door = open_door(emulator.borrow_tenant(**FEW_PEOPLE), tmp_path_factory.mktemp("school"), samples=True)
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    yield _opened(door, plain(HOSTILE), plain(WRITTEN))
    door.tenant.close()


def _opened(door: Door, mark: str, written: str) -> MarkedSchool:
    school = marked_school(door, mark, written)
    bad = school.folder / "bad"
    bad.mkdir()
    (bad / school.words(["MARK.yaml"])[0]).write_text("playbook: [\n")
    return school


def hidden(text: str) -> set[str]:
    """Return the control and format characters of a text but its newlines."""
    return {sign for sign in text if sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}


def shape(answered: CommandResult) -> tuple[int, int, int]:
    """Return the exit code and the numbers of lines."""
    return answered.exit, answered.out.count("\n"), answered.err.count("\n")


def test_every_command_is_asked_here() -> None:
    assert set(COMMANDS) == {command[0] for command in EVERY}


@pytest.mark.parametrize("arguments", ONCE, ids=" ".join)
def test_hostile_names_forge_no_line_and_add_no_hidden_character(
    hostile: MarkedSchool, arguments: tuple[str, ...]
) -> None:
    _assert_printable(hostile.ask(*arguments), arguments)


@pytest.mark.soak
@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_hostile_names_change_the_number_of_no_lines_in_a_pipe(
    hostile_samples: MarkedSchool, usual: MarkedSchool, arguments: tuple[str, ...]
) -> None:
    rmtree(hostile_samples.folder / "imported", ignore_errors=True)
    answered, plainly = hostile_samples.run(*arguments), usual.ask(*arguments)

    _assert_printable(answered, arguments)
    code, out, err = shape(plainly)
    more = LEFT_OUT if arguments[:2] == ("import", "microsoft365") else 0
    assert shape(answered) == (code, out + more, err), f"{answered}\n{plainly}"


def _assert_printable(answered: CommandResult, arguments: tuple[str, ...]) -> None:
    both = answered.out + answered.err
    assert hidden(answered.out) == set(), answered.out
    assert hidden(answered.err) == set(), answered.err
    assert not [line for line in both.splitlines() if line.lstrip().startswith(FORGED)], answered
    assert "Traceback" not in answered.err
    shown = any(escape in both for escape in ("\\u001b", "\\u202e"))
    assert shown == (arguments not in NOTHING_FOREIGN), answered


def test_json_of_hostile_names_is_read_back_unchanged(hostile: MarkedSchool) -> None:
    answered = hostile.ask("drift", "playbooks", "--json")

    assert hidden(answered.out) == set()
    assert HOSTILE in " ".join(texts(json.loads(answered.out)))


def test_the_cells_of_a_table_stay_in_their_lines(hostile: MarkedSchool) -> None:
    answered = hostile.ask("check", "playbooks", "--csv")

    assert hidden(answered.out) == set()
    rows = list(csv.reader(answered.out.splitlines()))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == answered.out.count("\n")


def test_an_imported_file_holds_no_hidden_character_and_says_what_the_tenant_holds(hostile: MarkedSchool) -> None:
    answered = hostile.ask("import", "microsoft365", "transport_rule", "-o", "again", "--tenant", "TENANT")

    assert answered.exit == 0, answered.err
    assert hidden(answered.out + answered.err) == set()
    (left_out,) = (line for line in answered.out.split("\n") if "a playbook cannot name it" in line)
    assert left_out.endswith(f"Theirs {printable(HOSTILE)}")
    (file,) = (hostile.folder / "again").glob("*transport-rule.yaml")
    written = file.read_text()
    assert hidden(written) == set()
    (refused,) = (line for line in answered.out.split("\n") if "a control character, which a playbook" in line)
    assert refused.endswith(OURS)
    assert hostile.ask("validate", "again").exit == 0


def texts(answer: object) -> Iterator[str]:
    """List every text in an answer."""
    match answer:
        case str():
            yield answer
        case dict():
            for value in answer.values():
                yield from texts(value)
        case list():
            for value in answer:
                yield from texts(value)


def test_a_command_closes_its_printable_streams_and_leaves_the_streams_behind_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behind = StringIO()
    monkeypatch.setattr(sys, "stdout", behind)
    with printable_output():
        stream = sys.stdout
        sys.stdout.write("text\n")

    assert (stream.closed, behind.closed, behind.getvalue()) == (True, False, "text\n")
