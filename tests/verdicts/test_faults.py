"""No false met and no lost met: a fault changes exactly its clauses, and faults together the union of theirs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from random import Random

import pytest

from tests.verdicts.school import part_rows, table
from tests.verdicts.single_faults import Fault, School, affected_by, clauses, faults, statuses
from toolkit.planning.policy.statuses import PASSING, ClauseStanding
from toolkit.sdk.reason import About
from toolkit.sdk.verdict import FactVerdict

FAULTS = faults()


Told = tuple[ClauseStanding, Mapping[About, FactVerdict]]
"""How a clause stands, and what it lacks."""


@pytest.fixture(scope="module")
def sound() -> Mapping[str, Told]:
    return _clause_statuses([])


def _clause_statuses(put: Iterable[Fault], names: Collection[str] = ()) -> Mapping[str, Told]:
    school = School()
    for fault in put:
        fault.apply_to(school)
    return {name: (one.status, one.failed_verdicts) for name, one in statuses(school, names).items()}


class JudgedAlone:
    """Judges each clause from what it rests on alone, once for each set of faults of that."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, frozenset[str]], Told] = {}

    def statuses(self, drawn: Iterable[Fault]) -> Mapping[str, Told]:
        own: dict[str, list[Fault]] = {clause.name: [] for clause in clauses()}
        for fault in drawn:
            for name in _resting_on(fault.target):
                own[name].append(fault)
        return {name: self._of_clause(name, put) for name, put in own.items()}

    def _of_clause(self, name: str, put: Sequence[Fault]) -> Told:
        key = name, frozenset(fault.name for fault in put)
        if key not in self._known:
            self._known[key] = _clause_statuses(put, [name])[name]
        return self._known[key]


@cache
def _resting_on(thing: object) -> Sequence[str]:
    """Return the clauses that a fault of a thing can befall, as the policy's data name what they rest on."""
    return [clause.name for clause in clauses() if thing in affected_by(clause.name)]


def _changed(before: Mapping[str, Told], after: Mapping[str, Told]) -> frozenset[str]:
    return frozenset(name for name, told in after.items() if told != before[name])


def _passing(found: Mapping[str, Told]) -> set[str]:
    return {name for name, (status, _) in found.items() if status in PASSING}


def _hiding_a_failure(found: Mapping[str, Told]) -> set[str]:
    """Return the clauses that are told as if nothing were known to be wrong, although something is."""
    known = {FactVerdict.FAILS, FactVerdict.IN_PART}
    said = {ClauseStanding.PARTLY, ClauseStanding.NOT_MET, ClauseStanding.UNDECIDED}
    return {name for name, (status, lacking) in found.items() if known & set(lacking.values()) and status not in said}


def test_the_school_without_a_fault_meets_what_it_always_met(sound: Mapping[str, Told]) -> None:
    assert _passing(sound) == set(table()["met"])


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_changes_exactly_its_clauses(fault: Fault, sound: Mapping[str, Told]) -> None:
    _change_exactly_their_clauses([fault], _clause_statuses([fault]), sound)


def _change_exactly_their_clauses(put: Sequence[Fault], found: Mapping[str, Told], sound: Mapping[str, Told]) -> None:
    told = " + ".join(fault.name for fault in put)
    broken = frozenset[str]().union(*(fault.breaks for fault in put if not fault.passes))
    assert _changed(sound, found) == frozenset[str]().union(*(fault.breaks for fault in put)), told
    assert _passing(found) == set(table()["met"]) - broken, told
    assert _hiding_a_failure(found) == set(), told


def _apart() -> Sequence[Sequence[Fault]]:
    """Share all faults out to schools, so that no clause of a school is broken by two of its faults."""
    schools: list[list[Fault]] = []
    for fault in FAULTS:
        free = (
            put for put in schools if not any(fault.breaks & one.breaks or fault.target == one.target for one in put)
        )
        if school := next(free, None):
            school.append(fault)
        else:
            schools.append([fault])
    return schools


SCHOOLS = _apart()


@pytest.mark.parametrize("put", SCHOOLS, ids=[str(number) for number in range(len(SCHOOLS))])
def test_faults_of_different_clauses_change_exactly_their_own(put: Sequence[Fault], sound: Mapping[str, Told]) -> None:
    """Judge every clause with each fault put once; the soak puts each into a school alone."""
    _change_exactly_their_clauses(put, _clause_statuses(put), sound)


def _drawn(seed: int) -> list[Fault]:
    """Draw up to twelve faults of different things."""
    draw = Random(seed)
    return list({fault.target: fault for fault in draw.sample(FAULTS, draw.randint(2, 12))}.values())


@pytest.mark.parametrize("schools", [40, pytest.param(5_000, marks=pytest.mark.soak)])
def test_faults_together_change_the_union_of_their_clauses(schools: int, sound: Mapping[str, Told]) -> None:
    """Look at every clause in schools with up to twelve faults."""
    alone = JudgedAlone()
    for seed in range(schools):
        drawn = _drawn(seed)
        _change_exactly_their_clauses(drawn, alone.statuses(drawn), sound)


_FROM_WORST = (ClauseStanding.NOT_MET, ClauseStanding.PARTLY, ClauseStanding.NOT_CHECKED)
KINDS = sorted({kind for row in part_rows() for kind in row.kinds})
NOT_CONFIRMED = [fault for fault in FAULTS if fault.name.endswith(": not confirmed")]
FAILING = [fault for fault in FAULTS if fault.name.endswith(": fails")]
CLOUDS = sorted({kind.partition(".")[0] for kind in KINDS})


def _unread(what: str, drawn: Iterable[Fault]) -> Mapping[str, ClauseStanding]:
    """Judge a school with faults in which a kind, or all of a cloud, could not be read."""
    school = School()
    for fault in drawn:
        fault.apply_to(school)
    school.unreadable |= {kind for kind in KINDS if what in {kind, kind.partition(".")[0]}}
    school.unknown |= {(row.control, row.cloud, row.part) for row in part_rows() if row.cloud == what}
    school.failing -= school.unknown
    return {name: one.status for name, one in statuses(school).items()}


def _place(status: ClauseStanding) -> int:
    return _FROM_WORST.index(status) if status in _FROM_WORST else len(_FROM_WORST)


@cache
def _schools(drawn: int) -> Sequence[tuple[Sequence[Fault], Mapping[str, Told]]]:
    """Give a school without a fault, one in which all fail and some that are drawn, each with its clauses."""
    schools: list[list[Fault]] = [[], [*NOT_CONFIRMED, *FAILING], *(_drawn(20_000 + seed) for seed in range(drawn))]
    return [(put, _clause_statuses(put)) for put in schools]


@pytest.mark.parametrize(
    ("what", "schools"),
    [
        *((what, 0) for what in (*KINDS[::4], *CLOUDS)),
        *(pytest.param(what, 10, marks=pytest.mark.soak) for what in (*KINDS, *CLOUDS)),
    ],
)
def test_what_cannot_be_read_makes_a_clause_not_checked_and_never_failed_or_met(what: str, schools: int) -> None:
    for drawn, told in _schools(schools):
        before = {name: status for name, (status, _) in told.items()}
        after = _unread(what, drawn)

        worse = {name: status for name, status in after.items() if _place(status) < _place(before[name])}
        better = {name for name, status in after.items() if status in PASSING} - {
            name for name, status in before.items() if status in PASSING
        }
        assert set(worse.values()) <= {ClauseStanding.NOT_CHECKED}, worse
        assert better == set()


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 100))])
def test_a_clause_judged_from_what_it_rests_on_stands_as_when_all_is_judged(seed: int) -> None:
    drawn = _drawn(5_000 + seed)

    assert JudgedAlone().statuses(drawn) == _clause_statuses(drawn)
