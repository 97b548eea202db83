"""Take the differences that a person has accepted out of a plan's changes."""

from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from datetime import datetime

from toolkit.planning.change import Change, Create, Delete, Update, leave_out_settings
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import AcceptedDrift
from toolkit.planning.plan_states import ACCEPTED, CHANGED, CHECKED
from toolkit.playbook.entries import Acceptance
from toolkit.records import dataclass
from toolkit.values import Value, digest_of, plain

_SHOWN = 8  # hex digits


def separate_accepted_differences(plan: Plan, acceptances: Sequence[Acceptance], now: datetime) -> Plan:
    """Return the plan with accepted differences in rows of their own, so that a run does not correct them.

    An acceptance counts only if it is valid at the time `now`.
    """
    live = [acceptance for acceptance in acceptances if acceptance.live(now)]
    if not live:
        return plan
    sorting = _AcceptanceSorter(live)
    changes = [
        remaining_change for change in plan.changes for remaining_change in sorting.leave_out_accepted_settings(change)
    ]
    watched = [
        remaining_change
        for change in plan.checked_changes
        for remaining_change in sorting.leave_out_accepted_settings(change)
    ]
    return plan.replace(CHANGED, changes).replace(CHECKED, watched).add(ACCEPTED, sorting.accepted)


def fingerprint(value: Value) -> str:
    """Return a short digest of a setting's value.

    An acceptance stores the digest, so that the acceptance does not cover any other value.
    """
    return digest_of(plain(value))[:_SHOWN]


@dataclass(slots=True)
class _AcceptanceSorter:
    live: Sequence[Acceptance]
    accepted: list[AcceptedDrift] = field(default_factory=list)

    def leave_out_accepted_settings(self, change: Change) -> Iterator[Change]:
        """Yield the change without the settings whose differences a person has accepted.

        An acceptance covers only the value that was accepted.
        """
        matching = [acceptance for acceptance in self.live if acceptance.address == change.address]
        match change:
            case Update():
                named = {
                    f.path: acceptance for f in change.fields for acceptance in matching if acceptance.setting == f.path
                }
                values = {field.path: fingerprint(field.before) for field in change.fields}
                valid = {
                    path: acceptance for path, acceptance in named.items() if acceptance.value in {"", values[path]}
                }
                self._record_acceptance(change, [valid[path] for path in sorted(valid)])
                other = [
                    f"{path} was accepted with another value ({named[path].origin})"
                    for path in named.keys() - valid.keys()
                ]
                remark = "; ".join(filter(None, [change.remark, *sorted(other)]))
                yield from leave_out_settings(replace(change, remark=remark), frozenset(valid))
            case Create() | Delete() if whole := [acceptance for acceptance in matching if acceptance.setting is None]:
                self._record_acceptance(change, whole[-1:])
            case _:
                yield change

    def _record_acceptance(self, change: Change, matching: Sequence[Acceptance]) -> None:
        self.accepted += [
            AcceptedDrift(
                change.address,
                acceptance.setting or "",
                acceptance.reason,
                acceptance.ends,
                acceptance.by,
                acceptance.origin,
            )
            for acceptance in matching
        ]
