"""toolkit due"""

import sys
from pathlib import Path

import click

from toolkit.cli._options import Selection, json_option, playbooks_argument, selecting_and_limiting


@click.command()
@playbooks_argument
@json_option
@click.option("--yes", is_flag=True, help="Do not ask before writing; for cron.")
@click.option("--notify", "notifies", is_flag=True, help="Tell what failed, and what quiet hours held back.")
@selecting_and_limiting
def command(playbooks: Path, *, as_json: bool, yes: bool, notifies: bool, selection: Selection) -> None:
    r"""Do only what the calendar makes due, with the playbooks as they were last applied; for cron.

    Exceptions begin and end, what had a pilot begins for everybody, automatic replies are set and given back, reminders
    are sent. What somebody changed by hand or in a playbook is left to `toolkit apply`, and so is what is due where
    somebody changed the same object: then it ends with 5. What was never applied is not due; after `toolkit apply
    --only` what was applied is. Of one exception or pilot everything is done on a cloud, or
    nothing.

    Where TOOLKIT_HOLDS_KEY is set, holds that are not confirmed are followed up as `toolkit hold confirm` does, and one
    line says how they are, without a name or a count.

    With --notify the school's channels hear once what could not be done, and of what appeared beside our objects; and
    what `drift --notify` found in quiet hours, once these are over. A channel that failed is tried again by the next
    drift.

    Ends with 0 when all that is due is done, 1 when something failed, 3 when something waits for the school's window or
    for another run, 4 when something could not be read, 5 when something that is due was refused: the jobs of `toolkit
    schedule` report 5, and so do --notify and the next drift.

    \b
    Example: toolkit due playbooks/ --yes
    """
    from toolkit.cli._apply import done
    from toolkit.cli._terminal import show, show_json
    from toolkit.engine.exit_codes import worst
    from toolkit.render.answer import answer
    from toolkit.render.line import Line

    report, holds = done(playbooks, selection, yes=yes, quiet=as_json, notifies=notifies)
    if as_json:
        show_json({**answer(report), **({"holds": str(holds)} if holds else {})})
    elif holds:
        show([Line(f"holds: {holds}")])
    sys.exit(worst([report.exit, *([holds.exit] if holds else [])]))
