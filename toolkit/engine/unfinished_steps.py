"""Judge the steps of earlier runs whose end is not recorded, by the objects as they are now."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from toolkit.engine.journal import Journal
from toolkit.ledger.entries import (
    Action,
    StepBegan,
    StepVerdict,
)
from toolkit.ledger.memory import UnfinishedStep
from toolkit.planning.ownership import Ownership, add_other_schools
from toolkit.planning.plan_details import ObservedState
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Observed
from toolkit.values import Settings, satisfied


@dataclass(frozen=True, slots=True)
class UnfinishedObject:
    """An unfinished step of an earlier run, with the verdict on whether it took effect and the present state of
    its object.
    """

    run: str
    address: Address
    action: str
    verdict: StepVerdict


JudgedStep: TypeAlias = tuple[UnfinishedStep, StepVerdict, Observed | None]
"""An open step, its verdict, and the current object."""


def judge_unfinished_steps(
    unfinished_steps: Sequence[UnfinishedStep],
    kinds: Mapping[str, Kind[Connection]],
    ownership: Ownership,
    read_state: Callable[[], ObservedState],
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[list[JudgedStep], ObservedState]:
    """Find out whether each unfinished step of an earlier run took effect.

    Return the judgements and the state of the tenants. If a new object is missing, the tenants are read again.
    """

    def judge(observed: ObservedState) -> list[JudgedStep]:
        whose = add_other_schools(ownership, observed, kinds)
        return [(open_step, *_judge_step(open_step.step, observed, kinds, whose)) for open_step in unfinished_steps]

    observed = read_state()
    judged = judge(observed)
    missing = [open_step.step for open_step, verdict, _ in judged if verdict is StepVerdict.NOT_APPLIED]
    wait = max((kinds[step.address.kind_path].settles for step in missing), default=0.0)
    if not wait:
        return judged, observed
    sleep(wait)
    later = read_state()
    return judge(later), later


def record_verdicts(judged_steps: Sequence[JudgedStep], journal: Journal) -> None:
    """Record in the ledger whether the unfinished steps of earlier runs took effect."""
    for open_step, verdict, observed in judged_steps:
        step = open_step.step
        journal.record_step_reading(open_step.run.run, step.step, verdict, observed, step.schools)


def objects_of_unfinished_steps(judged_steps: Sequence[JudgedStep]) -> list[UnfinishedObject]:
    return [
        UnfinishedObject(open_step.run.run, open_step.step.address, open_step.step.action, verdict)
        for open_step, verdict, _ in judged_steps
    ]


def _judge_step(
    step: StepBegan, observed: ObservedState, kinds: Mapping[str, Kind[Connection]], ownership: Ownership
) -> tuple[StepVerdict, Observed | None]:
    if step.address.kind_path not in observed.objects or any(u.address == step.address for u in observed.unknown):
        return StepVerdict.CANNOT_TELL, None
    of_kind = step.address.kind_path
    current = _find_object_of_step(step, observed.objects[of_kind], ownership.make_ownership_test(kinds[of_kind]))
    match step.action:
        case Action.CREATE | Action.ADOPT:
            return (StepVerdict.APPLIED if current else StepVerdict.NOT_APPLIED), current
        case Action.DELETE:
            return (StepVerdict.NOT_APPLIED if current else StepVerdict.APPLIED), current
        case Action.MOVE:
            return StepVerdict.APPLIED, current  # its place is compared again in every plan
        case Action.UPDATE:
            return _judge_update(step, current), current
        case Action.SEND:
            return StepVerdict.CANNOT_TELL, None


def _judge_update(step: StepBegan, current: Observed | None) -> StepVerdict:
    if current is None:
        return StepVerdict.CANNOT_TELL
    if _has_expected_values(step.sent or {}, current.settings):
        return StepVerdict.APPLIED
    return (
        StepVerdict.NOT_APPLIED
        if _has_expected_values(step.before or {}, current.settings)
        else StepVerdict.CANNOT_TELL
    )


def _has_expected_values(expected: Settings, observed_settings: Settings) -> bool:
    return all(satisfied(value, observed_settings.get(path)) for path, value in expected.items())


def _find_object_of_step(
    step: StepBegan, objects: Sequence[Observed], may_be_managed: Callable[[Observed], bool]
) -> Observed | None:
    name = step.address.name.casefold()
    by_id = [resource for resource in objects if step.remote_id and resource.remote.id == step.remote_id]
    by_name = [resource for resource in objects if resource.remote.name.casefold() == name and may_be_managed(resource)]
    return next(iter([*by_id, *by_name]), None)
