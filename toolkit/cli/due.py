"""toolkit due"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, selecting_and_limiting
from toolkit.engine.selection import Selection

if TYPE_CHECKING:
    from toolkit.engine.run_report import Report
    from toolkit.holds.model import HoldState


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
    from toolkit.cli.shared.terminal import show, show_json
    from toolkit.engine.exit_codes import worst
    from toolkit.render.answer import answer
    from toolkit.render.line import Line

    report, holds = _do_what_is_due(playbooks, selection, yes=yes, quiet=as_json, notifies=notifies)
    if as_json:
        show_json({**answer(report), **({"holds": str(holds)} if holds else {})})
    elif holds:
        show([Line(f"holds: {holds}")])
    sys.exit(worst([report.exit, *([holds.exit] if holds else [])]))


def _do_what_is_due(
    path: Path, selection: Selection, *, yes: bool, quiet: bool, notifies: bool
) -> "tuple[Report, HoldState | None]":
    """Do what is due, showing what is about to happen and how it went, and follow holds up."""
    from toolkit.cli.shared.run import confirmation, prepared_run
    from toolkit.cli.shared.terminal import show
    from toolkit.errors import Exit, LeaseHeld, ServiceError, UnsafePlan, WrongTenant
    from toolkit.ledger.lease import Lease
    from toolkit.notices.notify import notices_of, notify_of_due
    from toolkit.render.plan_text import narrow_plan_lines, outcome_lines
    from toolkit.replies.due_run import due_run

    with prepared_run(path, selection, command="due", writes=True) as (prepared, talk):
        if notifies:
            notices_of(prepared.playbooks)
        run = replace(prepared, context=replace(prepared.context, asked=("due",)))
        try:
            with Lease(run.ledger, run=run.context.run):
                ask = confirmation(talk, yes=yes, quiet=quiet, lines=narrow_plan_lines)
                report = due_run(run.context, run.playbooks, run.ledger, ask)
        except LeaseHeld as held:
            held.exit = Exit.PENDING  # the other run ends, and then this job does what is due
            raise
        except (ServiceError, WrongTenant, UnsafePlan) as error:
            if notifies:
                notify_of_due(run, error, remark=talk.remark)
            raise
        holds: HoldState | None = None
        try:
            with talk.paused():
                if not quiet:
                    show(outcome_lines(report))
                holds = _follow_up_holds(path) if path.is_dir() else None
        finally:
            if notifies:
                notify_of_due(run, report, holds, remark=talk.remark)
    return report, holds


def _follow_up_holds(path: Path) -> "HoldState | None":
    """Confirm the holds that are not confirmed yet; None without the key, or where there is no register."""
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.run import prepared_run
    from toolkit.holds.follow_up import follow_up_all, open_desk
    from toolkit.holds.register import KEY, Register

    key = command_settings().variables.get(KEY)
    if not key or not Register(path, key).path.exists():
        return None
    with prepared_run(path, command="hold", writes=True) as (run, _), open_desk(run, key) as at:
        return follow_up_all(at)
