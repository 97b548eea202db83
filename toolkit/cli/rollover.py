"""The command `toolkit rollover`."""

import sys
from datetime import date
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, quiet_option, read_date
from toolkit.errors import UsageError


@click.command()
@playbooks_argument
@click.option(
    "--by",
    type=read_date,
    metavar="DATE",
    help="Include playbook entries that end by this date (default: 31 days from now).",
)
@json_option
@quiet_option
def command(playbooks: Path, *, by: date | None, as_json: bool, quiet: bool) -> None:
    r"""List names and dates in the playbooks that need an update.

    Use this command in September, for example. It finds groups, organisational units, people and addresses that are
    gone, empty or renamed, or have left. It also finds terms, exceptions, confirmations, decisions and absences that
    are over or end soon. Each row has the file, the line and the text to write. The command cannot write to a tenant. A
    renamed group is recognised by the id that an earlier run recorded.

    \b
    Exit codes:
      0  nothing to do
      3  something to do
      4  something could not be read

    \b
    Example: toolkit rollover playbooks/ --by 2027-09-06
    """
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from toolkit.cli.shared.run import prepared_run
    from toolkit.cli.shared.terminal import show_report
    from toolkit.engine.rollover import run_rollover
    from toolkit.holds.register import FILE
    from toolkit.planning.calendar.dates import ExpiryHorizon
    from toolkit.render.rollover_text import rollover_json, rollover_lines

    with prepared_run(playbooks, command="rollover", writes=False) as (run, _):
        today = run.context.now.astimezone(ZoneInfo(run.playbooks.school.time_zone)).date()
        until = by or today + timedelta(days=31)
        if until < today:
            raise UsageError(f"--by {until}: this date has passed, because today is {today}")
        report = run_rollover(run.context, run.playbooks, run.ledger, ExpiryHorizon(today, until))
    has_holds = (run.playbooks.root / FILE).exists()
    texts = rollover_json(report, has_holds=has_holds), rollover_lines(report, has_holds=has_holds)
    show_report(*texts, as_json=as_json, quiet=quiet)
    sys.exit(report.exit)
