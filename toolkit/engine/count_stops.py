"""Counts the uses that a plan ends. Nothing is read unless the plan has a change whose effect can be counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from toolkit.errors import ServiceError
from toolkit.planning.plan import Plan
from toolkit.planning.stops import PlannedStop, find_stops
from toolkit.sdk.connector import Connection
from toolkit.sdk.effect import Effect, EffectArea, StopCount
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address
from toolkit.values import unique


def planned_stops(
    plan: Plan, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection], now: datetime
) -> tuple[PlannedStop, ...]:
    """Return the uses that the changes of a plan end, each with its count. Counted uses come first."""
    stops = [
        stop
        for (of_kind, words), rows in find_stops(plan.changes, kinds).items()
        for stop in _count(words, kinds[of_kind].stops.area, rows, connections[of_kind.partition(".")[0]], now)
    ]
    return tuple(sorted(stops, key=lambda stop: stop.count is None))


def _count(
    words: str,
    area: EffectArea | None,
    rows: Sequence[tuple[Address, str, Effect]],
    connection: Connection,
    now: datetime,
) -> list[PlannedStop]:
    """Return a stop for each object that was counted, and one for all others. "" counts all of them together."""
    count = next((effect.count for _, _, effect in rows if effect.count), None)
    names = unique(address.name for address, _, _ in rows)
    read: Mapping[str, StopCount] | ServiceError = {}
    if count is not None:
        read = attempt("a count of uses that end", lambda: count(connection, names, now))
    numbers, error = ({}, str(read)) if isinstance(read, ServiceError) else (read, "")
    groups: dict[str, list[tuple[Address, str, Effect]]] = {}
    for row in rows:
        groups.setdefault(row[0].name if row[0].name in numbers else "", []).append(row)
    return [
        PlannedStop(
            words,
            area,
            tuple(dict.fromkeys(address for address, _, _ in group)),
            unique(path for _, path, _ in group),
            numbers.get(name),
            error,
        )
        for name, group in groups.items()
    ]
