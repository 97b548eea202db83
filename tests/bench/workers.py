"""Drifting many tenants by a worker, compared with a bare loop that starts the same processes."""

from collections.abc import Iterator
from time import monotonic

from tests.bench.row import Bound, Row
from tests.bench.scenarios import Place
from tests.emulated import SIGN_IN
from tests.postgres import own_server
from tests.services import find_postgres
from tests.workers.night import AT_ONCE, run_bare_loop
from tests.workers.workers_door import WorkersDoor, new_database, open_workers


def workers(place: Place) -> Iterator[Row]:
    """Drift many tenants. Without PostgreSQL, nothing is measured."""
    if find_postgres() is None:
        return
    number = place.number(whole=40, short=4)
    names = [f"school-{place_number}" for place_number in range(1, number + 1)]
    (place.directory / "workers").mkdir()
    with (
        own_server() as server,
        new_database(server) as admin,
        open_workers(place.emulator, admin, place.directory / "workers", names) as door,
    ):
        run_bare_loop(door, "drift")  # creates the ledgers' tables
        before = _count_requests(door)
        bare = run_bare_loop(door, "drift")
        of_loop = _count_requests(door) - before
        assert door("trust", "drift", "--queue").returncode == 0
        began = monotonic()
        door.work("read", "--jobs", str(2 * AT_ONCE))
        seconds = monotonic() - began
        requests = _count_requests(door) - before - of_loop
    bounds = [
        Bound("requests", requests, of_loop),
        Bound("ratio of seconds", round(seconds / bare, 2), 1.5, needs_own_process=True),
    ]
    if place.short:
        bounds = bounds[:1]
    against = f"a bare loop, {bare:.1f} s"
    yield Row(f"{number} tenants by a worker", seconds, bounds, None, seconds / bare, against, requests)


def _count_requests(door: WorkersDoor) -> int:
    """Return the number of requests to all tenants, without sign-in."""
    logs = [tenant.requests() for tenant in door.trust.tenants.values()]
    return sum(request["service"] not in SIGN_IN for log in logs for request in log)
