"""Applies playbooks, a reviewed plan, or what is due of them, asking first."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from toolkit.cli._options import Selection
from toolkit.cli._run import Run, prepared
from toolkit.cli._settings import school_folder
from toolkit.cli._terminal import agreed, attended, remark, show, typed
from toolkit.engine.refresh import Survey
from toolkit.engine.run_report import Report
from toolkit.engine.runs import Ask, apply_run, preview
from toolkit.errors import Exit, LeaseHeld, ServiceError, UnsafePlan, UsageError, WrongTenant
from toolkit.holds.model import HoldState
from toolkit.render.line import Line
from toolkit.render.plan_file import is_plan_file, read_plan_file
from toolkit.render.plan_text import narrow_plan_lines, outcome_lines, plan_lines
from toolkit.replies.due_run import due_run


def applied(
    path: Path, selection: Selection, *, yes: bool, quiet: bool, override: str = "", moved: Path | None = None
) -> Report:
    """Apply, telling an admin what is about to happen and how it went; `moved`: where the playbooks of a plan are."""
    from toolkit.ledger.lease import Lease

    reviewed = read_plan_file(path) if is_plan_file(path) else None
    if moved and not reviewed:
        raise UsageError(f"--playbooks says where the playbooks of a saved plan are, and {path} is no saved plan")
    playbooks = path
    if reviewed:
        playbooks = moved or reviewed.find_playbooks(school_folder().path)
        written = reviewed.written
        selection = replace(selection, only=tuple(written.only), provider=written.provider, prune=written.prune)
    with prepared(playbooks, selection, command="apply", writes=True) as run:
        if reviewed:
            reviewed.check(run.context.target.name, run.playbooks.digest)
        with Lease(run.ledger, run=run.context.run):
            report = apply_run(
                replace(run.context, override=override),
                run.playbooks,
                run.ledger,
                asking(run, yes=yes, quiet=quiet, override=override),
                review=partial(reviewed.review, redactor=run.ledger.redactor) if reviewed else None,
            )
    if not quiet:
        show(outcome_lines(report))
    return report


def done(
    path: Path, selection: Selection, *, yes: bool, quiet: bool, notifies: bool = False
) -> tuple[Report, HoldState | None]:
    """Do what is due, telling an admin what is about to happen and how it went, and follow holds up."""
    from toolkit.cli._hold import followed_up
    from toolkit.cli._notify import notices_of, remind
    from toolkit.ledger.lease import Lease

    with prepared(path, selection, command="due", writes=True) as opened:
        if notifies:
            notices_of(opened.playbooks)
        run = replace(opened, context=replace(opened.context, asked=("due",)))
        try:
            with Lease(run.ledger, run=run.context.run):
                ask = asking(run, yes=yes, quiet=quiet, lines=narrow_plan_lines)
                report = due_run(run.context, run.playbooks, run.ledger, ask)
        except LeaseHeld as held:
            held.exit = Exit.PENDING  # the other run ends, and then this job does what is due
            raise
        except (ServiceError, WrongTenant, UnsafePlan) as error:
            if notifies:
                remind(run, error)
            raise
        holds: HoldState | None = None
        try:
            with run.talk.paused():
                if not quiet:
                    show(outcome_lines(report))
                holds = followed_up(path) if path.is_dir() else None
        finally:
            if notifies:
                remind(run, report, holds)
    return report, holds


def asking(
    run: Run,
    *,
    yes: bool,
    quiet: bool,
    override: str = "",
    lines: Callable[[Report], Iterable[Line]] = plan_lines,
) -> Ask:
    """Show the plan of a run, and give the answer of whoever is asked."""

    def ask(survey: Survey) -> bool:
        report = preview(replace(run.context, override=override), survey)
        with run.talk.paused():
            if not quiet:
                show(lines(report))
            return not survey.has_work or bool(survey.breaches) or yes or _agreed(run, quiet=quiet)

    return ask


def _agreed(run: Run, *, quiet: bool) -> bool:
    """Ask for a yes, on a live target for the school's short name."""
    if quiet:
        remark("toolkit: with --json nobody sees the plan, so nobody is asked: add --yes")
        return False
    if not run.context.target.live:
        return agreed("Write this to the emulated tenants?")
    if not attended():
        return False
    short_name = run.playbooks.school.short_name
    return typed(f"This writes to the live tenants. Type {short_name} to go on") == short_name
