"""The command `toolkit import`."""  # noqa: N999 - a command is called as its module is, and this one as everybody calls it

import sys
from pathlib import Path

import click

from toolkit.cli.shared.completion import complete_kinds, complete_providers
from toolkit.cli.shared.options import json_option, quiet_option


@click.command()
@click.argument("provider", shell_complete=complete_providers)
@click.argument("kinds", nargs=-1, metavar="[KIND]...", shell_complete=complete_kinds)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The directory of playbooks to write into.",
)
@click.option(
    "--tenant",
    metavar="ID",
    help="The tenant's id or domain, if DIR has no school file yet.",
)
@json_option
@quiet_option
def command(
    provider: str, kinds: tuple[str, ...], *, output: Path, tenant: str | None, as_json: bool, quiet: bool
) -> None:
    r"""Write rule files (playbooks) from a tenant's present state.

    PROVIDER is microsoft365 or google_workspace. Without a KIND every kind is read. If a control describes settings
    exactly, they are written as that control. Other settings are written as resources in mode check (report only),
    with a file for each topic. Unset settings are written as null if drift would otherwise miss a later change. Secrets
    and personal objects are left out, and comments in the files name them. No file is overwritten, and a school file is
    written only if there is none. The next `toolkit plan DIR` finds nothing to do. The tenant is only read.

    Policies that no kind covers are counted and named. Properties that no setting
    covers are listed in the playbooks as unmanaged.

    \b
    Exit codes:
      0  everything was read
      2  DIR cannot be used
      4  a kind, an object or a person could not be read

    \b
    Example: toolkit import microsoft365 -o playbooks/
             toolkit import google_workspace chrome_policy -o playbooks/
    """
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.engine.imports.imported import read_for_import
    from toolkit.render.import_text import import_json, import_lines
    from toolkit.render.import_yaml import write_imported_files

    with surroundings() as around:
        settings = around["settings"]
        imported = read_for_import(settings, provider, kinds, output, tenant, progress=around["progress"])
    files = write_imported_files(imported, output, settings.redactor)
    written = (imported, files, settings.target)
    show_report(import_json(*written), import_lines(*written), as_json=as_json, quiet=quiet)
    sys.exit(imported.exit)
