"""`--trace` and `--log-file` record a run in private files, without secrets and without people."""

import re
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.door import Door
from tests.emulated import SIGN_IN
from tests.schools import with_people
from toolkit.cli import program

pytestmark = with_people(users=24, staff=10)

LINE = re.compile(r"(\S+Z) (GET|POST|PUT|PATCH|DELETE) (\S+) (\d{3}|-) (\d+) ms (\S+)")
SIGN_IN_PATHS = ("/.well-known/", "/oauth2/", "oauth2.googleapis.com/")
RULE = """
playbook: rules
title: A mail rule
resources:
  - microsoft365.transport_rule: A rule
    sent_to: [office@example-primary.example]
    prepend_subject: "[office] "
"""


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_trace_has_a_line_for_each_request_with_its_status(small_door: Door, tmp_path: Path) -> None:
    small_door.tenant.fault("refused", "Get-TransportRule", times=1)
    before = small_door.tenant.last_request()
    trace = tmp_path / "trace.txt"

    plan = small_door.toolkit("plan", "--trace", str(trace))

    lines = trace.read_text().splitlines()
    found = [match for match in map(LINE.fullmatch, lines) if match]
    assert plan.exit == 3
    assert len(found) == len(lines)
    own = [match for match in found if not any(path in match[3] for path in SIGN_IN_PATHS)]
    asked = [row for row in small_door.tenant.requests(before) if row["service"] not in SIGN_IN]
    assert Counter(match[4] for match in own) == Counter(str(row["status"]) for row in asked)
    assert any("graph.microsoft.com/v1.0/" in match[3] for match in own)
    assert any("/InvokeCommand" in match[3] for match in own)
    assert any("admin.googleapis.com/" in match[3] for match in own)
    assert not [match[3] for match in own if "?" in match[3] or "@" in match[3]]
    assert _mode(trace) == 0o600


def test_a_log_holds_what_the_run_said_and_how_it_ended(bare_door: Door, tmp_path: Path) -> None:
    bare_door.write("10-rules.yaml", RULE)
    log = tmp_path / "log.txt"
    log.write_text("before\n")
    log.chmod(0o644)

    shown = bare_door.toolkit("apply", "--yes", "--log-file", str(log)).out
    bare_door.write("10-rules.yaml", RULE.replace("sent_to", "sent_too"))
    wrong = bare_door.toolkit("plan", "--log-file", str(log))

    lines = [line.partition(" ")[2] for line in log.read_text().splitlines()]
    first, second = (index for index, line in enumerate(lines) if line.endswith(" begins"))
    assert lines[first].endswith("apply begins")
    assert [line for line in lines[first:second] if line in shown.splitlines()] == shown.splitlines()
    assert "1 of 1: microsoft365.transport_rule[A rule]" in lines[first:second]
    assert lines[second - 1] == "exit code 0"
    assert wrong.exit == 2
    assert lines[-1].startswith("stopped: PlaybookError: ")
    assert _mode(log) == 0o600


def test_a_file_that_cannot_be_written_stops_the_run_before_it_asks_anything(bare_door: Door, tmp_path: Path) -> None:
    before = bare_door.tenant.last_request()

    answered = bare_door.toolkit("plan", "--trace", str(tmp_path / "nowhere" / "trace.txt"))

    assert answered.exit == 2
    assert "the log cannot be written: No such file or directory" in answered.err
    assert bare_door.tenant.requests(before) == []


def _commands(group: click.Group, *before: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield " ".join((*before, name)), found
        if isinstance(found, click.Group):
            yield from _commands(found, *before, name)


@pytest.mark.parametrize(
    ("name", "command"), [*_commands(program)], ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_command_that_talks_to_a_tenant_takes_the_options(name: str, command: click.Command) -> None:
    options = {option.name for option in command.params}

    assert ("trace_file" in options) is (name in TALK)
    assert ("log_file" in options) is (name in TALK and not name.startswith("hold "))


TALK = {
    *("apply", "audit export", "check", "doctor", "drift", "due", "import", "plan", "rollback", "rollover"),
    *("policy status", "withdraw"),
    *("hold place", "hold confirm", "hold release", "hold list", "retention start", "state adopt"),
}
