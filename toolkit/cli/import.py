"""toolkit import"""  # noqa: N999 - a command is called as its module is, and this one as everybody calls it

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option


@click.command()
@click.argument("provider")
@click.argument("kinds", nargs=-1, metavar="[KIND]...")
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
    help="The tenant's id or a domain of it, where DIR has no school file yet.",
)
@json_option
def command(provider: str, kinds: tuple[str, ...], *, output: Path, tenant: str | None, as_json: bool) -> None:
    r"""Write playbooks that say what a tenant is like now, in mode check; the tenant is only read.

    PROVIDER is microsoft365 or google_workspace. Without a KIND all of them are read, and what a control asks for
    exactly becomes that control; the rest becomes resources, one topic a file. Secrets are left out, and so is what
    belongs to single people; the comments in the files say what, and why. Files that are there are never overwritten,
    what playbooks there ask for already is left out, and a school file is written only where there is none. The first
    `toolkit plan DIR` finds nothing to do.

    Settings-catalogue policies of Intune that no kind compares are counted and named, with what they set that a control
    would set too.

    Ends with 0 when all was read, 4 when a kind or an object could not be read, 2 when DIR cannot be used.

    \b
    Example: toolkit import microsoft365 -o playbooks/
             toolkit import google_workspace chrome_policy -o playbooks/
    """
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.imports.imported import read_for_import
    from toolkit.render.import_text import import_answer, import_lines
    from toolkit.render.import_yaml import write_files

    with surroundings() as around:
        settings = around["settings"]
        imported = read_for_import(settings, provider, kinds, output, tenant, progress=around["progress"])
    files = write_files(imported, output, settings.redactor)
    written = (imported, files, settings.target)
    show_answer(import_answer(*written), import_lines(*written), as_json=as_json)
    sys.exit(imported.exit)
