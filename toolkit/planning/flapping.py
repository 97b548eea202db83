"""Finds what another person changes back each time we have repaired it, and leaves it where the playbook says so.

A place in an order is fought over like a setting: another tool that puts its rules in its own order does it each time.
What is lent to people is never contested: its owner may turn it off or rewrite it, and it is left to them at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.planning.change import Change, Create, Delete, Move, Update, without_paths
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import SettingsOfOthers
from toolkit.planning.plan_states import CEDED, CHANGED, CONTESTED
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Handling
from toolkit.values import Settings, entries, satisfied

REPAIRS = 2
"""So many repairs of ours that did not last, and a thing is contested."""

WAY_ON = "the playbook can say leave: true, or ours: true to go on repairing it"

WHOLE = ""
"""As a path: the object itself, which a person deletes."""

PLACE = "its place in the order"
"""As a path: the position of the object, from which a person moves it away."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that we did to an object; `before` is None where it was not there."""

    n: int  # the entry of the ledger that says that it was done
    before: Settings | None
    sent: Settings | None  # None where it was deleted or moved
    returned: Settings | None
    after: str | None = None  # where it was made or put in an order: behind which of ours, "" before all of them


def contested(change: Change, acts: Sequence[Act]) -> frozenset[str]:
    """List the settings of a change that were repaired often enough and differ again; `acts` come as they were done."""
    match change:
        case Create():
            paths = [WHOLE]
        case Update():
            paths = [field.path for field in change.fields if _as_sent(change, field.path, acts)]
        case Move():
            return frozenset([PLACE] if put_back(change.place, acts) >= REPAIRS else [])
        case Delete():
            return frozenset()
    return frozenset(path for path in paths if repairs(path, acts) >= REPAIRS)


def repairs(path: str, acts: Sequence[Act]) -> int:
    """Count how often we put a setting back to what we had sent before, since that was last another value."""
    count, last = 0, None
    for act in acts:
        if act.sent is None and act.before is not None and act.after is None:
            last, count = None, 0  # we deleted it ourselves
        elif act.sent is not None and (path == WHOLE or path in act.sent):
            if last is not None:
                count = count + 1 if _put_back(path, last, act) else count * _same(path, last, act)
            last = act
    return count


def put_back(place: str, acts: Sequence[Act]) -> int:
    """Count how often we moved an object back to where we had put it, since it was last to be in another place."""
    count, last = 0, None
    for act in acts:
        if act.after is not None:
            count = count + 1 if act.sent is None and act.after == last else 0
            last = act.after
        elif act.sent is None:
            count, last = 0, None  # we deleted it ourselves
    return count if last == place else 0


def _put_back(path: str, last: Act, act: Act) -> bool:
    if path == WHOLE:
        return act.before is None
    if act.before is None or not _same(path, last, act):
        return False
    had = (last.returned or last.sent or {}).get(path)
    return act.before.get(path) not in (had, (act.sent or {}).get(path))


def _same(path: str, last: Act, act: Act) -> bool:
    """Say whether two acts want the same; of a list that several hands fill, what the first sent is enough."""
    if path == WHOLE:
        return True
    one, other = (last.sent or {}).get(path), (act.sent or {}).get(path)
    return one == other or (bool(entries(one)) and set(entries(one)) <= set(entries(other)))


def _as_sent(change: Update, path: str, acts: Sequence[Act]) -> bool:
    """Say whether the playbooks still want what we sent last."""
    sent = next((act.sent for act in reversed(acts) if act.sent is not None and path in act.sent), None)
    return sent is not None and path in change.desired.settings and satisfied(change.desired.settings[path], sent[path])


def weighed(plan: Plan, acts: Mapping[Address, Sequence[Act]]) -> Plan:
    """Return for each change what of it is contested; what the playbook leaves to others is not planned any more."""
    changes: list[Change] = []
    disputed: dict[Address, frozenset[str]] = {}
    ceded: dict[Address, frozenset[str]] = {}
    for change in plan.changes:
        paths = contested(change, acts.get(change.address, ()))
        handling = Handling() if isinstance(change, Delete) else change.desired.handling
        if not paths or handling.ours:
            changes.append(change)
        elif handling.leave:
            ceded[change.address] = paths | ceded.get(change.address, frozenset())
            changes += without_paths(change, paths) if isinstance(change, Update) else ()
        else:
            disputed[change.address] = paths | disputed.get(change.address, frozenset())
            changes.append(_remarked(change, paths))
    plan = plan.replace(CHANGED, changes)
    plan = plan.add(CONTESTED, (SettingsOfOthers(*paths) for paths in disputed.items()))
    return plan.add(CEDED, (SettingsOfOthers(*paths) for paths in ceded.items()))


def _remarked(change: Change, paths: frozenset[str]) -> Change:
    what = ", ".join(sorted(paths - {WHOLE})) or "its being there"
    text = f"contested: {what}, repaired {REPAIRS} times or more and changed again each time"
    return replace(change, remark="; ".join(one for one in (change.remark, f"{text}; {WAY_ON}") if one))
