"""The states of a drift finding, and the findings that the school accepted until a date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from toolkit.planning.change import Change, Create, Delete, Update, without_paths
from toolkit.planning.plan import Accepted, Plan
from toolkit.playbook.entries import Acceptance


class FindingState(StrEnum):
    """What is known of a finding."""

    OPEN = "open"
    CONTESTED = "contested"  # changed again after each of our repairs
    FIXED = "fixed"


class Ending(StrEnum):
    """Why a finding is none any more."""

    REPAIRED = "repaired"  # by a run of ours
    TENANT = "tenant"  # in the tenant, by somebody else
    ACCEPTED = "accepted"  # an exception in the playbooks lets it be for some time
    PLAYBOOK = "playbook"  # the playbooks do not ask for it any more, or leave it
    AS_WANTED = "as_wanted"  # what is wanted and what is there agree again, and nothing says which of them moved


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
