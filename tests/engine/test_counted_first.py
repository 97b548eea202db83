"""What must be counted before it is written: shown where it was, refused where it was not, never assumed safe."""

from collections.abc import Iterator, Sequence
from typing import cast

from tests.planning.building import Thing, desired, origin
from toolkit.engine.build_plan import without_doubted
from toolkit.errors import Unavailable
from toolkit.planning.change import Create
from toolkit.planning.plan import Plan
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Endpoint
from toolkit.sdk.kind import FirstCount, Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Desired
from toolkit.sdk.targets import Scale

OF_KIND = "cloud.thing"


def _counting(via: Connection, wanted: Sequence[Desired]) -> Iterator[FirstCount]:
    """Count as many links as the connection says; none of them is a count that is missing."""
    for one in wanted:
        yield FirstCount(one.address.name, "text", "public links", cast("int | None", via), "no API counts them")


def _failing(_via: Connection, _wanted: Sequence[Desired]) -> Iterator[FirstCount]:
    raise Unavailable("it does not answer")


def _planned(count: object, via: object) -> Plan:
    kind = Kind(
        name="thing",
        title="thing",
        spec=Thing,
        endpoint=cast("Endpoint[Connection]", None),
        reference="",
        permissions=Permissions((), ()),
        reach=Scale.TENANT,
        counts_first=count,  # type: ignore[arg-type]
    )
    plan = Plan(changes=(Create(desired("sharing", {"text": "no"}), ()),))
    return without_doubted(plan, {OF_KIND: kind}, {"cloud": cast("Connection", via)})


def test_a_number_is_shown_and_the_change_is_written() -> None:
    plan = _planned(_counting, 1200)

    assert [note.text for note in plan.notes] == ["public links: 1,200"]
    assert len(plan.changes) == 1


def test_nothing_found_needs_no_line() -> None:
    plan = _planned(_counting, 0)

    assert not plan.notes
    assert len(plan.changes) == 1


def test_without_a_number_the_change_is_refused_at_its_setting() -> None:
    plan = _planned(_counting, None)

    assert not plan.changes
    (refusal,) = plan.refused
    assert refusal.origin == origin(7)
    assert str(refusal.reason).endswith(
        "public links must be counted before this is written, and were not: no API counts them"
    )


def test_a_count_that_fails_is_unknown_and_nothing_is_written() -> None:
    plan = _planned(_failing, 0)

    assert not plan.changes
    assert len(plan.unknown) == 1
