"""Print the JSON of a command once, at its end, when its exit code and its error are known."""

import json

import click

from toolkit.cli.shared.command_settings import redactor_of_command
from toolkit.cli.shared.command_state import CommandState
from toolkit.render.line import FORMAT
from toolkit.values import Body, Json


def keep_json(answer: Body) -> None:
    """Keep a command's result without secrets. The command prints it as JSON with its exit code at its end."""
    command_state = click.get_current_context().find_object(CommandState)
    redacted = redactor_of_command().json(answer)
    assert command_state
    assert isinstance(redacted, dict)
    command_state.answer = redacted


def print_json(command_state: CommandState, code: int) -> None:
    """Print the JSON of a command that has ended, with `format`, `exit` and, if it failed, `error`.

    Print nothing if the command has neither a result nor an error, such as after --help.
    """
    answer, errors = command_state.answer, command_state.errors
    if answer is None and not errors and not code:
        return
    ending: dict[str, Json] = {"exit": code}
    if errors:
        ending["error"] = "\n".join(errors)
    if command_state.problems:
        ending["problems"] = [
            {"path": problem.path, "line": problem.line, "message": problem.message}
            for problem in command_state.problems
        ]
    redacted = redactor_of_command(command_state).json(ending)
    assert isinstance(redacted, dict)
    click.echo(json.dumps({"format": FORMAT, **(answer or {}), **redacted}, indent=2))
