"""The options `--log-file` and `--trace` of commands that talk to a tenant; log_files.py writes the files."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

_TALK_TO_TENANTS = (
    *("apply", "audit export", "check", "doctor", "drift", "due", "import", "plan", "policy"),
    *("retention start", "rollback", "rollover", "state adopt", "withdraw"),
)
_NAME_PEOPLE_ON_HOLD = ("hold place", "hold confirm", "hold release", "hold list")  # so that no log holds what they say
_PATH = click.Path(dir_okay=False, path_type=Path)
_LOG_HELP = "Append what the run reports to FILE, with times."
_TRACE_HELP = "Append each request (method, path, status, time, id) to FILE."


def add_recording(command: click.Command, name: str) -> None:
    """Add the options to a command, or to those of a group, that talks to a tenant; once."""
    for below in getattr(command, "commands", {}).values():
        add_recording(below, f"{name} {below.name}")
    options = [click.Option(["--trace", "trace_file"], type=_PATH, metavar="FILE", help=_TRACE_HELP)]
    if name in _TALK_TO_TENANTS:
        options.append(click.Option(["--log-file"], type=_PATH, metavar="FILE", help=_LOG_HELP))
    elif name not in _NAME_PEOPLE_ON_HOLD:
        return
    if command.callback and not any(option.name == "trace_file" for option in command.params):
        command.params += options
        command.callback = _recorded(command.callback)


def _recorded(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def recording(*, trace_file: Path | None, log_file: Path | None = None, **given: Any) -> None:
        if not (trace_file or log_file):
            function(**given)
            return
        from toolkit.cli.shared.log_files import run_recorded

        run_recorded(lambda: function(**given), log_file=log_file, trace_file=trace_file)

    return recording
