"""Plan the order of objects: moves, positions of new objects, and remarks on rules that prevent other rules from
working.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.planning.change import Change, Create, Delete, Move, Update, settings_before_and_after
from toolkit.planning.draft import Draft
from toolkit.planning.matching import Pair
from toolkit.planning.plan_details import PlannedOrder, Refusal, Remark
from toolkit.planning.plan_states import CHANGED, MATCHING, NOTED, OVERRIDDEN, REFUSED
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Members
from toolkit.sdk.kind import Kind
from toolkit.sdk.mail_semantics import Defeat, PlacedRule
from toolkit.sdk.resource import Address, Desired, Mode, Observed


def plan_moves(pairs: Sequence[Pair], current_ids: Sequence[str]) -> tuple[list[Move], PlannedOrder]:
    """Return the moves that bring objects into the desired order, and the order that results.

    `current_ids` contains the service's ids in order, including the ids of unmanaged and unreadable objects.
    """
    enforced = [pair for pair in pairs if pair.desired.mode is Mode.ENFORCE]
    ours = {pair.observed.remote.id: pair for pair in enforced if pair.observed}
    addresses = {remote_id: str(pair.desired.address) for remote_id, pair in ours.items()}
    order = PlannedOrder(
        desired=tuple(str(pair.desired.address) for pair in enforced),
        current=tuple(addresses.get(remote_id, remote_id) for remote_id in current_ids),
        our_addresses=addresses,
    )
    return [
        _make_move(pair, list(ours.values()))
        for pair in map(ours.__getitem__, find_keys_to_move(list(ours), current_ids))
    ], order


def _make_move(pair: Pair, our_pairs: Sequence[Pair]) -> Move:
    if pair.observed is None:
        raise ValueError(f"{pair.desired.address} does not exist, so it cannot be moved")
    before = our_pairs[: our_pairs.index(pair)]
    return Move(pair.desired, pair.observed, before[-1].desired.address if before else None)


@dataclass(frozen=True, slots=True)
class _RuleInPlan:
    """A rule with the settings that it will have after the plan. `pair` is None if the rule is unmanaged."""

    name: str
    rule: PlacedRule
    pair: Pair | None


def order_after_changes(order: PlannedOrder, changes: Sequence[Change]) -> list[str]:
    """Return the keys of all objects in the order after the plan's changes."""
    deleted = {change.observed.remote.id for change in changes if isinstance(change, Delete)}
    deleted |= {str(change.address) for change in changes if isinstance(change, Delete)}
    standing = [key for key in order.current if key not in deleted]
    unsettled = {str(change.address) for change in changes if isinstance(change, Move)}
    placed = {str(change.address) for change in changes if isinstance(change, Create | Move)}
    for key in (key for key in order.desired if key in placed):
        others = [other for other in standing if other != key]
        others.insert(find_position(key, order.desired, others, frozenset(unsettled - {key})), key)
        unsettled.discard(key)
        standing = others
    return standing


def check_order(
    kind: Kind[Connection],
    pairs: Sequence[Pair],
    draft: Draft,
    members: Members,
    now: datetime | None,
    *,
    restored: Collection[Address] = (),
) -> None:
    """Add rows to the draft plan about rules that would prevent managed rules from working.

    An unmanaged rule gets a remark. Two rules of the playbooks are refused if the first rule takes all messages of a
    direction from the later rule. If the first rule takes only some messages, or if a rollback restores both rules
    (`restored`), both rules get a remark.
    """
    rules = _rules_in_plan(pairs, draft)
    for place, later in enumerate(rules):
        if later.pair is None:
            continue
        for first in rules[:place]:
            if defeat := kind.mail.defeats(replace(first.rule, members=members), later.rule, now):
                _add_defeat(draft, first, later.pair, defeat, restored)


def _rules_in_plan(pairs: Sequence[Pair], draft: Draft) -> list[_RuleInPlan]:
    written = {change.address: change for change in draft.select(CHANGED) if isinstance(change, Create | Update)}
    rules: dict[str, _RuleInPlan] = {
        other.remote.id: _RuleInPlan(other.remote.name, _to_placed_rule(other), None) for other in draft.unmanaged
    }
    for pair in pairs:
        address, change = pair.desired.address, written.get(pair.desired.address)
        if change is not None:
            rules[str(address)] = _RuleInPlan(
                address.name, PlacedRule(settings_before_and_after(change)[1] or {}), pair
            )
        elif pair.observed is not None:
            key = str(address) if pair.desired.mode is Mode.ENFORCE else pair.observed.remote.id
            rules[key] = _RuleInPlan(address.name, _to_placed_rule(pair.observed), pair)
    return (
        [rules[key] for key in order_after_changes(draft.order, draft.select(CHANGED)) if key in rules]
        if draft.order
        else []
    )


def _to_placed_rule(observed: Observed) -> PlacedRule:
    return PlacedRule(observed.settings, whole=not any(unknown.narrows for unknown in observed.unknown))


def _add_defeat(
    draft: Draft, first_rule: _RuleInPlan, later_rule: Pair, defeat: Defeat, restored: Collection[Address]
) -> None:
    address, other = later_rule.desired.address, first_rule.pair
    if other is None:
        draft.add(OVERRIDDEN, Remark(address, first_rule.name, defeat.how, defeat.whole))
    elif (
        defeat.whole
        and {other.desired.mode, later_rule.desired.mode} == {Mode.ENFORCE}
        and not {address, other.desired.address} <= {*restored}
    ):
        _refuse_both_rules(draft, other.desired, later_rule.desired, defeat)
    else:
        text = f"runs first ({other.desired.origin}), and {defeat.how}"
        draft.add(NOTED, Remark(address, other.desired.address.display_text, text, defeat.whole))


def _refuse_both_rules(draft: Draft, first_rule: Desired, later_rule: Desired, defeat: Defeat) -> None:
    """Refuse two rules of the playbooks in the draft plan, because the later rule would never do anything."""
    both = {first_rule.address, later_rule.address}
    draft.remove_rows(CHANGED, both)
    draft.remove_rows(MATCHING, both)
    reason = (
        f"{first_rule.address.name!r} ({first_rule.origin}) runs before {later_rule.address.name!r} "
        f"({later_rule.origin}), and {defeat.how}: put {later_rule.address.name!r} first in the playbooks, "
        f"or change {first_rule.address.name!r}"
    )
    refused = {refusal.address for refusal in draft.select(REFUSED)}
    both_rules = (rule for rule in (first_rule, later_rule) if rule.address not in refused)
    draft.add(REFUSED, *(Refusal(rule.address, reason, rule.origin) for rule in both_rules))


def find_keys_to_move(desired_order: Sequence[str], current_order: Sequence[str]) -> list[str]:
    """Return the keys of the objects that must move, in the order of the playbooks.

    The longest sequence that is already in order does not move. A desired key that is not in the current order is
    ignored.
    """
    places = {key: place for place, key in enumerate(current_order)}
    there = [key for key in desired_order if key in places]
    stays = _longest_increasing_subsequence([places[key] for key in there])
    return [key for key in there if places[key] not in stays]


def _longest_increasing_subsequence(numbers: Sequence[int]) -> set[int]:
    """Return the longest increasing subsequence of distinct numbers, found by patience sorting."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(tails, number)
        before[number] = tails[pile - 1] if pile else None
        tails[pile : pile + 1] = [number]
    run: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        run.add(last)
        last = before[last]
    return run


def find_position(
    key: str, desired_order: Sequence[str], current_order: Sequence[str], unsettled_keys: frozenset[str] = frozenset()
) -> int:
    """Return the position at which to insert a key into an order: after its predecessor, otherwise before its
    successor, otherwise last. The current order does not contain the key. Keys in `unsettled_keys` have not moved yet
    and are ignored.
    """
    places = {other: place for place, other in enumerate(current_order) if other not in unsettled_keys}
    at = desired_order.index(key)
    for predecessor in reversed(desired_order[:at]):
        if predecessor in places:
            return places[predecessor] + 1
    for successor in desired_order[at + 1 :]:
        if successor in places:
            return places[successor]
    return len(current_order)
