"""What a run comes to: the numbers of its summary and its exit code."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.errors import Exit
from toolkit.planning.audience.resolve import AUDIENCE_EMPTY
from toolkit.planning.change import action
from toolkit.planning.limits import Breach
from toolkit.planning.plan import Plan
from toolkit.planning.verdicts.use import devices_not_counted

UNREAD = "unread"
"""In the summary that the ledger keeps of a run: something was not read, whatever the exit code says."""

_WORST = (Exit.FAILED, Exit.REFUSED, Exit.PENDING, Exit.UNREAD)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the worst exit code: failed, refused, pending, unread; a known failure outranks an unknown."""
    found = set(codes)
    return next((code for code in _WORST if code in found), Exit.AS_WANTED)


def exits_of_unknown(plan: Plan) -> list[Exit]:
    """Return what the unknown comes to: a group that was emptied is known to be, and a new one has nothing to do."""
    unread = any(one.reason.code is not AUDIENCE_EMPTY for one in plan.unknown) or any(
        remark.unread for remark in (*plan.maybes, *plan.notes)
    )
    unread = unread or bool(devices_not_counted(plan.controls))
    emptied = any(one.reason.code is AUDIENCE_EMPTY and one.people_before for one in plan.unknown)
    return [*([Exit.UNREAD] if unread else []), *([Exit.PENDING] if emptied else [])]


def exit_of_plan(plan: Plan, breaches: Sequence[Breach]) -> Exit:
    """Count what can be written, and what prevents it."""
    return worst(
        [
            *([Exit.REFUSED] if plan.refused or plan.look_alikes or plan.conflicts or breaches else []),
            *exits_of_unknown(plan),
            *([Exit.PENDING] if plan.changes else []),
        ]
    )


def exit_of_apply(plan: Plan, outcomes: Sequence[Outcome]) -> Exit:
    """End well when all that was planned is done and all was read."""
    results = {outcome.result for outcome in outcomes}
    return worst(
        [
            *([Exit.FAILED] if results & {Result.FAILED, Result.DIFFERENT, Result.NOT_TRIED} else []),
            *([Exit.REFUSED] if plan.refused or plan.look_alikes or plan.conflicts else []),
            *exits_of_unknown(plan),
            *([Exit.UNREAD] if results & {Result.UNKNOWN, Result.NOT_STARTED} else []),
        ]
    )


def summary(plan: Plan, outcomes: Sequence[Outcome] | None) -> Mapping[str, int]:
    """Count everything, in the words of the answers; `failed` is whatever was not done."""
    actions = Counter(action(change) for change in plan.changes)
    return {
        **{name: actions[name] for name in ("create", "update", "delete", "move")},
        "matching": len(plan.matching),
        "checked": len(plan.watched),
        "unmanaged": len(plan.unmanaged),
        "leftover": len(plan.leftover),
        "dropped": len(plan.dropped),
        "look_alikes": len(plan.look_alikes),
        "doubles": len(plan.doubles),
        "defeated": len({remark.address for remark in plan.remarks if not remark.fulfilled}),
        "unknown": len(plan.unknown),
        "refused": len(plan.refused),
        "conflicts": len(plan.conflicts),
        "undecided": len(plan.undecided),
        "failed": sum(outcome.result is not Result.DONE for outcome in outcomes or ()),
    }
