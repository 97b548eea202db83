"""What a refused change would do to evidence, counted in the tenant."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from toolkit.errors import ServiceError, SignInRefused
from toolkit.planning.change import around
from toolkit.planning.plan import Plan, Refusal
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.reader import read_safely


def with_effects(plan: Plan, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]) -> Plan:
    """Add to each change that is refused for keeping less evidence what it would delete."""
    refused = tuple(replace(one, effects=tuple(_effects(one, kinds, connections))) for one in plan.refused)
    return replace(plan, refused=refused)


def _effects(
    refusal: Refusal, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]
) -> Iterator[str]:
    if refusal.change is None:
        return
    evidence, (before, after) = kinds[refusal.address.of_kind].evidence, around(refusal.change)
    count = evidence.extent
    if count is None or not evidence.weaker(before, after):
        return
    connection = connections[refusal.address.provider]
    try:
        extent = read_safely("extent", lambda: count(connection, before, after))
    except SignInRefused:
        raise
    except ServiceError as error:
        yield f"what it reaches could not be counted: {error}"
        return
    yield f"it reaches {'; '.join(extent.counts) or 'nothing'}"
    yield from extent.effects
