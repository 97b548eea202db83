"""No false met and no lost met: a fault changes exactly its clauses, and faults together the union of theirs."""

from collections.abc import Collection, Iterable, Mapping
from random import Random

import pytest

from tests.verdicts.school import table
from tests.verdicts.single_faults import Fault, School, faults, statuses
from toolkit.planning.policy.fact import FactVerdict
from toolkit.planning.policy.statuses import PASSING, ClauseStanding
from toolkit.sdk.reason import About

FAULTS = faults()


Told = tuple[ClauseStanding, Mapping[About, FactVerdict]]
"""How a clause stands, and what it lacks."""


@pytest.fixture(scope="module")
def sound() -> Mapping[str, Told]:
    return _with([])


def _with(put: Iterable[Fault], names: Collection[str] = ()) -> Mapping[str, Told]:
    school = School()
    for fault in put:
        fault.put(school)
    return {name: (one.status, one.lacking_of) for name, one in statuses(school, names).items()}


def _changed(before: Mapping[str, Told], after: Mapping[str, Told]) -> frozenset[str]:
    return frozenset(name for name, told in after.items() if told != before[name])


def _passing(found: Mapping[str, Told]) -> set[str]:
    return {name for name, (status, _) in found.items() if status in PASSING}


def test_the_school_without_a_fault_meets_what_it_always_met(sound: Mapping[str, Told]) -> None:
    assert _passing(sound) == set(table()["met"])


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_changes_exactly_its_clauses(fault: Fault, sound: Mapping[str, Told]) -> None:
    found = _with([fault])

    assert _changed(sound, found) == fault.breaks
    assert fault.breaks & _passing(found) == (fault.breaks & set(table()["met"]) if fault.passes else set())


@pytest.mark.parametrize("seed", range(10))
def test_faults_together_change_the_union_of_their_clauses(seed: int, sound: Mapping[str, Told]) -> None:
    """Draw up to twelve faults of different things 500 times; look at the clauses that they break and a dozen more."""
    draw, met = Random(seed), set(table()["met"])
    for _ in range(500):
        drawn = list({fault.about: fault for fault in draw.sample(FAULTS, draw.randint(2, 12))}.values())
        told = " + ".join(fault.name for fault in drawn)
        changes = frozenset[str]().union(*(fault.breaks for fault in drawn))
        broken = frozenset[str]().union(*(fault.breaks for fault in drawn if not fault.passes))
        looked = changes.union(draw.sample(sorted(sound), 12))
        found = _with(drawn, looked)
        assert _changed(sound, found) == changes, told
        assert _passing(found) == (met - broken) & looked, told
