"""The command `toolkit audit extract`."""

from pathlib import Path

import click

from toolkit.cli.shared.options import judged_school, playbooks_or
from toolkit.engine.selection import Selection


@click.command()
@playbooks_or("[TRUST]")
@judged_school
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write into FILE, which must not exist. Default: standard output.",
)
def extract(*, playbooks: Path, selection: Selection, file: Path | None) -> None:
    r"""Write the part of a trust's ledger that concerns one school.

    The extract is JSON. Entries that concern only the school have their text. Of all other entries there is only the
    hash, so that the chain can be verified, and no name, address or setting of another school. A run on several schools
    has an entry with the part of each school. The ledger records that the extract was made, and `toolkit audit verify
    FILE` verifies it, also on a computer without the ledger.

    \b
    Exit codes:
      0  the extract is complete
      1  the ledger is damaged
      2  the school or the tenant is not in trust.yaml, or there is no ledger

    \b
    Example: toolkit audit extract trust/ --school OAK -o oak.json
             toolkit audit extract trust/ --school OAK --tenant main
    """
    import json
    import os

    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import show, show_document
    from toolkit.errors import UsageError
    from toolkit.playbook.files import is_trust
    from toolkit.render.line import Line
    from toolkit.trust.extract import extract_for_school

    if not is_trust(playbooks):
        raise UsageError(f"{playbooks} has no trust.yaml. Of a lone school, the whole ledger is the school's")
    if file and file.exists():
        raise UsageError(f"{file} exists, and no file is overwritten. Choose another name")
    settings = command_settings()
    made = extract_for_school(playbooks, selection.schools, selection.tenant, settings)
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if file is None:
        show_document(text)
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    show([Line(str(file))])
