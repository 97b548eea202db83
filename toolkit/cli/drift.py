"""toolkit drift"""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, selecting
from toolkit.engine.selection import Selection


@click.command()
@playbooks_argument
@json_option
@click.option("--notify", "notifies", is_flag=True, help="Tell the school's channels what is new, over or critical.")
@selecting
def command(playbooks: Path, *, as_json: bool, notifies: bool, selection: Selection) -> None:
    r"""Say what is not as wanted; for cron. It signs in to read and cannot write to a tenant.

    With --notify each channel of the school file's `notifications:` gets one message about what it was not told yet,
    and none where that is nothing. Mail goes through the tenant, with the identity that writes.

    Ends with 0 when all is as wanted, 3 when not, 4 when something could not be read.

    \b
    Example: toolkit drift playbooks/
             toolkit drift playbooks/ --notify
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.drift.answer import drift_answer
    from toolkit.drift.text import drift_lines

    with surroundings() as around:
        report = api.detect_drift(api.load(playbooks), selection, notify=notifies, **around)
    show_answer(drift_answer(report), drift_lines(report), as_json=as_json)
    sys.exit(report.run.exit)
