"""The states of a drift finding, and the findings that the school accepted until a date."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from toolkit.planning.change import Change, Create, Delete, Update, without_paths
from toolkit.planning.plan import Accepted, Plan
from toolkit.playbook.entries import Acceptance
from toolkit.values import Value, canonical_text, plain

_SHOWN = 8  # hex digits


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
    OTHERWISE = "otherwise"  # it is not so any more, and its object differs in another way
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


def fingerprint(value: Value) -> str:
    """Return a short name of a value, by which an acceptance knows it again."""
    return hashlib.sha256(canonical_text(plain(value)).encode()).hexdigest()[:_SHOWN]


@dataclass(slots=True)
class _Sorting:
    live: Sequence[Acceptance]
    accepted: list[Accepted] = field(default_factory=list)

    def rest(self, change: Change) -> Iterator[Change]:
        """Return what of a change no one accepted; a setting is accepted with the value that it had then."""
        own = [one for one in self.live if one.address == change.address]
        match change:
            case Update():
                named = {f.path: one for f in change.fields for one in own if one.setting == f.path}
                values = {field.path: fingerprint(field.before) for field in change.fields}
                valid = {path: one for path, one in named.items() if one.value in {"", values[path]}}
                self._note(change, [valid[path] for path in sorted(valid)])
                other = [
                    f"{path} was accepted with another value ({named[path].origin})"
                    for path in named.keys() - valid.keys()
                ]
                remark = "; ".join([change.remark, *sorted(other)]).removeprefix("; ")
                yield from without_paths(replace(change, remark=remark), frozenset(valid))
            case Create() | Delete() if whole := [one for one in own if one.setting is None]:
                self._note(change, whole[-1:])
            case _:
                yield change

    def _note(self, change: Change, found: Sequence[Acceptance]) -> None:
        self.accepted += [
            Accepted(change.address, one.setting or "", one.reason, one.ends, one.by, one.origin) for one in found
        ]
