"""Killed at any moment of 30 changes, a run leaves a ledger that says so, and the next one converges."""

import signal
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import TypeVar

import pytest

from tests.kill.clients import Clients
from tests.kill.death import Moment
from tests.kill.school import ENTRIES, WANTED, WRITE, WRITES, School

_T = TypeVar("_T")
_STRIDE = 67  # no divisor of anything that is counted here, so that each moment has its turn


def _points(every: Iterable[Sequence[_T]]) -> Sequence[object]:
    """Take some points into every test run, and all of them into a soak."""
    points = [tuple(point) for point in every]
    some = [pytest.param(*point, id=f"{_point_id(point)}") for point in points[::_STRIDE]]
    return some + [pytest.param(*point, id=f"every {_point_id(point)}", marks=pytest.mark.soak) for point in points]


def _point_id(point: Sequence[object]) -> str:
    return " ".join(str(part) for part in point)


def test_the_apply_makes_30_changes(clients: Clients, school: School) -> None:
    asked, before = school.last_request(), school.entries()

    client = clients.start()

    assert client.run() == 0, client.output_text
    assert "10 to create, 14 to change, 6 to move" in client.output_text
    operations = [one for request in school.door.tenant.requests(asked) for one in request["operations"]]
    assert sum(one["write"] for one in operations) == WRITES
    assert school.entries() - before == ENTRIES
    assert school.rules() == WANTED


@pytest.mark.parametrize(("fault", "nth"), _points(product(["kill", "kill_after"], range(1, WRITES + 1))))
def test_killed_at_a_write(
    clients: Clients, school: School, fault: str, nth: int, converges: Callable[[], None]
) -> None:
    client = clients.start()
    school.door.tenant.fault(fault, WRITE, nth=nth, pid=client.pid)

    assert client.run() == -signal.SIGKILL
    assert school.half_done()
    school.door.tenant.disarm()

    converges()


@pytest.mark.parametrize(("entry", "moment"), _points(product(range(1, ENTRIES + 1), Moment)))
def test_killed_at_an_entry_of_the_ledger(
    clients: Clients, school: School, entry: int, moment: Moment, converges: Callable[[], None]
) -> None:
    before = school.entries()
    client = clients.start(entry=entry, moment=moment)

    assert client.run() == -signal.SIGKILL
    added = school.entries() - before
    if moment is Moment.BEFORE_COMMIT:
        assert added == entry - 1
    else:  # the lock is free between commit and head file, so that another thread may have added its entry
        assert added >= entry

    converges()
