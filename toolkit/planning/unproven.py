"""Changes that rely on facts that no real tenant has confirmed yet. Such changes are compared, but not written."""

from collections.abc import Sequence

from toolkit.planning.change import Change, Create, Update, action_name, changed_fields
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import UnverifiedChange
from toolkit.planning.plan_states import CHANGED, CHECKED, UNVERIFIED
from toolkit.records import dataclass
from toolkit.sdk.first_run import DependentChanges, VendorFact


@dataclass(frozen=True, slots=True)
class UnprovenFact:
    """A fact about a cloud that the school's tenant has not confirmed yet."""

    provider: str
    fact: VendorFact


def relies_on(change: Change, provider: str, fact: VendorFact) -> bool:
    """Return whether a change relies on a fact about the cloud."""
    return change.address.provider == provider and any(_depends_on(change, rests) for rests in fact.rests)


def _depends_on(change: Change, dependent_changes: DependentChanges) -> bool:
    sent = changed_fields(change)
    return (
        change.address.kind == dependent_changes.kind
        and action_name(change) in dependent_changes.actions
        and (not dependent_changes.named or change.address.name.startswith(dependent_changes.named))
        and (
            not dependent_changes.settings
            or any(field.path in dependent_changes.settings and field.after for field in sent)
        )
        and (
            not dependent_changes.clears or (isinstance(change, Update) and any(f.before and not f.after for f in sent))
        )
    )


def only_compare_unproven_changes(plan: Plan, unproven_facts: Sequence[UnprovenFact]) -> Plan:
    """Return the plan in which a run does not write changes that rely on an unproven fact.

    Settings are still compared. Deletions and moves that rely on an unproven fact are left out.
    """
    resting: dict[UnprovenFact, list[Change]] = {}
    for change in plan.changes:
        for unproven_fact in unproven_facts:
            if relies_on(change, unproven_fact.provider, unproven_fact.fact):
                resting.setdefault(unproven_fact, []).append(change)
                break
    if not resting:
        return plan
    unverified = [change for changes in resting.values() for change in changes]
    plan = plan.replace(CHANGED, [change for change in plan.changes if change not in unverified])
    plan = plan.add(CHECKED, [change for change in unverified if isinstance(change, Create | Update)])
    return plan.add(
        UNVERIFIED,
        [
            UnverifiedChange(unproven_fact.provider, unproven_fact.fact, change.address)
            for unproven_fact, changes in resting.items()
            for change in changes
        ],
    )
