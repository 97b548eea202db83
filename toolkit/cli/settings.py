"""The command `toolkit settings`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    r"""Show the source of each setting.

    Settings come from the environment and from `.env` in the school's folder. The environment has priority. Secrets are
    hidden. `toolkit settings allow` allows a risky `.env` on live tenants.

    \b
    Example: toolkit settings
             toolkit settings --json
    """
    if context.invoked_subcommand:
        return
    from toolkit.cli.shared.command_settings import find_command_settings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.render.settings_text import settings_json, settings_lines

    settings = find_command_settings()
    show_report(settings_json(settings), settings_lines(settings), as_json=as_json)


@command.command()
@click.argument("env_file", required=False, type=click.Path(path_type=Path), metavar="[ENVFILE]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def allow(env_file: Path | None, *, yes: bool) -> None:
    r"""Allow a risky `.env` on live tenants.

    A `.env` is risky if other users can read or own it, or if it sets the ledger, a CA file or an address for digests.
    ENVFILE defaults to the school's `.env`. The permission covers its present content and owner, for the user who runs
    this command: run it as the user of cron or systemd, and again after every edit. It is kept in
    XDG_CONFIG_HOME/toolkit/allowed.json (~/.config/toolkit/allowed.json).

    \b
    Exit codes:
      0  allowed, or nothing to allow
      2  no such file
      5  not confirmed

    \b
    Example: toolkit settings allow
             sudo -u toolkit toolkit settings allow /srv/school/.env --yes
    """
    from toolkit.cli.shared.command_settings import school_folder
    from toolkit.cli.shared.terminal import ask_yes, remark, show
    from toolkit.errors import Exit, UsageError
    from toolkit.render.settings_text import env_file_lines
    from toolkit.settings.env_file import read_env_file, risks_to_allow
    from toolkit.settings.env_file import record_allowance as record_permission

    path = env_file.absolute() if env_file else school_folder().env_file
    file = read_env_file(path)
    if file is None:
        raise UsageError(f"{path} does not exist, so nothing must be allowed")
    show(env_file_lines(file))
    if not risks_to_allow(file):
        return
    if not (yes or ask_yes("Use this file on live tenants?")):
        sys.exit(Exit.REFUSED)
    remark(f"allowed for this content and owner, in {record_permission(file)}")
