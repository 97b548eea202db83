"""The command `toolkit check`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, quiet_option, selecting, verbose_option_for
from toolkit.engine.selection import Selection


@click.command()
@playbooks_argument
@json_option
@quiet_option
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for a spreadsheet.")
@verbose_option_for("Show each part, where to look, and where apps stay open.")
@selecting
def command(playbooks: Path, *, as_json: bool, quiet: bool, as_csv: bool, verbose: bool, selection: Selection) -> None:
    r"""Show confirmations that are due or overdue (for cron).

    The command also counts facts in the tenants, such as devices that are locked and encrypted, and shows expiry dates
    if a file of registers has `expiry:`. It cannot write to a tenant. Confirmations are in files of the playbooks that
    begin with `attestations:`. Parts that need attention come first. If there are many parts, the rest are only
    counted. -v or --only CONTROL lists them.

    \b
    Exit codes:
      0  nothing is overdue or has expired, and every count is as required
      3  something is overdue or has expired, or a count is not as required
      4  something could not be read

    \b
    Example: toolkit check playbooks/
             toolkit check playbooks/ -v | less
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_document, show_report
    from toolkit.errors import UsageError
    from toolkit.render.check_text import check_csv, check_lines

    if as_json and as_csv:
        raise UsageError("--json and --csv cannot be used together. Choose one")
    with surroundings() as around:
        report = api.check(api.load(playbooks, selection), selection=selection, **around)
    if as_csv:
        show_document(around["settings"].redactor.text(check_csv(report)))
    else:
        show_report(report.to_dict(), check_lines(report, verbose=verbose), as_json=as_json, quiet=quiet)
    sys.exit(report.exit)
