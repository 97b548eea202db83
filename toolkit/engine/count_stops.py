"""Count the uses of a service that a plan would end, for example forwarding that people have set up.

Tenants are read only if a change of the plan has uses that can be counted.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from toolkit.errors import ServiceError
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import NOTED, NOTED_UNREAD
from toolkit.planning.stops import EndedUse, find_ended_effects
from toolkit.sdk.connector import Connection
from toolkit.sdk.effect import Effect, EffectArea, EndedUseCount
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address
from toolkit.values import unique

_Counts: TypeAlias = Mapping[str, EndedUseCount]
"""Counts by the name of an object, or "" for all objects together."""


def read_ended_uses(
    plan: Plan,
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    now: datetime,
    *,
    waiting_objects: Collection[Address] = (),
) -> tuple[EndedUse, ...]:
    """Return the uses of a service that the changes of a plan would end, with their numbers.

    Uses with a number come first. Changes that wait for a change window or for the end of a freeze are not included.
    """
    changes = [change for change in plan.changes if change.address not in waiting_objects]
    stops = list[EndedUse]()
    for (of_kind, words), rows in find_ended_effects(changes, kinds).items():
        counts = _read_counts(plan, rows, connections[of_kind.partition(".")[0]], now)
        stops += _to_ended_uses(words, kinds[of_kind].stops.area, rows, counts)
    return tuple(sorted(stops, key=lambda stop: (stop.count is None, not stop.meets_outside)))


def _read_counts(
    plan: Plan, effects: Sequence[tuple[Address, str, Effect]], connection: Connection, now: datetime
) -> _Counts | ServiceError:
    """Return how many present uses of each object would stop working.

    The numbers come from the effect's own function or from the plan's remarks.
    """
    count = next((effect.count for _, _, effect in effects if effect.count), None)
    if count is not None:
        return attempt(
            "counting the uses that a change ends",
            lambda: count(connection, unique(row[0].name for row in effects), now),
        )
    noted = {address for address, _, effect in effects if effect.counted_by_note}
    counts = {
        remark.address.name: remark.count
        for remark in plan.select(NOTED, NOTED_UNREAD)
        if remark.count and remark.address in noted
    }
    return {name: _to_ended_use_count(count.of - count.ok, count.unknown, count.noun) for name, count in counts.items()}


def _to_ended_use_count(number: int, unknown_number: int, noun: str) -> EndedUseCount:
    more = f", and {unknown_number} more that may be" if unknown_number else ""
    return EndedUseCount(number - unknown_number, f"{noun}{more}", f"{noun}s{more}")


def _to_ended_uses(
    effect_text: str,
    area: EffectArea | None,
    effects: Sequence[tuple[Address, str, Effect]],
    counts: _Counts | ServiceError,
) -> list[EndedUse]:
    """Return an entry for each object whose uses were counted, and a single entry for all remaining objects."""
    numbers, error = ({}, str(counts)) if isinstance(counts, ServiceError) else (counts, "")
    groups: dict[str, list[tuple[Address, str, Effect]]] = {}
    for row in effects:
        groups.setdefault(row[0].name if row[0].name in numbers else "", []).append(row)
    return [
        EndedUse(
            effect_text,
            area,
            any(effect.meets_outside for _, _, effect in group),
            tuple(dict.fromkeys(address for address, _, _ in group)),
            unique(path for _, path, _ in group),
            numbers.get(name),
            error,
        )
        for name, group in groups.items()
    ]
