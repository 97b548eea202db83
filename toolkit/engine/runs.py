"""Run toolkit for a school: read the tenants, make a plan, write if the run may, and record everything in the
ledger.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING

from toolkit.engine.apply.changes import apply_changes
from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.approvals import find_needed_approvals
from toolkit.engine.build_plan import make_plan_rules
from toolkit.engine.context import RunContext
from toolkit.engine.count_stops import read_ended_uses
from toolkit.engine.journal import Journal
from toolkit.engine.ledger_state import LedgerState, current_pilot_records
from toolkit.engine.refresh import TenantSurvey, open_survey
from toolkit.engine.refusal_messages import approval_message, describe_exceeded_limits, quote_option
from toolkit.engine.run_report import (
    UNREAD,
    Report,
    exit_codes_of_unknown,
    exit_of_apply,
    exit_of_plan,
    find_waiting_changes,
    refuse_waiting_changes,
    summarise_plan,
    worst,
)
from toolkit.engine.unfinished_steps import objects_of_unfinished_steps, record_verdicts
from toolkit.errors import Exit, RequestFailed, UnsafePlan, WrongTenant
from toolkit.planning.names import find_deleted_or_empty_groups
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import UNDECIDED, UNMANAGED
from toolkit.planning.rollback.forecast import LedgerView, forecast_rollback
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.resource import Observed
from toolkit.values import Settings, from_plain, plain

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def record_run_start(journal: Journal, context: RunContext, playbooks: Playbooks, tenants: Mapping[str, str]) -> None:
    """Record the start and the conditions of a run in the ledger. `tenants` is empty if no tenant could be reached."""
    journal.record_start(replace(context, flags=[*context.command_words[1:], *context.flags]), playbooks, tenants)


def record_run_end(journal: Journal, report: Report, survey: TenantSurvey, *, marks_new_as_reported: bool) -> None:
    """Record the end of a run.

    Unmanaged objects are recorded only if their kind was read completely. Without `marks_new_as_reported`, the next run
    again reports the new unmanaged objects as new.
    """
    inventory = survey.ledger_state.inventory
    unmanaged = {
        kind: [resource for resource in report.plan.select(UNMANAGED) if resource.address.kind_path == kind]
        for kind in (survey.observed.objects if survey.has_full_lists else ())
        if kind not in survey.observed.incomplete and (marks_new_as_reported or kind not in inventory)
    }
    unread = Exit.UNREAD in exit_codes_of_unknown(report.plan) or any(
        result.has_acts_of_unknown_outcome for result in report.results
    )
    journal.record_end(
        code=report.exit,
        summary={**summarise_plan(report.plan, report.outcomes), **({UNREAD: 1} if unread else {})},
        unmanaged=unmanaged,
        groups=survey.groups,
        pilots=current_pilot_records(survey.plan),
        transitions=report.transitions,
    )


if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@contextmanager
def survey_or_record_failure(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", survey_context: AbstractContextManager[TenantSurvey]
) -> Iterator[TenantSurvey]:
    """Yield the state of the tenants and the plan.

    If no tenant can be read, record the failed run and raise the error.
    """
    with ExitStack() as stack:
        try:
            survey = stack.enter_context(survey_context)
        except (RequestFailed, WrongTenant) as error:
            journal = Journal(ledger, context.run, context.now)
            record_run_start(journal, context, playbooks, {})
            journal.record_end(code=error.exit, summary={}, unmanaged={}, failed=str(error))
            raise
        yield survey


ComputeExitCode = Callable[[Plan, Sequence[Outcome]], Exit]
"""A function that returns the exit code of a plan and the outcomes of its changes."""

ReviewPlan = Callable[[TenantSurvey], None]
"""A function that compares a survey with a reviewed plan. It raises StalePlan if they differ."""

ConfirmPlan = Callable[[Report], bool]
"""A function that shows an admin the plan and returns whether to write it. Beyond a limit, it only shows the plan."""


def plan_survey(
    context: RunContext,
    survey_context: AbstractContextManager[TenantSurvey],
    ledger: "Ledger | None",
    *,
    review: ReviewPlan | None = None,
) -> Report:
    """Return the report on a plan, without writing to a tenant or to the ledger."""
    with survey_context as survey:
        if review:
            review(survey)
        report = _report_with_ended_uses(context, survey)
        if context.undo is None:
            report = _add_rollback_forecast(context, survey, ledger, report)
    code = worst([exit_of_plan(survey.plan, survey.breaches), _exit_code_of_open_choices(context, survey)])
    return replace(report, exit=worst([code, *(result.exit for result in survey.results)]))


def run_apply(
    context: RunContext,
    playbooks: Playbooks,
    ledger: "Ledger",
    confirm: ConfirmPlan,
    *,
    review: ReviewPlan | None = None,
) -> Report:
    """Bring the tenants into line with the playbooks, if `confirm` returns true.

    The caller holds the lease. Raise UnsafePlan if a limit prevents the apply, and StalePlan if `review` finds that the
    plan has changed.
    """
    return plan_and_apply(
        context, open_survey(context, playbooks, read_ledger_records(context, ledger)), ledger, confirm, review=review
    )


def plan_and_apply(
    context: RunContext,
    survey_context: AbstractContextManager[TenantSurvey],
    ledger: "Ledger",
    confirm: ConfirmPlan,
    *,
    review: ReviewPlan | None = None,
    compute_exit_code: ComputeExitCode = exit_of_apply,
    marks_new_as_reported: bool = True,
) -> Report:
    """Run an apply: read the tenants, make a plan, ask for confirmation, write the changes, and record the run.

    The caller holds the lease.
    """
    journal = Journal(ledger, context.run, context.now)
    with survey_context as full_survey:
        if review:
            review(full_survey)
        survey = refuse_waiting_changes(context, full_survey)
        record_run_start(journal, context, survey.playbooks, survey.tenants)
        journal.object_schools = survey.plan.desired_schools
        record_verdicts(survey.half_done, journal)
        report = _report_with_ended_uses(context, survey)
        if context.command == "apply":
            report = _add_rollback_forecast(context, survey, ledger, report)
        agreed = confirm(report)
        if survey.breaches and survey.plan.changes:
            record_run_end(
                journal, replace(report, exit=Exit.REFUSED), survey, marks_new_as_reported=marks_new_as_reported
            )
            raise UnsafePlan(describe_exceeded_limits(context, survey))
        if report.lacks_approval:
            record_run_end(
                journal, replace(report, exit=Exit.REFUSED), survey, marks_new_as_reported=marks_new_as_reported
            )
            raise UnsafePlan(approval_message(context, survey, report.approvals))
        if report.has_work and not agreed:
            results = [result.without_acts({act.address for act in result.acts}) for result in survey.results]
            report = replace(report, exit=Exit.REFUSED, results=results)
        else:
            outcomes = apply_changes(survey.plan, survey.kinds, survey.connections, journal, context.progress)
            results = [result.perform_acts(survey.connections, journal) for result in survey.results]
            acts = [Exit.FAILED for result in results if result.failures]
            acts += [Exit.UNREAD for result in results if result.has_acts_of_unknown_outcome]
            code = worst([compute_exit_code(survey.plan, outcomes), *acts, _exit_code_of_open_choices(context, survey)])
            report = replace(report, outcomes=outcomes, results=results, exit=code)
    record_run_end(journal, report, survey, marks_new_as_reported=marks_new_as_reported)
    return report


def _report_with_ended_uses(context: RunContext, survey: TenantSurvey) -> Report:
    """Return the report of a run, with the approvals that it needs and the present uses that its changes would end."""
    report = report_before_write(context, survey)
    stops = read_ended_uses(
        survey.plan, survey.kinds, survey.connections, context.now, waiting_objects=report.waiting.keys()
    )
    return replace(report, stops=stops, approvals=find_needed_approvals(context, survey, stops))


def _add_rollback_forecast(
    context: RunContext, survey: TenantSurvey, ledger: "Ledger | None", report: Report
) -> Report:
    """Return the report with a forecast of its rollback: changes that could not be undone, and the flags that a
    rollback would need.
    """

    def redact(settings: Settings) -> Settings:
        if ledger is None:
            return settings
        redacted = {name: ledger.redactor.json({name: plain(value)}) for name, value in settings.items()}
        return {name: from_plain(value[name]) for name, value in redacted.items() if isinstance(value, Mapping)}

    forecast = forecast_rollback(
        survey.plan,
        survey.kinds,
        make_plan_rules(context, survey.playbooks, survey.ledger_state),
        LedgerView(last_applied=survey.ledger_state.known_objects, redact=redact),
        [act.address for result in survey.results for act in result.acts],
    )
    return replace(report, forecast=forecast)


def command_to_roll_back(report: Report) -> str:
    """Return the command that rolls back this apply, with its flags.

    Return "" if the run is not an apply, or wrote nothing.
    """
    context = report.context
    results = {outcome.result for outcome in report.outcomes or ()}
    if context.command != "apply" or not any(result is Result.DONE or result.may_have_written for result in results):
        return ""
    flags = [*report.forecast.flags, *([f"--provider {context.provider}"] if context.provider else [])]
    flags += [f"--override {context.override}"] if context.override else []
    return " ".join(["toolkit rollback", context.run, quote(str(report.playbooks.root)), *map(quote_option, flags)])


def _exit_code_of_open_choices(context: RunContext, survey: TenantSurvey) -> Exit:
    """Return the exit code REFUSED if the user selected a control that waits for a decision, otherwise AS_WANTED."""
    return Exit.REFUSED if bool(context.only) and bool(survey.plan.select(UNDECIDED)) else Exit.AS_WANTED


def read_ledger_records(context: RunContext, ledger: "Ledger | None") -> LedgerState:
    """Return the ledger's records that the run needs, or empty records for a run without a ledger."""
    if ledger is None or not ledger.exists():
        return LedgerState(extensions=context.extensions(None))
    from toolkit.engine.ledger_state import read_ledger_state

    return read_ledger_state(ledger, context.extensions(ledger))


def report_before_write(context: RunContext, survey: TenantSurvey, exit_code: Exit = Exit.AS_WANTED) -> Report:
    """Return the report of a run before anything is written."""
    return Report(
        context=context,
        playbooks=survey.playbooks,
        tenants=survey.tenants,
        plan=survey.plan,
        exit=exit_code,
        half_done=objects_of_unfinished_steps(survey.half_done),
        renamed=survey.renamed,
        unread_groups=frozenset().union(*(directory.unknown for directory in survey.directories.values())),
        lost_groups=_missing_groups(context, survey),
        newcomers=_new_unmanaged_objects(survey),
        results=survey.results,
        waiting=find_waiting_changes(context, survey),
        limits=[f"{breach.reason}; {quote_option(breach.flag)} would allow it" for breach in survey.breaches],
    )


def _missing_groups(context: RunContext, survey: TenantSurvey) -> tuple[str, ...]:
    """Return the groups that the playbooks name and that no longer exist or are empty.

    Return none if the selected objects need no group.
    """
    concerned = not context.only or any(unknown.for_whom for unknown in survey.plan.unknown)
    return find_deleted_or_empty_groups(survey.directories.values()) if concerned else ()


def _new_unmanaged_objects(survey: TenantSurvey) -> list[Observed]:
    """Return unmanaged objects that are new since their kind was last read.

    Temporary objects are left out. So are objects that this ledger adopted and no longer manages.
    """
    given_back = survey.ledger_state.own_objects.ids
    lent = {name for name, kind in survey.kinds.items() if kind.temporary}
    inventory = {name: ids for name, ids in survey.ledger_state.inventory.items() if name not in lent}
    return [
        resource
        for resource in survey.plan.select(UNMANAGED)
        if resource.address.kind_path in inventory
        and resource.remote.id not in inventory[resource.address.kind_path]
        and (resource.address.kind_path, resource.remote.id) not in given_back
    ]
