"""With --quiet, a command that prints long output prints its summary and its errors, and ends with the same code."""

import click
import pytest

from tests.api.school import PLAYBOOK, POLICY
from tests.door import MICROSOFT, Checkpoint
from tests.schools import Schools
from toolkit.cli import program
from toolkit.cli.policy import command as policy

FOLDER = "FOLDER"
PERSON = "amara.ashdown@example-primary.example"
COMMANDS = {
    "account": (PERSON, FOLDER, "--why", "support", "--provider", MICROSOFT),
    "apply": (FOLDER, "--yes"),
    "check": (FOLDER,),
    "compare": (FOLDER, FOLDER),
    "doctor": (FOLDER,),
    "drift": (FOLDER,),
    "due": (FOLDER, "--yes"),
    "import": (MICROSOFT, "transport_rule", "-o", f"{FOLDER}/imported"),
    "message": (FOLDER, "--from", "parent@family.example", "--to", "office@example-primary.example"),
    "plan": (FOLDER,),
    "policy": (FOLDER,),
    "rollback": ("last", FOLDER, "--yes"),
    "rollover": (FOLDER,),
    "withdraw": (FOLDER, "--yes"),
}

SUMMARY_LINES = {"account": 3, "message": 7}
"""The lines of a summary that has more than one: for an account two notes and a line for each cloud, and for a message
a heading and three lines for each cloud.
"""


@pytest.fixture(scope="module")
def school(module_schools: Schools) -> Checkpoint:
    """A school in which a rule was applied and then changed by hand."""
    door = module_schools.build({"users": 10}, own_snapshot=True)
    door.write("10-policy.yaml", POLICY)
    path = door.write("30-mail.yaml", PLAYBOOK)
    assert door.toolkit("apply", "--yes").exit == 0
    path.write_text(PLAYBOOK.replace("[outside] ", "[external] "))
    return module_schools.checkpoint(door)


def test_every_command_with_quiet_is_tried() -> None:
    context = click.Context(program)
    commands = {name: program.get_command(context, name) for name in program.list_commands(context)}
    commands["policy"] = policy.commands["status"]  # which runs if `toolkit policy` names no other command
    quiet = {name for name, command in commands.items() if command and any("-q" in p.opts for p in command.params)}

    assert quiet == {*COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_only_the_summary_is_left_and_the_exit_code_is_the_same(name: str, school: Checkpoint) -> None:
    door = school.restore()
    words = [word.replace(FOLDER, str(door.playbooks)) for word in COMMANDS[name]]
    full = door(name, *words)
    school.restore()
    quiet = door(name, *words, "--quiet")

    lines = quiet.out.splitlines()
    assert quiet.exit == full.exit, quiet.err
    assert quiet.err == full.err
    assert len(lines) == SUMMARY_LINES.get(name, 1), quiet.out
    assert lines[0] in full.out.splitlines()
    assert len(full.out.splitlines()) > 1


def test_a_change_that_failed_is_shown(school: Checkpoint) -> None:
    door = school.restore()
    door.tenant.fault("rejected", "Set-TransportRule", status=400, reason="BadRequest")
    failed = door.toolkit("apply", "--yes", "-q")

    assert failed.exit == 1
    assert [line for line in failed.out.splitlines() if line.startswith("! ")] == failed.out.splitlines()[:-1] != []


def test_quiet_and_verbose_cannot_be_used_together(school: Checkpoint) -> None:
    for words in (["-q", "-v"], ["-v", "-q"]):
        refused = school.door.toolkit("plan", *words)

        assert refused.exit == 2
        assert "--quiet and --verbose cannot be used together. Choose one" in refused.err
