"""The settings of the command that is running, by the playbooks that it names."""

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from toolkit.cli.shared.known_folder import KnownFolder
from toolkit.errors import UsageError
from toolkit.settings.school_folder import SchoolFolder, find_school_folder
from toolkit.settings.settings import Settings, checked_settings, find_settings, redactor_of

if TYPE_CHECKING:
    from toolkit.ledger.redact import Redactor

_NAMES_PLAYBOOKS = ("plan_playbooks", "playbooks")
"""Parameters of commands that lead to the school's playbooks."""


def command_settings() -> Settings:
    """Return the settings of a run.

    Raise UsageError for wrong settings, or settings that must be allowed before live use.
    """
    return checked_settings(school_folder())


def find_command_settings(command_folder: KnownFolder | None = None) -> Settings:
    """Return the settings only to show them. `command_folder` has the folder of a command that has ended."""
    return find_settings((command_folder and command_folder.folder) or school_folder())


def school_folder() -> SchoolFolder:
    """Return the school's folder of the command that is running, by the playbooks that it names."""
    context = click.get_current_context(silent=True)
    if context is None:
        return find_school_folder()
    command_folder = context.find_object(KnownFolder)
    if command_folder and command_folder.folder:
        return command_folder.folder
    named = (context.params[name] for name in _NAMES_PLAYBOOKS if _is_given(context, name))
    folder = find_school_folder(next(named, None))
    if command_folder:
        command_folder.folder = folder
    return folder


def own_redactor(command_folder: KnownFolder | None = None) -> "Redactor":
    """Return the redactor of our secrets. `command_folder` has the folder of a command that has ended."""
    try:
        return redactor_of((command_folder and command_folder.folder) or school_folder())
    except UsageError:  # this error is being shown already
        return redactor_of(None)


def _is_given(context: click.Context, name: str) -> bool:
    given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return given and context.params[name] is not None
