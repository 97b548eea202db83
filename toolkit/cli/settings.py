"""toolkit settings"""

import sys
from pathlib import Path

import click

from toolkit.cli._options import json_option


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    r"""Show where each setting comes from, secrets hidden, and allow a `.env` for live tenants.

    Settings come from the environment and from the `.env` in the school's folder; a variable of the environment counts
    before the same one in `.env`.

    \b
    Example: toolkit settings
             toolkit settings --json
    """
    if context.invoked_subcommand:
        return
    from toolkit.cli._settings import find_settings
    from toolkit.cli._settings_shown import settings_shown, settings_shown_answer
    from toolkit.cli._terminal import show, show_json

    settings = find_settings()
    if as_json:
        show_json(settings_shown_answer(settings))
    else:
        show(settings_shown(settings))


@command.command()
@click.argument("env_file", required=False, type=click.Path(path_type=Path), metavar="[ENVFILE]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def allow(env_file: Path | None, *, yes: bool) -> None:
    r"""Allow a `.env` on live tenants that other users can read or own, or that sets the ledger or a CA file.

    ENVFILE defaults to the `.env` of the school. The permission is for its present content and owner, and for the user
    who gives it: give it once as the user that cron or systemd runs toolkit as. After every edit it has to be given
    again. It is kept in XDG_CONFIG_HOME/toolkit/allowed.json (~/.config/toolkit/allowed.json).

    Exit codes: 0 allowed, or nothing to allow; 2 no such file; 5 not confirmed.

    \b
    Example: toolkit settings allow
             sudo -u toolkit toolkit settings allow /srv/school/.env --yes
    """
    from toolkit.cli import _allowance
    from toolkit.cli._settings_shown import asked_env_file, env_file_lines
    from toolkit.cli._terminal import agreed, remark, show
    from toolkit.errors import Exit

    found = asked_env_file(env_file)
    show(env_file_lines(found))
    if not _allowance.unallowed(found):
        return
    if not (yes or agreed("Use this file on live tenants?")):
        sys.exit(Exit.REFUSED)
    remark(f"allowed for this content and owner, in {_allowance.allow(found)}")
