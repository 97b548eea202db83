"""Find the settings of the current command from the playbooks that it names."""

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
    """Return the settings of the current command.

    Raise UsageError for wrong settings, or for settings that must be allowed before they are used on live tenants.
    """
    return checked_settings(school_folder())


def find_command_settings(command_folder: KnownFolder | None = None) -> Settings:
    """Return the settings of the current command, only for display.

    `command_folder` has the folder of a command that has already ended.
    """
    return find_settings((command_folder and command_folder.folder) or school_folder())


def school_folder() -> SchoolFolder:
    """Return the school's folder, which is found from the playbooks that the current command names."""
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
    """Return a redactor for the secrets of this computer's settings.

    `command_folder` has the folder of a command that has already ended.
    """
    try:
        return redactor_of((command_folder and command_folder.folder) or school_folder())
    except UsageError:  # this error is being shown already
        return redactor_of(None)


def _is_given(context: click.Context, name: str) -> bool:
    given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return given and context.params[name] is not None
