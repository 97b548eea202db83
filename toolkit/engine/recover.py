"""Looks up what a killed run left half done, before anything is sent again."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from toolkit.engine.journal import Journal
from toolkit.ledger.entries import Action, StepBegan, StepVerdict
from toolkit.ledger.memory import Unfinished
from toolkit.planning.plan import ObservedState
from toolkit.sdk.resource import Address, Observed
from toolkit.values import Settings, satisfied


@dataclass(frozen=True, slots=True)
class HalfDone:
    """A step of an earlier run whose end no one saw, and what the tenant shows of it now."""

    run: str
    address: Address
    action: str
    verdict: StepVerdict


Judged: TypeAlias = tuple[Unfinished, StepVerdict, Observed | None]
"""An open step, whether it took effect, and the object as it is now."""


def look_up(
    unfinished: Sequence[Unfinished],
    seen: ObservedState,
    settles: Mapping[str, float],
    read_again: Callable[[], ObservedState],
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[list[Judged], ObservedState]:
    """Judge every open step; a create that is not seen is looked for until reads no longer lag."""
    judged = [(one, *_judge(one.step, seen)) for one in unfinished]
    missing = [one.step for one, verdict, _ in judged if verdict is StepVerdict.NOT_APPLIED]
    wait = max((settles.get(step.address.of_kind, 0.0) for step in missing), default=0.0)
    if not wait:
        return judged, seen
    sleep(wait)
    later = read_again()
    return [(one, *_judge(one.step, later)) for one in unfinished], later


def record(judged: Sequence[Judged], journal: Journal) -> None:
    """Put what was found out into the ledger."""
    for one, verdict, observed in judged:
        journal.looked(one.run.run, one.step.step, verdict, observed)


def told(judged: Sequence[Judged]) -> list[HalfDone]:
    return [HalfDone(one.run.run, one.step.address, one.step.action, verdict) for one, verdict, _ in judged]


def _judge(step: StepBegan, seen: ObservedState) -> tuple[StepVerdict, Observed | None]:
    if step.address.of_kind not in seen.objects or any(u.address == step.address for u in seen.unknown):
        return StepVerdict.CANNOT_TELL, None
    there = _find(step, seen.objects[step.address.of_kind])
    match step.action:
        case Action.CREATE | Action.ADOPT:
            return (StepVerdict.APPLIED if there else StepVerdict.NOT_APPLIED), there
        case Action.DELETE:
            return (StepVerdict.NOT_APPLIED if there else StepVerdict.APPLIED), there
        case Action.MOVE:
            return StepVerdict.APPLIED, there  # where it stands is compared anew in every plan
        case Action.UPDATE:
            return _judge_update(step, there), there
        case Action.SEND:
            return StepVerdict.CANNOT_TELL, None


def _judge_update(step: StepBegan, there: Observed | None) -> StepVerdict:
    if there is None:
        return StepVerdict.CANNOT_TELL
    if _shows(step.sent or {}, there.settings):
        return StepVerdict.APPLIED
    return StepVerdict.NOT_APPLIED if _shows(step.before or {}, there.settings) else StepVerdict.CANNOT_TELL


def _shows(wanted: Settings, settings: Settings) -> bool:
    return all(satisfied(value, settings.get(path)) for path, value in wanted.items())


def _find(step: StepBegan, objects: Sequence[Observed]) -> Observed | None:
    name = step.address.name.casefold()
    by_id = [one for one in objects if step.remote_id and one.remote.id == step.remote_id]
    by_name = [one for one in objects if one.remote.name.casefold() == name]
    return next(iter([*by_id, *by_name]), None)
