"""The command `toolkit rollback`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import (
    json_option,
    override_option,
    playbooks_argument,
    quiet_option,
    selecting_and_limiting,
    verbose_option,
)
from toolkit.engine.selection import Selection


@click.command()
@click.argument("run")
@playbooks_argument
@json_option
@quiet_option
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option("--even-if-changed", is_flag=True, help="Also restore settings that were changed since that run.")
@verbose_option
@override_option
@selecting_and_limiting
def command(
    run: str,
    playbooks: Path,
    *,
    as_json: bool,
    quiet: bool,
    yes: bool,
    verbose: bool,
    even_if_changed: bool,
    override: str,
    selection: Selection,
) -> None:
    r"""Restore the tenants to their state before a run.

    RUN is an id from `toolkit audit log`, or `last`. Objects that the run created are deleted, deleted objects are
    created again, and changed settings get their former values. A setting that was changed by hand since then is a
    conflict and does not change. Only the school file is read, so a mistake in another playbook does not prevent a
    rollback. As for apply, the plan is shown, checked against limits, confirmed and recorded. A rollback can be rolled
    back too. `last` is then the rollback, so the changes of the original run are made again. Revert the playbooks as
    well, or the next apply makes the same changes again.

    \b
    Example: toolkit rollback last
             toolkit rollback 3f2a playbooks/ --yes
             toolkit rollback last --override "mail to parents is rejected"
    """
    from toolkit import api
    from toolkit.api.school_files import load_school
    from toolkit.cli.shared.run import make_confirmation, surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.render.plan_text import outcome_lines

    with surroundings() as around:
        report = api.rollback(
            load_school(playbooks, selection),
            run,
            confirm=make_confirmation(around["progress"], yes=yes, as_json=as_json, quiet=quiet, verbose=verbose),
            selection=selection,
            even_if_changed=even_if_changed,
            override=override,
            **around,
        )
    show_answer(report.to_dict(), outcome_lines(report), as_json=as_json, quiet=quiet)
    sys.exit(report.exit)
