"""Predict, before a run, which of its changes a rollback could not undo, and which flags the rollback would need."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace

from toolkit.planning.applied_change import AppliedChange, ObjectChange, sum_changes
from toolkit.planning.change import (
    Change,
    Create,
    Delete,
    Field,
    Move,
    Update,
    action_name,
    changed_fields,
    settings_before_and_after,
)
from toolkit.planning.compare import PlanRules
from toolkit.planning.diff import NAME
from toolkit.planning.draft import AnyKind, Draft
from toolkit.planning.limits import Allowances, find_breaches
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_details import Refusal
from toolkit.planning.plan_states import CHANGED, KEPT, MATCHING, REFUSED
from toolkit.planning.rollback.inverse import RollbackRules, plan_undo
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Observed, Origin, Remote
from toolkit.values import Settings, effective

_THIS_RUN = Origin("this run", 0)
_SENT = "a message that was sent cannot be recalled"


@dataclass(frozen=True, slots=True)
class RollbackForecast:
    """The changes that a rollback could not undo, and the flags that it would need to exceed limits."""

    not_reversible: tuple[Refusal, ...] = ()
    flags: tuple[str, ...] = ()
    residue: Mapping[str, tuple[Address, ...]] = field(default_factory=dict)  # parts that stay, and their objects


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerView:
    """The ledger's records that a rollback of this run will find."""

    last_applied: Mapping[Address, LastApplied] = field(default_factory=dict)  # before the run
    redact: Callable[[Settings], Settings] = dict  # returns settings as the ledger keeps them, without secrets


def forecast_rollback(
    plan: Plan,
    kinds: Mapping[str, AnyKind],
    plan_rules: PlanRules,
    ledger: LedgerView,
    messages: Iterable[Address] = (),
) -> RollbackForecast:
    """Predict the rollback of a run that has not started yet.

    The run is expected to write all its changes, and no one to change anything afterwards. `messages` are the messages
    that the run sends.
    """
    draft = Draft()
    residue: dict[str, tuple[Address, ...]] = {}
    for change in plan.changes:
        if stays := kinds[change.address.kind_path].lifecycle.residue:
            residue[stays] = (*residue.get(stays, ()), change.address)
        if isinstance(change, Move) or kinds[change.address.kind_path].read_only:
            continue
        (trace,) = sum_changes([_to_applied_change(change, ledger)]).values()
        rollback_rules = RollbackRules(
            plan_rules=plan_rules,
            origin=_THIS_RUN,
            as_sent=_settings_as_sent(change, trace, ledger.last_applied, kinds),
        )
        plan_undo(draft, kinds[change.address.kind_path], trace, _observed_after(change), rollback_rules)
    reasons = {entry.address: entry for entry in (*draft.select(REFUSED), *draft.select(KEPT))}
    reasons |= {address: Refusal(address, _SENT, _THIS_RUN) for address in messages}
    written = (*draft.select(CHANGED), *_changes_made_by_service(plan, draft))
    back = Plan(
        rows=to_rows(CHANGED, (_add_reach_before_run(change, plan) for change in written)),
        losses=plan.losses_by_rollback,
        reach_growth={address: reach.growth for address, reach in plan.reach_before.items()},
        reached_everyone_before=frozenset(
            change.address
            for change in plan.changes
            if isinstance(change, Update) and (change.desired.everyone or change.desired.all_devices)
        ),
    )
    return RollbackForecast(
        tuple(reasons.values()),
        tuple(
            breach.flag for breach in find_breaches(back, _records_after_plan(plan, ledger.last_applied), Allowances())
        ),
        residue,
    )


def _changes_made_by_service(plan: Plan, draft: Draft) -> Iterator[Update]:
    """Yield changes that the rollback needs because the service itself will have changed settings."""
    as_before = {*draft.select(MATCHING)}
    for change in plan.changes:
        if isinstance(change, Update) and change.address in as_before:
            yield replace(
                change, fields=tuple(Field(changed.path, changed.after, changed.before) for changed in change.fields)
            )


def _to_applied_change(change: Change, ledger: LedgerView) -> AppliedChange:
    before, after = settings_before_and_after(change)
    desired = {} if isinstance(change, Delete) else change.desired.settings
    sent = {path: effective(value, (before or {}).get(path)) for path, value in desired.items()}
    sent |= {changed.path: changed.after for changed in changed_fields(change) if changed.path != NAME}
    observed = None if isinstance(change, Create) else change.observed
    return AppliedChange(
        address=change.address,
        action=action_name(change),
        before=ledger.redact(before or {}),
        sent_settings=sent,
        returned=after,
        remote_id=observed.remote.id if observed else str(change.address),
        was_named=observed.remote.name if observed else None,
    )


def _observed_after(change: Change) -> Observed | None:
    """Return the object as a run would read it after the change, or None if the change deletes it."""
    _, after = settings_before_and_after(change)
    if after is None:
        return None
    if isinstance(change, Create):
        return Observed(change.address, after, Remote(str(change.address), change.address.name, {}))
    remote = change.observed.remote
    if any(changed.path == NAME for changed in changed_fields(change)):
        remote = replace(remote, name=change.address.name)
    return replace(change.observed, settings=after, remote=remote)


def _settings_as_sent(
    change: Change,
    object_change: ObjectChange,
    last_applied: Mapping[Address, LastApplied],
    kinds: Mapping[str, AnyKind],
) -> Settings:
    """Return the texts that the service rewrites, in the form in which an earlier run sent them."""
    last, before = last_applied.get(change.address), object_change.before or {}
    if last is None:
        return {}
    table = kinds[change.address.kind_path].spec.table()
    return {
        name: value
        for name, value in last.sent.items()
        if table[name].form.rewritten and before.get(name) == last.returned.get(name) is not None
    }


def _add_reach_before_run(change: Change, plan: Plan) -> Change:
    """Return a change of the rollback, with the reach that its object has before the run."""
    before = plan.reach_before.get(change.address)
    if before is None or not isinstance(change, Update):
        return change
    reached = replace(change.desired, reach=before.reach, everyone=before.everyone, all_devices=before.all_devices)
    return replace(change, desired=reached)


def _records_after_plan(plan: Plan, last_applied: Mapping[Address, LastApplied]) -> Mapping[Address, LastApplied]:
    written = {
        change.address: LastApplied(reach=change.desired.reach)
        for change in plan.changes
        if not isinstance(change, Delete)
    }
    gone = {change.address for change in plan.changes if isinstance(change, Delete)}
    return {address: record for address, record in {**last_applied, **written}.items() if address not in gone}
