"""The report of a run, with its summary and its exit code."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from toolkit.engine.apply.outcome import Outcome, Result, results_of
from toolkit.engine.context import RunContext
from toolkit.engine.extension import ExtensionResult
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.report_json import JsonReport
from toolkit.engine.unfinished_steps import UnfinishedObject
from toolkit.errors import Exit
from toolkit.ledger.entries import Transition
from toolkit.planning.change import action_name, playbook_entry_of
from toolkit.planning.checks.findings import findings_on_parts_left_to_people
from toolkit.planning.due_change import DueChange
from toolkit.planning.expand import Expansion
from toolkit.planning.limits import Breach, find_breaches
from toolkit.planning.names import RenamedGroup
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Refusal
from toolkit.planning.plan_states import CHANGED, PLAN_STATES, REFUSED, PlanState, empty_group_state
from toolkit.planning.projected_state import refuse_blocked_changes
from toolkit.planning.rollback.forecast import RollbackForecast
from toolkit.planning.select import leave_out_blocked
from toolkit.planning.stops import EndedUse
from toolkit.planning.verdicts.judge import RunEvidence, judge_parts
from toolkit.planning.verdicts.use import controls_with_uncounted_devices
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.schedule import Wait
from toolkit.sdk.providers import cloud_titles
from toolkit.sdk.reason import Reason
from toolkit.sdk.resource import Address, Observed
from toolkit.sdk.verdict import Verdict

UNREAD = "unread"
"""The key in the ledger's summary of a run for parts that could not be read, whatever the exit code."""

_WORST = (Exit.FAILED, Exit.REFUSED, Exit.PENDING, Exit.UNREAD)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the most serious exit code, in the order failed, refused, pending, unread.

    A known failure outranks an unknown result.

        >>> api.worst([Exit.UNREAD, Exit.PENDING])
        <Exit.PENDING: 3>
    """
    present = set(codes)
    return next((code for code in _WORST if code in present), Exit.AS_WANTED)


QUIET_UNKNOWNS: Mapping[str, str] = {
    **{state.name: state.why for state in PLAN_STATES if state.why},
    "whether an unmanaged object does the same job, if no playbook uses its kind": (
        "the kind is read only to find look-alikes, and the plan names each object that may have a look-alike"
    ),
    "the number of people or devices that an object reaches, if the run writes nothing": (
        "the people and devices are counted before a write"
    ),
    "the cause, the time or the author of a difference": "the difference is known, and sets the exit code",
    "a manual part that no one has confirmed yet": (
        "toolkit cannot read the part, and an overdue confirmation sets the exit code after the first confirmation"
    ),
    "an end date that toolkit cannot read and no register records": (
        "toolkit cannot read the date in a later run either, so the school records it in a register"
    ),
}
"""Every unknown that does not lead to exit code 4, with the reason. Anything else that is unknown does."""


def exit_of_unknown(reason: Reason, people_before: int | None) -> Exit:
    """Return the exit code for an object or kind that is unknown for a given reason.

    `people_before` is the number of people in its group at the last apply.
    """
    return empty_group_state(reason, people_before).exits.check


def exit_codes_of_unknown(plan: Plan) -> list[Exit]:
    """Return the exit codes of a plan's unknown objects and kinds."""
    exits = [state.exits.check for state in _plan_states(plan)]
    return [*exits, Exit.UNREAD] if controls_with_uncounted_devices(plan.controls) else exits


def exit_of_plan(plan: Plan, breaches: Sequence[Breach]) -> Exit:
    """Return the exit code of a plan, which depends on the plan's entries and on the limits that the plan exceeds."""
    exits = (state.exits.plan for state in _plan_states(plan))
    return worst([*exits, *exit_codes_of_unknown(plan), *([Exit.REFUSED] if breaches else [])])


def exit_of_apply(plan: Plan, outcomes: Sequence[Outcome]) -> Exit:
    """Return the exit code of an apply: 0 if every change was made and everything was read."""
    results = {outcome.result for outcome in outcomes}
    return worst(
        [
            *([Exit.FAILED] if results & {Result.FAILED, Result.DIFFERENT, Result.NOT_TRIED} else []),
            *(state.exits.apply for state in _plan_states(plan)),
            *exit_codes_of_unknown(plan),
            *([Exit.UNREAD] if results & {Result.UNKNOWN, Result.NOT_STARTED} else []),
        ]
    )


def exit_of_drift(plan: Plan) -> Exit:
    """Return the exit code of a drift run. A difference counts even if no run writes the setting."""
    return worst([*(state.exits.drift for state in _plan_states(plan)), *exit_codes_of_unknown(plan)])


def summarise_plan(plan: Plan, outcomes: Sequence[Outcome] | None) -> Mapping[str, int]:
    """Return the number of plan entries in each state, and of outcomes with each result.

    `failed` counts every change that was not made.
    """
    actions = Counter(action_name(change) for change in plan.changes)
    counts = Counter({state.summary_key: 0 for state in PLAN_STATES if state.summary_key})
    for state in PLAN_STATES:
        if state.summary_key:
            counts[state.summary_key] += state.count(plan.select(state))
    return {
        **{name: actions[name] for name in ("create", "update", "delete", "move")},
        **counts,
        "unconfirmed": sum(outcome.result.may_have_written for outcome in outcomes or ()),
        "failed": sum(outcome.result is not Result.DONE for outcome in outcomes or ()),
    }


def _plan_states(plan: Plan) -> Iterable[PlanState[Any]]:
    return dict.fromkeys(row.state for row in plan.rows)


Waiting: TypeAlias = Mapping[Address, Wait]
"""The changes, and the messages to people, that are not written now."""


def find_waiting_changes(context: RunContext, survey: TenantSurvey) -> Waiting:
    """Return the changes that wait for a change window or the end of a freeze.

    Nothing waits if an administrator overrides both.
    """
    windows = survey.playbooks.school.windows
    if windows is None or context.override:
        return {}
    waits = {
        change.address: windows.wait(_controls_of_object(survey, change.address), change.address.kind_path, context.now)
        for change in survey.plan.changes
    }
    for act in (act for result in survey.results for act in result.acts):
        waits[act.address] = windows.wait({act.control}, act.address.kind_path, context.now)
    return {address: wait for address, wait in waits.items() if wait}


def refuse_waiting_changes(context: RunContext, survey: TenantSurvey) -> TenantSurvey:
    """Return the survey with changes refused that must wait, so that the limits do not count them."""
    held_back = find_waiting_changes(context, survey)
    if not held_back:
        return survey
    origins = {change.address: playbook_entry_of(change).origin for change in survey.plan.changes}
    plan = survey.plan.replace(CHANGED, [change for change in survey.plan.changes if change.address not in held_back])
    plan = plan.add(
        REFUSED,
        [Refusal(address, str(wait), origins.get(address), waits=True) for address, wait in held_back.items()],
    )
    missing = {address: str(wait) for address, wait in held_back.items()}
    while presupposing := refuse_blocked_changes(plan, survey.kinds, missing):
        plan = leave_out_blocked(plan, presupposing)
        missing |= {obstacle.address: str(obstacle.reason) for obstacle in presupposing if obstacle.address}
    return replace(
        survey,
        plan=plan,
        breaches=find_breaches(plan, survey.ledger_state.known_objects, context.allowed),
        results=[result.without_acts(held_back.keys()) for result in survey.results],
    )


def _controls_of_object(survey: TenantSurvey, address: Address) -> frozenset[str]:
    """Return the controls because of which an object is managed.

    If no playbook asks for the object, these are the controls of the feature that owns its kind.
    """
    kind = survey.kinds[address.kind_path]
    of_feature = frozenset[str]().union(*(extension.controls_of(kind) for extension in survey.ledger_state.extensions))
    return of_feature or survey.plan.desired_controls.get(address, frozenset()) - {""}


_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Report(JsonReport):
    """The report of a run: its plan, its outcomes and its exit code."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    plan: Plan
    exit: Exit
    half_done: Sequence[UnfinishedObject] = ()
    newcomers: Sequence[Observed] = ()  # unmanaged objects that are new since an earlier run
    limits: Sequence[str] = ()  # limits at which `apply` would stop, each with the flag that allows it
    waiting: Waiting = field(default_factory=dict)  # changes that wait for a change window
    outcomes: Sequence[Outcome] | None = None  # None if the run writes nothing
    renamed: Sequence[RenamedGroup] = ()  # groups and units that the playbooks call by a former name
    unread_groups: frozenset[str] = frozenset()  # by their names in the playbooks
    lost_groups: Sequence[str] = ()  # groups and units of the playbooks that are gone or empty
    results: Sequence[ExtensionResult] = ()  # the result of each feature
    forecast: RollbackForecast = field(default_factory=RollbackForecast)  # of a rollback of this run
    stops: Sequence[EndedUse] = ()  # uses that the changes end
    approvals: Sequence[str] = ()  # the changes that need the approval of a second person

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """Return the verdict on each part of each control.

        After an apply, the verdicts are based on settings that were read again.
        """
        now = self.context.now.astimezone(ZoneInfo(self.playbooks.school.time_zone))
        controls = self.plan.controls
        clouds = dict.fromkeys(control.provider for control in controls)
        expansion = Expansion((), controls, ())
        by_people = [
            f for name in clouds for f in findings_on_parts_left_to_people(name, self.playbooks, expansion, now.date())
        ]
        return judge_parts(
            RunEvidence(
                controls=controls,
                plan=self.plan,
                findings=by_people,
                titles=cloud_titles(),
                now=now,
                results=results_of(self.outcomes or ()),
            )
        )

    @property
    def has_work(self) -> bool:
        """Return whether an apply of this plan would change or send anything."""
        return bool(self.plan.changes) or any(result.acts for result in self.results)

    @property
    def lacks_approval(self) -> bool:
        """Return whether an apply stops because no second person has approved changes of the plan."""
        return bool(self.approvals) and self.context.approval is None

    @property
    def due_changes(self) -> Sequence[DueChange]:
        """Return the changes that are due because a date has passed, as reported by the features in the run."""
        return [
            due_change
            for result in self.results
            for due_change in result.due_changes
            if not self.context.withdraws_everything
        ]

    @property
    def transitions(self) -> Sequence[Transition]:
        """Return the exceptions that began or ended in the run, with the delay of each."""
        now, outcomes = self.context.now, self.outcomes or ()
        return [transition for result in self.results for transition in result.transitions(outcomes, now)]

    def find_result(self, result_type: type[_Result]) -> _Result | None:
        """Return the result of a given type that a feature had in the run, or None if the run did not
        involve the feature.
        """
        return next(
            (feature_result for feature_result in self.results if isinstance(feature_result, result_type)), None
        )
