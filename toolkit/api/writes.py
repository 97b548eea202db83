"""Functions that write to the tenants."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

from toolkit.api.school_files import add_freezes, load_school
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.read_tenants import ignore_message
from toolkit.engine.refresh import open_survey
from toolkit.engine.report_json import add_json_writer
from toolkit.engine.run_report import Report
from toolkit.engine.runs import plan_survey, read_ledger_records, run_apply
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.errors import UsageError
from toolkit.features import RunOptions, open_run
from toolkit.ledger.lease import Lease
from toolkit.ledger.redact import Redactor
from toolkit.playbook.entries import Playbooks
from toolkit.render.answer import report_json
from toolkit.render.plan_file import PlanFile, read_plan_file
from toolkit.render.plan_signatures import find_approval, find_maker
from toolkit.render.withdraw_text import withdrawal_json
from toolkit.school.signers import PlanApproval
from toolkit.settings.settings import read_settings
from toolkit.values import Body

Confirm = Callable[[Report], bool]
"""A function that receives the report of a plan, and returns whether to write the plan."""


def apply(
    playbooks: Playbooks,
    confirm: Confirm | None = None,
    selection: Selection = EVERYTHING,
    *,
    saved_plan: Path | None = None,
    override: str = "",
    review: str = "",
    **options: Unpack[RunOptions],
) -> Report:
    """Make the tenants agree with the playbooks, and report the result.

    `confirm` is called with the report of the plan and returns whether to write it. It cannot lift a limit. Without
    `confirm` nothing is written, and the report is the plan. `report.outcomes` holds each change with its result, and
    is None if there was nothing to write or `confirm` returned False. With `saved_plan`, a file of `toolkit plan -o`,
    exactly that plan is applied, with the selection for which it was made. `override` is the reason to write outside
    the school's change windows or in a freeze. It is recorded in the ledger. `review` is the address of the pull
    request at GitHub whose review approves the saved plan.

    UnsafePlan if the plan exceeds a limit, StalePlan if the saved plan differs from the current plan, LeaseHeld if
    another run is writing. Nothing was written in these cases.

        >>> report = api.apply(school, confirm=lambda report: len(report.plan.changes) < 10)
        >>> [(outcome.address, outcome.result) for outcome in report.outcomes or ()]
    """
    from toolkit.engine.first_run import FirstRun

    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    saved = read_plan_file(saved_plan, "apply") if saved_plan else None
    if saved:
        selection = saved.narrow_selection(selection)._replace(prune=saved.content.prune)
    playbooks = add_freezes(playbooks, settings, selection)
    with open_run(playbooks, selection, command="apply", writes=confirm is not None, **options) as run:
        context = replace(run.context, override=override)
        if saved and review:
            context = replace(context, approval=_find_reviewed(saved, review, run))
        report = _apply(replace(run, context=context), confirm, saved, options, report_json)
        if confirm and run.context.target.live:
            FirstRun.read(settings, playbooks.school).store_written_facts(report)
        return report


def _find_reviewed(saved: PlanFile, review: str, run: PreparedRun) -> PlanApproval:
    """Return the approval of a saved plan by a review on the forge, which is recorded as the forge's word."""
    find_maker(saved, run.playbooks.school)  # the reviewer read its text, so that its signature must fit
    target = run.context.target
    from toolkit.engine.forge_reviews import find_review

    pull = find_review(review, run.playbooks.school.reviews, target.variables, target.ca_file)
    by = f"{pull.by}, as {pull.host} says of commit {pull.commit[:12]}"
    return PlanApproval(by, pull.review, hashlib.sha256(saved.raw).hexdigest())


def withdraw(
    playbooks: Playbooks,
    confirm: Confirm | None = None,
    selection: Selection = EVERYTHING,
    *,
    saved_plan: Path | None = None,
    override: str = "",
    **options: Unpack[RunOptions],
) -> Report:
    """Undo everything that this ledger records as made by toolkit, and report the result.

    The playbooks are only used to find the school. Objects that toolkit created are deleted, and settings that toolkit
    changed get back their earlier values from the ledger. `report.plan.kept` holds the objects that stay, such as
    holds, each with the reason. A withdrawal is planned, limited, confirmed and recorded in the same way as an `apply`.
    Without `confirm` nothing is written, and the report is the plan.

        >>> report = api.withdraw(school)
        >>> [(refusal.address, refusal.reason) for refusal in report.plan.kept]
    """
    if playbooks.file:
        raise UsageError(f"{playbooks.file} is a single file. Name the folder of the playbooks: {playbooks.root}")
    saved = read_plan_file(saved_plan, "withdraw") if saved_plan else None
    selection = saved.narrow_selection(selection) if saved else selection
    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    school = add_freezes(load_school(playbooks.root, selection), settings, selection)
    with open_run(school, selection, command="withdraw", writes=confirm is not None, **options) as run:
        context = replace(
            run.context, override=override, command_words=("withdraw",), prune=True, withdraws_everything=True
        )
        return _apply(replace(run, context=context), confirm, saved, options, withdrawal_json)


def with_json_reports(confirm: Confirm, write_json: Callable[[Report], Body], redactor: Redactor) -> Confirm:
    """Return a `confirm` function that passes on reports with a `to_dict` method."""
    return lambda report: confirm(add_json_writer(report, write_json, redactor))


def _apply(
    run: PreparedRun,
    confirm: Confirm | None,
    saved: PlanFile | None,
    options: RunOptions,
    write_json: Callable[[Report], Body],
) -> Report:
    """Write the plan that `confirm` accepts, or exactly a saved plan, with a lock on the ledger."""
    context, playbooks, ledger = run.context, run.playbooks, run.ledger
    if saved:
        saved.check(context.target.name, playbooks.digest)
        if saved.describe_missing_reach:
            options.get("remark", ignore_message)(f"toolkit: {saved.describe_missing_reach}")
    review = partial(saved.review, redactor=ledger.redactor) if saved else None
    if saved:
        approval = find_approval(saved, playbooks.school) or context.approval
        context = replace(context, saved_plan=saved.path, approval=approval)
    if confirm is None:
        surveying = open_survey(context, playbooks, read_ledger_records(context, ledger))
        report = plan_survey(context, surveying, ledger, review=review)
        return add_json_writer(report, write_json, ledger.redactor)
    ask = with_json_reports(confirm, write_json, ledger.redactor)
    with Lease(ledger, run=context.run):
        report = run_apply(context, playbooks, ledger, ask, review=review)
    return add_json_writer(report, write_json, ledger.redactor)
