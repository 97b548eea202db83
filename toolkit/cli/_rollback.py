"""Rolls back one run, asking first."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.cli._apply import asking
from toolkit.cli._audit import one_run, recorded
from toolkit.cli._options import Selection
from toolkit.cli._run import prepared
from toolkit.cli._terminal import show
from toolkit.engine.rollback import rollback_run
from toolkit.engine.run_report import Report
from toolkit.errors import UsageError
from toolkit.ledger.history import RunHistory
from toolkit.ledger.tables import StepState
from toolkit.playbook.load import load_school
from toolkit.render.plan_text import outcome_lines

LAST = "last"
_NOTHING_DONE = {StepState.FAILED, StepState.NOT_APPLIED}


def rolled_back(
    run: str,
    playbooks: Path,
    selection: Selection,
    *,
    yes: bool,
    quiet: bool,
    even_if_changed: bool,
    override: str = "",
) -> Report:
    """Roll back, telling an admin what is about to happen and how it went."""
    from toolkit.ledger.lease import Lease

    with prepared(playbooks, selection, command="rollback", writes=True, read=load_school) as prepared_run:
        told = _meant(run, recorded(prepared_run.ledger))
        flags = ["--even-if-changed"] if even_if_changed else []
        context = replace(
            prepared_run.context,
            asked=("rollback", told.began.run),
            flags=(*prepared_run.context.flags, *flags),
            override=override,
        )
        with Lease(prepared_run.ledger, run=context.run):
            report = rollback_run(
                context,
                prepared_run.playbooks,
                prepared_run.ledger,
                told,
                asking(replace(prepared_run, context=context), yes=yes, quiet=quiet, override=override),
                even_if_changed=even_if_changed,
            )
    if not quiet:
        show(outcome_lines(report))
    return report


def _meant(run: str, runs: Sequence[RunHistory]) -> RunHistory:
    """Find the run that somebody means; UsageError where there is none, or where it wrote nothing."""
    wrote = [told for told in runs if any(step.state not in _NOTHING_DONE for step in told.steps.values())]
    if run == LAST:
        if not wrote:
            raise UsageError("the ledger knows no run that wrote anything: there is nothing to roll back")
        return wrote[0]
    told = one_run(runs, run)
    if told not in wrote:
        raise UsageError(f"run {told.began.run} wrote nothing: there is nothing to roll back")
    return told
