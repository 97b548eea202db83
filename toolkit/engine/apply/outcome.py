"""The outcomes of a run's changes."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from toolkit.planning.change import Change, action_name
from toolkit.planning.verdicts.objects import ChangeResult
from toolkit.records import dataclass
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import PartOutcome, worst_outcome


class Result(StrEnum):
    """The possible results of a change."""

    DONE = "done"
    FAILED = "failed"  # the service refused, and nothing changed
    UNKNOWN = "unknown"  # there was no readable response, so the change may have taken effect
    DIFFERENT = "different"  # accepted, but it reads back differently
    NOT_STARTED = "not started"  # the run reached its limit of time
    NOT_TRIED = "not tried"  # an earlier change that it depends on, or that is like it, failed

    @property
    def may_have_written(self) -> bool:
        """Return whether the change may have been written although this was not confirmed."""
        return self in {Result.UNKNOWN, Result.DIFFERENT}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change that a run tried to make, with its result."""

    change: Change
    result: Result
    error: str = ""

    @property
    def address(self) -> Address:
        return self.change.address

    @property
    def action(self) -> str:
        return action_name(self.change)


_OF_RESULTS = {
    Result.DONE: PartOutcome.IN_PLACE,
    Result.FAILED: PartOutcome.FAILED,
    Result.UNKNOWN: PartOutcome.UNKNOWN,
    Result.DIFFERENT: PartOutcome.FAILED,
    Result.NOT_STARTED: PartOutcome.DIFFERS,
    Result.NOT_TRIED: PartOutcome.FAILED,
}


def results_of(outcomes: Iterable[Outcome]) -> Mapping[Address, ChangeResult]:
    """Return the result of each object's changes. If an object had several changes, the worst result counts."""
    results: dict[Address, ChangeResult] = {}
    for outcome in outcomes:
        result = ChangeResult(_OF_RESULTS[outcome.result], outcome.error or str(outcome.result))
        before = results.get(outcome.address)
        keep = before and worst_outcome([before.outcome, result.outcome]) is before.outcome
        results[outcome.address] = before if before and keep else result
    return results
