"""The command `toolkit due`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, quiet_option, selecting_and_limiting
from toolkit.engine.selection import Selection

if TYPE_CHECKING:
    from toolkit.engine.run_report import Report
    from toolkit.errors import Exit
    from toolkit.holds.model import HoldsSeen
    from toolkit.playbook.entries import Playbooks


@click.command()
@playbooks_argument
@json_option
@quiet_option
@click.option("--yes", is_flag=True, help="Do not ask before writing (for cron).")
@click.option(
    "--notify", "notifies", is_flag=True, help="Notify of failures, and of findings that quiet hours delayed."
)
@selecting_and_limiting
def command(playbooks: Path, *, as_json: bool, quiet: bool, yes: bool, notifies: bool, selection: Selection) -> None:
    r"""Apply only changes that are due by date (for cron).

    The command uses the playbooks as they were last applied. Exceptions begin and end, pilots become general, automatic
    replies are set and restored, and reminders are sent. Changes by hand or in a playbook wait for `toolkit apply`, and
    so do due changes of the same object (exit code 5). Entries that were never applied are not due. If nothing in the
    playbooks is enforced, the command only reads.

    With TOOLKIT_HOLDS_KEY set, holds that are not confirmed yet are confirmed, as `toolkit hold confirm` does. The
    output does not name anyone.

    With --notify the school's channels are notified once about failed changes, about new objects that do the same job
    as a managed object, and about drift that was found in quiet hours. If a channel fails, the next `toolkit drift`
    tries it again.

    \b
    Exit codes:
      0  everything that is due is done
      1  a change failed
      3  a change waits for a window or for another run
      4  something could not be read
      5  something due was refused; the jobs of `toolkit schedule` report it

    \b
    Example: toolkit due playbooks/ --yes
    """
    from toolkit.cli.shared.json_output import keep_json
    from toolkit.cli.shared.terminal import show
    from toolkit.holds.text import state_answer, state_line
    from toolkit.render.answer import report_json
    from toolkit.render.line import leave_out_quiet_lines

    report, holds = _apply_due_changes(playbooks, selection, yes=yes, as_json=as_json, quiet=quiet, notifies=notifies)
    if as_json:
        keep_json({**report_json(report), **(state_answer(holds) if holds else {})})
    elif holds:
        show(leave_out_quiet_lines([state_line(holds)], quiet=quiet))
    sys.exit(_exit_code(report, holds))


def _exit_code(report: "Report", holds: "HoldsSeen | None") -> "Exit":
    from toolkit.engine.run_report import worst

    return worst([report.exit, *([holds.state.exit] if holds else [])])


def _apply_due_changes(
    path: Path, selection: Selection, *, yes: bool, as_json: bool, quiet: bool, notifies: bool
) -> "tuple[Report, HoldsSeen | None]":
    """Apply the changes that are due, show the plan and the result, and confirm legal holds that are not
    confirmed yet.
    """
    from toolkit.api.school_files import add_freezes, load
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.run import make_confirmation, prepared_run
    from toolkit.cli.shared.terminal import show
    from toolkit.errors import Exit, LeaseHeld, RequestFailed, UnsafePlan, WrongTenant
    from toolkit.holds.text import state_line
    from toolkit.ledger.lease import Lease
    from toolkit.notices.notify import notify_of_due, refuse_silence, report_alive
    from toolkit.render.line import leave_out_quiet_lines
    from toolkit.render.plan_text import outcome_lines
    from toolkit.replies.run import due_run
    from toolkit.school.schedule import DUE

    playbooks = add_freezes(load(path, selection), command_settings(), selection)
    writes = playbooks.may_write
    with prepared_run(path, selection, command="due", writes=writes, read=lambda _: playbooks) as (prepared, talk):
        if notifies:
            refuse_silence(prepared.playbooks.school)
        run = replace(prepared, context=replace(prepared.context, command_words=("due",)))
        try:
            with Lease(run.ledger, run=run.context.run):
                ask = make_confirmation(talk, yes=yes, as_json=as_json, quiet=quiet)
                report = due_run(run.context, run.playbooks, run.ledger, ask)
        except LeaseHeld as held:
            held.exit = Exit.PENDING  # the next run of this job does the work
            raise
        except (RequestFailed, WrongTenant, UnsafePlan) as error:
            over_limits = isinstance(error, UnsafePlan) and path.is_dir()
            seen = _confirm_holds(path, playbooks) if over_limits else None  # which no limit delays
            if seen and not as_json:
                with talk.pause():
                    show(leave_out_quiet_lines([state_line(seen)], quiet=quiet))
            if notifies:
                notify_of_due(run, error, seen.state if seen else None, remark=talk.remark)
            raise
        holds: HoldsSeen | None = None
        try:
            with talk.pause():
                if not as_json:
                    show(leave_out_quiet_lines(outcome_lines(report), quiet=quiet))
                holds = _confirm_holds(path, playbooks) if path.is_dir() else None
        finally:
            if notifies:
                notify_of_due(run, report, holds.state if holds else None, remark=talk.remark)
        if notifies:
            report_alive(run, DUE, _exit_code(report, holds), talk.remark)
    return report, holds


def _confirm_holds(path: Path, playbooks: "Playbooks") -> "HoldsSeen | None":
    """Confirm legal holds that are not confirmed yet. Return None if there is no key or no register of holds."""
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.run import prepared_run
    from toolkit.holds.follow_up import follow_up_all, register_session
    from toolkit.holds.register import KEY, Register

    key = command_settings().variables.get(KEY)
    if not key or not Register(path, key).path.exists():
        return None
    with (
        prepared_run(path, command="hold", writes=True, read=lambda _: playbooks) as (run, _),
        register_session(run, key) as at,
    ):
        return follow_up_all(at)
