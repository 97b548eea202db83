"""The option --no-pager, which every command accepts."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from toolkit.cli.shared.command_state import CommandState

_Command = TypeVar("_Command", bound=Callable[..., Any] | click.Command)


def no_pager_option(*, hidden: bool = False) -> Callable[[_Command], _Command]:
    """Return the option that prints long output without a pager."""
    return click.option(
        "--no-pager",
        is_flag=True,
        expose_value=False,
        hidden=hidden,
        callback=_turn_pager_off,
        help="Print long output without a pager, as TOOLKIT_NO_PAGER=1 does.",
    )


def _turn_pager_off(context: click.Context, _option: click.Parameter, is_given: bool) -> None:  # noqa: FBT001
    if is_given and (command_state := context.find_object(CommandState)):
        command_state.has_no_pager = True


def accept_no_pager(command: click.Command) -> None:
    """Accept --no-pager after the name of a command too. The option is shown only in `toolkit --help`."""
    for below in getattr(command, "commands", {}).values():
        accept_no_pager(below)
    if not any(option.name == "no_pager" for option in command.params):
        no_pager_option(hidden=True)(command)
