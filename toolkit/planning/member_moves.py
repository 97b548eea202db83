"""Move people between groups: first add them to the new group, then remove them from the old group.

In the opposite order, a person would have the settings of neither group for some time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.change import Field, Update
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Obstacle, Refusal
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address
from toolkit.values import entries, unique


@dataclass(frozen=True, slots=True)
class MemberMoves:
    """The changes of member lists, in two rounds.

    The first round adds people, and the second round removes people. `destinations` contains the groups that removed
    people join. All these groups must be written before the removal.
    """

    first: tuple[Update, ...]
    second: tuple[Update, ...] = ()
    destinations: Mapping[Address, frozenset[Address]] = field(default_factory=dict)


def order_moves(changes: Sequence[Update], setting: str) -> MemberMoves:
    """Divide the changes of member lists into two rounds, so that people join their next group before they leave
    a group.
    """
    before_after = {change.address: _members_before_and_after(change, setting) for change in changes}
    destinations = {
        address: frozenset(
            other
            for other, (others_before, others_after) in before_after.items()
            if other != address and (before - after) & (others_after - others_before)
        )
        for address, (before, after) in before_after.items()
    }
    awaited = frozenset[Address]().union(*destinations.values())
    first = [change for change in changes if not destinations[change.address]]
    second = [change for change in changes if destinations[change.address]]
    for place, change in enumerate(second):
        if change.address in awaited:
            adds, second[place] = _split_change(change, setting)
            first.append(adds)
    return MemberMoves(tuple(first), tuple(second), {change.address: destinations[change.address] for change in second})


def _members_before_and_after(change: Update, setting: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the members of a group before and after a change.

    Both sets are empty if the change does not change members.
    """
    changed = next((changed for changed in change.fields if changed.path == setting), Field(setting, None, None))
    return frozenset(entries(changed.before)), frozenset(entries(changed.after))


def _split_change(change: Update, setting: str) -> tuple[Update, Update]:
    """Divide a change of members into a change that only adds members and a later change that only removes members."""
    before, after = _members_before_and_after(change, setting)
    together = unique(before | after)
    adds = replace(
        change,
        desired=replace(change.desired, settings={**change.desired.settings, setting: together}),
        fields=tuple(
            replace(changed, after=together) if changed.path == setting else changed for changed in change.fields
        ),
    )
    removes = replace(
        change,
        observed=replace(change.observed, settings={**change.observed.settings, setting: together}),
        fields=tuple(
            replace(changed, before=together) if changed.path == setting else changed for changed in change.fields
        ),
    )
    return adds, removes


def refuse_removals_before_joining(
    plan: Plan, kinds: Mapping[str, Kind[Connection]], obstacles: Sequence[Obstacle]
) -> Iterator[Refusal]:
    """Yield a refusal to remove people from a group if the change that would add them to their next group is not
    made.
    """
    unwritten = {doubt.address for doubt in obstacles if doubt.address}
    for name, kind in kinds.items():
        updates = [change for change in plan.changes if isinstance(change, Update) and change.address.kind_path == name]
        moves = order_moves(updates, kind.members.setting) if kind.members else None
        waiting = dict(moves.destinations) if moves else {}
        while stuck := {address for address, groups in waiting.items() if groups & unwritten} - unwritten:
            unwritten |= stuck
            for change in (change for change in updates if change.address in stuck):
                names = " and ".join(sorted(address.display_text for address in waiting[change.address] & unwritten))
                reason = (
                    f"people would leave this group before they join {names}, whose change is refused. "
                    "Correct the refused change first"
                )
                yield Refusal(change.address, reason, change.desired.origin)
