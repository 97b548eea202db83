"""Leaves as it is what somebody accepted for some time: it is neither written nor counted, and every run says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from toolkit.planning.change import Change, Create, Delete, Update, without_paths
from toolkit.planning.plan import Accepted, Plan
from toolkit.playbook.entries import Acceptance


def accepting(plan: Plan, acceptances: Sequence[Acceptance], now: datetime) -> Plan:
    """Take out of a plan what is accepted at an instant."""
    live = [one for one in acceptances if one.live(now)]
    if not live:
        return plan
    sorting = _Sorting(live)
    changes = tuple(rest for change in plan.changes for rest in sorting.rest(change))
    watched = tuple(rest for change in plan.watched for rest in sorting.rest(change))
    return replace(plan, changes=changes, watched=watched, accepted=tuple(sorting.accepted))


@dataclass(slots=True)
class _Sorting:
    live: Sequence[Acceptance]
    accepted: list[Accepted] = field(default_factory=list)

    def rest(self, change: Change) -> Iterator[Change]:
        """Give what of a change nobody accepted."""
        named = {one.setting: one for one in self.live if one.address == change.address}
        match change:
            case Update():
                paths = frozenset(one.path for one in change.fields if one.path in named)
                self._note(change, [named[path] for path in sorted(paths)])
                yield from without_paths(change, paths)
            case Create() | Delete() if None in named:
                self._note(change, [named[None]])
            case _:
                yield change

    def _note(self, change: Change, found: Sequence[Acceptance]) -> None:
        self.accepted += [
            Accepted(change.address, one.setting or "", one.reason, one.ends, one.by, one.origin) for one in found
        ]
