"""The command `toolkit forget`."""

from datetime import date
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, read_date, tenant_option


@click.command()
@playbooks_argument
@click.option(
    "--before", type=read_date, required=True, metavar="DATE", help="Remove names in entries before this date."
)
@click.option("--by", required=True, metavar="ROLE", help="The role that asks for the removal, which is recorded.")
@json_option
@tenant_option
def command(playbooks: Path, *, before: date, by: str, as_json: bool, tenant: str | None) -> None:
    r"""Remove the names of people from toolkit's old records.

    These are removed from records that are older than DATE: addresses of people, names that the ledger has next to an
    address, and the text of automatic replies. The records are the ledger's entries, findings and notices, and the
    files about unexpected errors. The record of actions and times is kept, and `toolkit audit verify` still passes. The
    ledger records the number of removed names, the date and ROLE. Settings that contained a name can no longer be
    restored by `toolkit rollback` or `toolkit withdraw`.

    Addresses that the playbooks still name are kept, and so is the register of holds. No tenant is read or changed.
    Backups, and reports that were exported, keep the names until they are deleted.

    \b
    Exit codes:
      0  the names are removed, or there were none
      1  the ledger was edited, so nothing was removed
      2  the command line is wrong, or TOOLKIT_HOLDS_KEY is missing
      5  refused: a case in the register of holds is not released

    \b
    Example: toolkit forget --before 2025-09-01 --by "Data Protection Officer"
    """
    from toolkit import api
    from toolkit.api.school_files import load_school
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.selection import Selection
    from toolkit.render.forget_text import forget_lines

    with surroundings() as around:
        report = api.forget(load_school(playbooks, Selection(tenant=tenant)), before, by, **around)
    show_answer(report.to_dict(), forget_lines(report), as_json=as_json)
