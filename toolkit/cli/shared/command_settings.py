"""Find the settings of the current command from the playbooks that it names."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from toolkit.cli.shared.command_state import CommandState
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
    settings = checked_settings(school_folder())
    context = click.get_current_context(silent=True)
    playbooks = _named_playbooks(context.params, settings.folder.path) if context else None
    if context is None or playbooks is None or "tenant" not in context.params:
        return settings
    from toolkit.playbook.files import is_trust

    if not is_trust(playbooks):
        return settings
    from toolkit.trust.tenant_settings import settings_of_tenant

    tenant, schools = context.params["tenant"], context.params.get("schools", ())
    return settings_of_tenant(settings, playbooks, tenant, schools, os.environ)


def _named_playbooks(params: Mapping[str, Any], school: Path) -> Path | None:
    """Return the playbooks that the options of a command name, or that its saved plan names, or None."""
    path = next((params[name] for name in _NAMES_PLAYBOOKS if isinstance(params.get(name), Path)), None)
    if path is None or not path.is_file():
        return path
    from toolkit.render.plan_file import find_plan

    saved = find_plan(path, None)
    return saved.find_playbooks(school) if saved else path


def find_command_settings(command_state: CommandState | None = None) -> Settings:
    """Return the settings of the current command for display, even if they must still be allowed.

    `command_state` has the folder of a command that has already ended.
    """
    return find_settings((command_state and command_state.folder) or school_folder())


def school_folder() -> SchoolFolder:
    """Return the school's folder, found from the playbooks that the current command names."""
    context = click.get_current_context(silent=True)
    if context is None:
        return find_school_folder()
    command_state = context.find_object(CommandState)
    if command_state and command_state.folder:
        return command_state.folder
    named = (context.params[name] for name in _NAMES_PLAYBOOKS if _is_given_by_user(context, name))
    folder = find_school_folder(next(named, None))
    if command_state:
        command_state.folder = folder
    return folder


def redactor_of_command(command_state: CommandState | None = None) -> "Redactor":
    """Return a redactor for the secrets of this computer's settings.

    `command_state` has the folder of a command that has already ended.
    """
    try:
        return redactor_of((command_state and command_state.folder) or school_folder())
    except UsageError:  # this error is being shown already
        return redactor_of(None)


def _is_given_by_user(context: click.Context, name: str) -> bool:
    given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return given and context.params[name] is not None
