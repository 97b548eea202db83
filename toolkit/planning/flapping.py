"""Find settings that other people change again after each repair, and leave them unchanged if the playbook says so.

A position in an order can be contested too, for example by another tool that sorts its rules. A temporary setting is
never contested, because its owner may turn it off or change it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.planning.change import Change, Create, Delete, Move, Update, leave_out_settings
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import SettingsOfOthers
from toolkit.planning.plan_states import CEDED, CHANGED, CONTESTED
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Handling
from toolkit.values import Settings, entries, satisfied

REPAIRS = 2
"""After this number of repairs that did not last, a setting is contested."""

WAY_ON = "write `leave: true` in the playbook to leave it to other people, or `ours: true` to keep repairing it"

WHOLE = ""
"""As a path: the object itself, which a person deletes."""

PLACE = "its place in the order"
"""As a path: the position of the object, from which a person moves it away."""


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change that toolkit made to an object earlier. `before` is None if the object did not exist."""

    n: int  # the number of its ledger entry
    before: Settings | None
    sent_settings: Settings | None  # None if it was deleted or moved
    returned: Settings | None
    after: str | None = None  # after a create or move in an order, the object of ours before it, or ""


def find_contested_settings(change: Change, past_changes: Sequence[PastChange]) -> frozenset[str]:
    """Return the settings of a change that toolkit has repaired several times and that differ again.

    `past_changes` are the earlier changes, the oldest first.
    """
    match change:
        case Create():
            paths = [WHOLE]
        case Update():
            paths = [
                field.path for field in change.fields if _desires_last_sent_value(change, field.path, past_changes)
            ]
        case Move():
            return frozenset([PLACE] if count_moves_back(change.predecessor_name, past_changes) >= REPAIRS else [])
        case Delete():
            return frozenset()
    return frozenset(path for path in paths if count_repairs(path, past_changes) >= REPAIRS)


def count_repairs(path: str, past_changes: Sequence[PastChange]) -> int:
    """Count how often toolkit has restored the desired value of a setting.

    Repairs before the last change of the desired value are not counted.
    """
    count, last = 0, None
    for act in past_changes:
        if act.sent_settings is None and act.before is not None and act.after is None:
            last, count = None, 0  # we deleted it ourselves
        elif act.sent_settings is not None and (path == WHOLE or path in act.sent_settings):
            if last is not None:
                count = count + 1 if _is_same_repair(path, last, act) else count * _has_same_value(path, last, act)
            last = act
    return count


def count_moves_back(position: str, past_changes: Sequence[PastChange]) -> int:
    """Count how often toolkit has moved an object back to its desired position.

    Moves before the last change of the desired position are not counted.
    """
    count, last = 0, None
    for act in past_changes:
        if act.after is not None:
            count = count + 1 if act.sent_settings is None and act.after == last else 0
            last = act.after
        elif act.sent_settings is None:
            count, last = 0, None  # we deleted it ourselves
    return count if last == position else 0


def _is_same_repair(path: str, latest_change: PastChange, past_change: PastChange) -> bool:
    if path == WHOLE:
        return past_change.before is None
    if past_change.before is None or not _has_same_value(path, latest_change, past_change):
        return False
    had = (latest_change.returned or latest_change.sent_settings or {}).get(path)
    return past_change.before.get(path) not in (had, (past_change.sent_settings or {}).get(path))


def _has_same_value(path: str, latest_change: PastChange, past_change: PastChange) -> bool:
    """Return whether two earlier changes of a setting have the same desired value.

    For a shared list, only the entries of the first change must be the same.
    """
    if path == WHOLE:
        return True
    earlier, later = (latest_change.sent_settings or {}).get(path), (past_change.sent_settings or {}).get(path)
    return earlier == later or (bool(entries(earlier)) and set(entries(earlier)) <= set(entries(later)))


def _desires_last_sent_value(change: Update, path: str, past_changes: Sequence[PastChange]) -> bool:
    """Return whether the desired value of a setting is the value that toolkit sent last."""
    sent = next(
        (
            act.sent_settings
            for act in reversed(past_changes)
            if act.sent_settings is not None and path in act.sent_settings
        ),
        None,
    )
    return sent is not None and path in change.desired.settings and satisfied(change.desired.settings[path], sent[path])


def mark_contested_settings(plan: Plan, past_changes: Mapping[Address, Sequence[PastChange]]) -> Plan:
    """Return the plan with a remark on contested settings.

    A change that the playbook leaves to other administrators is left out.
    """
    changes: list[Change] = []
    disputed: dict[Address, frozenset[str]] = {}
    ceded: dict[Address, frozenset[str]] = {}
    for change in plan.changes:
        paths = find_contested_settings(change, past_changes.get(change.address, ()))
        handling = Handling() if isinstance(change, Delete) else change.desired.handling
        if not paths or handling.ours:
            changes.append(change)
        elif handling.leave:
            ceded[change.address] = paths | ceded.get(change.address, frozenset())
            changes += leave_out_settings(change, paths) if isinstance(change, Update) else ()
        else:
            disputed[change.address] = paths | disputed.get(change.address, frozenset())
            changes.append(_add_remark(change, paths))
    plan = plan.replace(CHANGED, changes)
    plan = plan.add(CONTESTED, (SettingsOfOthers(*paths) for paths in disputed.items()))
    return plan.add(CEDED, (SettingsOfOthers(*paths) for paths in ceded.items()))


def _add_remark(change: Change, paths: frozenset[str]) -> Change:
    what = ", ".join(sorted(paths - {WHOLE})) or "its being there"
    text = f"contested: {what}, repaired {REPAIRS} times or more and changed again each time"
    return replace(change, remark="; ".join(remark for remark in (change.remark, f"{text}; {WAY_ON}") if remark))
