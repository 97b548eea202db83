"""toolkit rollback"""

import sys
from dataclasses import replace
from pathlib import Path

import click

from toolkit.cli.shared.options import (
    json_option,
    override_option,
    playbooks_argument,
    selecting_and_limiting,
    verbose_option,
)
from toolkit.engine.selection import Selection


@click.command()
@click.argument("run")
@playbooks_argument
@json_option
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option("--even-if-changed", is_flag=True, help="Also restore what was changed since that run.")
@verbose_option
@override_option
@selecting_and_limiting
def command(
    run: str,
    playbooks: Path,
    *,
    as_json: bool,
    yes: bool,
    verbose: bool,
    even_if_changed: bool,
    override: str,
    selection: Selection,
) -> None:
    r"""Restore the tenants to their state before a run.

    RUN is an id from `toolkit audit log`, or `last`. What the run created is deleted, what it deleted is created
    again, and what it changed gets its former values. What was changed by hand since then is a conflict and does not
    change. Only the school file is read, so a mistake in another playbook does not stop it. The plan is shown,
    limited, confirmed and recorded as for apply, and can be rolled back too: after a rollback, `last` is the
    rollback, so that its changes are made again. Revert the playbooks as well, or the next apply makes the same
    changes again.

    \b
    Example: toolkit rollback last
             toolkit rollback 3f2a playbooks/ --yes
             toolkit rollback last --override "mail to parents is rejected"
    """
    from toolkit.cli.shared.run import confirmation, prepared_run
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.context import RunToUndo
    from toolkit.engine.rollback import find_run_to_undo, rollback_run, rolled_back_run, runs_since
    from toolkit.ledger.history import recorded_runs
    from toolkit.ledger.lease import Lease
    from toolkit.playbook.load import load_school
    from toolkit.render.answer import rollback_answer
    from toolkit.render.plan_text import outcome_lines

    with prepared_run(playbooks, selection, command="rollback", writes=True, read=load_school) as (prepared, talk):
        runs = recorded_runs(prepared.ledger)
        told = find_run_to_undo(run, runs)
        flags = ["--even-if-changed"] if even_if_changed else []
        context = replace(
            prepared.context,
            asked=("rollback", told.began.run),
            undo=RunToUndo(
                run=told.began.run,
                redoes=rolled_back_run(told),
                same_playbooks=_digest(prepared.playbooks.root) == told.began.playbooks,
            ),
            flags=(*prepared.context.flags, *flags),
            override=override,
            undoes=told.began.run,
        )
        ask = confirmation(talk, yes=yes, quiet=as_json, verbose=verbose)
        with Lease(prepared.ledger, run=context.run):
            report = rollback_run(
                context,
                prepared.playbooks,
                prepared.ledger,
                told,
                ask,
                even_if_changed=even_if_changed,
                since=runs_since(told, runs),
            )
    show_answer(rollback_answer(report), outcome_lines(report), as_json=as_json)
    sys.exit(report.exit)


def _digest(playbooks: Path) -> str:
    """Return the digest of all playbooks, or "" if they cannot be read."""
    from toolkit.errors import PlaybookError
    from toolkit.playbook.load import load

    try:
        return load(playbooks).digest
    except PlaybookError:
        return ""
