"""The units and the compose file start commands that exist, each queue as a user of its own."""

import re
from pathlib import Path
from shlex import split
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from toolkit.cli import program

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")["services"]
_UNITS = {path.name: path.read_text(encoding="utf-8") for path in sorted(DEPLOY.glob("*.service"))}


def _command_of_unit(text: str) -> list[str]:
    line = re.search(r"^ExecStart=(.+)$", text, re.MULTILINE)
    assert line
    return split(line[1].partition("/bin/toolkit ")[2].partition(" >")[0])


COMMANDS = {
    **{name: _command_of_unit(text) for name, text in _UNITS.items()},
    **{name: service["command"] for name, service in COMPOSE.items() if "command" in service},
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_unit_starts_a_command_with_options_that_exist(name: str) -> None:
    first, *words = COMMANDS[name]
    command = program.get_command(click.Context(program), first)

    assert isinstance(command, click.Group)
    if words[0] in command.commands:
        assert command.commands[words[0]].make_context(words[0], words[1:]).params == {}
    else:
        parsed = command.make_context(first, ["--trust", str(DEPLOY), *_without_trust(words)])
        assert parsed.params["queue"] in name


def _without_trust(words: list[str]) -> list[str]:
    return [word for word in words if word not in {"--trust", "/trust"}]


def test_each_queue_has_a_user_and_files_of_its_own() -> None:
    users = {
        name: set(re.findall(r"toolkit-(?:read|write)\b", text.partition("[Service]")[2]))
        for name, text in _UNITS.items()
    }

    assert users["toolkit-worker-read.service"] == {"toolkit-read"}
    assert users["toolkit-worker-write.service"] == {"toolkit-write"}
    assert set(COMPOSE["read"]["volumes"]) & set(COMPOSE["write"]["volumes"]) == set()
    assert COMPOSE["write"]["deploy"]["replicas"] == 1
