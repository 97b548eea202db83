"""The command `toolkit drift`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, quiet_option, selecting
from toolkit.engine.selection import Selection


@click.command()
@playbooks_argument
@json_option
@quiet_option
@click.option(
    "--notify", "notifies", is_flag=True, help="Notify the school's channels of new, ended and critical findings."
)
@selecting
def command(playbooks: Path, *, as_json: bool, quiet: bool, notifies: bool, selection: Selection) -> None:
    r"""Report drift from the playbooks (for cron).

    The command cannot write to a tenant. With --notify, each channel under `notifications:` in the school file gets a
    message about new findings. A message by mail is sent from the tenant's mailbox, so it needs the credentials of the
    identity that writes.

    \b
    Exit codes:
      0  no drift
      3  drift
      4  something could not be read

    \b
    Example: toolkit drift playbooks/
             toolkit drift playbooks/ --notify
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.drift.text import drift_lines

    with surroundings() as around:
        report = api.detect_drift(api.load(playbooks, selection), selection=selection, notify=notifies, **around)
    show_report(report.to_dict(), drift_lines(report), as_json=as_json, quiet=quiet)
    sys.exit(report.run.exit)
