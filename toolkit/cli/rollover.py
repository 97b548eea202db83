"""toolkit rollover"""

import sys
from datetime import datetime
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument
from toolkit.errors import UsageError


@click.command()
@playbooks_argument
@click.option(
    "--by",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="List what ends until this day; 31 days ahead unless said.",
)
@json_option
def command(playbooks: Path, *, by: datetime | None, as_json: bool) -> None:
    r"""List what the playbooks name that is no longer there, or ends soon: for September.

    Groups, organisational units, people and addresses are compared with the tenants: gone, emptied, renamed, left.
    Terms, exceptions, attestations, reviews of decisions and absences are compared with the day. Each stands with its
    file and line and what to write instead. It signs in to read and cannot write to a tenant. A group that was renamed
    is known by the id under which an apply or drift found it.

    Ends with 0 when there is nothing to do, 3 when there is, 4 when something could not be read.

    \b
    Example: toolkit rollover playbooks/ --by 2027-09-06
    """
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from toolkit.cli.shared.run import prepared_run
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.rollover import rollover_run
    from toolkit.planning.calendar.dates import Horizon
    from toolkit.render.rollover_text import rollover_answer, rollover_lines

    with prepared_run(playbooks, command="rollover", writes=False) as (run, _):
        today = run.context.now.astimezone(ZoneInfo(run.playbooks.school.time_zone)).date()
        until = by.date() if by else today + timedelta(days=31)
        if until < today:
            raise UsageError(f"--by {until}: it is {today} already")
        report = rollover_run(run.context, run.playbooks, run.ledger, Horizon(today, until))
    show_answer(rollover_answer(report), rollover_lines(report), as_json=as_json)
    sys.exit(report.exit)
