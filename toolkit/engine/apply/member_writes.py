"""Write the member lists of groups in two rounds, so that a person who moves between groups is always in at least one
group.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.apply.write import Writing
from toolkit.planning.change import Update
from toolkit.planning.member_moves import order_moves
from toolkit.sdk.kind import MemberList
from toolkit.sdk.resource import Address

Write = Callable[[Sequence[Update]], list[Outcome]]
"""A function that sends changes and reads them back."""


def write_members(
    writing: Writing, members: MemberList, changes: Sequence[Update], write_changes: Write
) -> list[Outcome]:
    """Write the member lists of groups, and return the outcomes.

    People are added to their new groups first. They are removed from their old groups once the additions are confirmed.
    """
    moves = order_moves(changes, members.setting)
    first = {outcome.address: outcome for outcome in write_changes(moves.first)}
    done = {address for address, outcome in first.items() if outcome.result is Result.DONE}
    ready, outcomes = list[Update](), dict[Address, Outcome]()
    for change in moves.second:
        own = first.get(change.address)
        if missing := sorted(moves.destinations[change.address] - done):
            names = " and ".join(address.display_text for address in missing)
            outcomes[change.address] = Outcome(
                change, Result.NOT_TRIED, f"no one is removed, because the additions to {names} are not confirmed"
            )
        elif own and own.result is not Result.DONE:
            outcomes[change.address] = own
        else:
            ready.append(_removal_after_additions(writing, members, change))
    if ready:
        outcomes |= {outcome.address: outcome for outcome in write_changes(ready)}
    return [replace({**first, **outcomes}[change.address], change=change) for change in changes]


def _removal_after_additions(writing: Writing, members: MemberList, change: Update) -> Update:
    """Return the change that removes people from a group, from the group's members after people have been added."""
    now = writing.kind.spec.body({members.setting: change.observed.settings[members.setting]})
    remote = change.observed.remote
    return replace(change, observed=replace(change.observed, remote=replace(remote, body={**remote.body, **now})))
