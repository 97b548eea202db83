"""A night of 500 tenants: workers die, freeze and lose their database, and every tenant has one run and one write."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulated import Emulator
from tests.postgres import PostgresServer
from tests.workers.night import Troubles, run_bare_loop, run_night
from tests.workers.workers_door import WorkersDoor, open_workers
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.ledger.verify import verify

TENANTS = int(os.environ.get("WORKERS_TENANTS", "500"))
MOST, COMPARED = 1.5, 300
"""How much longer than a bare loop a night may last, and from how many tenants on the two are compared: what happens to
the workers costs minutes, whatever the number of tenants is."""

pytestmark = [pytest.mark.soak, pytest.mark.timing]


@pytest.fixture
def workers(emulator: Emulator, admin: str, tmp_path: Path) -> Iterator[WorkersDoor]:
    names = [f"school-{number}" for number in range(1, TENANTS + 1)]
    with open_workers(emulator, admin, tmp_path, names, {"users": 6, "staff": 4}) as door:
        yield door


def test_a_night_survives_dead_and_frozen_workers_and_a_restarted_database(
    workers: WorkersDoor, server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = run_bare_loop(workers, "drift")
    before = {name: _ended_runs(workers, name)["drift"] for name in workers.trust.tenants}
    nights: dict[str, float] = {}
    for command, queue in (("apply", "write"), ("drift", "read")):
        troubles = Troubles(server)
        deferred = workers("trust", command, "--queue", *(("--yes",) if command == "apply" else ()), queue=queue)
        assert deferred.returncode == 0, deferred.stderr
        nights[command] = run_night(workers, queue, troubles.meet)
        assert troubles.kills, "no worker was killed"
        assert {"froze", "restarted"} <= set(troubles.events)

    ratio = nights["drift"] / bare
    with capsys.disabled():
        print(f"{TENANTS} tenants: bare {bare:.0f} s, workers {nights}, ratio {ratio:.2f}")  # noqa: T201
    assert workers.ask("SELECT args FROM procrastinate_jobs WHERE task_name = 'run'") == []  # none was given up
    for name, tenant in workers.trust.tenants.items():
        ended = _ended_runs(workers, name)
        assert ended["drift"] - before[name] == 1, (name, ended)
        assert ended["apply"] >= 1, (name, ended)
        assert _overlapping_runs(workers, name) == [], name
        assert _is_sound(workers, name), name
        writes = Counter(
            (request["method"], request["url"])
            for request in tenant.requests()
            if any(operation["write"] for operation in request["operations"])
        )
        assert {write: count for write, count in writes.items() if count > 1} == {}, name
    assert TENANTS < COMPARED or ratio <= MOST


def _ended_runs(workers: WorkersDoor, tenant: str) -> Counter[str]:
    """Return how many runs of each command have ended with a result."""
    entries = [json.loads(text) for (text,) in workers.ask(f'SELECT text FROM "tenant_{tenant}".entry')]
    commands = {entry["run"]: entry["command"] for entry in entries if "command" in entry}
    return Counter(commands[entry["run"]] for entry in entries if entry.get("exit") in (0, 3))


def _overlapping_runs(workers: WorkersDoor, tenant: str) -> list[tuple[str, ...]]:
    """Return the runs that began, by the chain of the ledger, before another run had ended."""
    table = f'"tenant_{tenant}".run'
    return workers.ask(
        f"SELECT later.run FROM {table} later JOIN {table} earlier ON later.began > earlier.began "
        "AND later.began < earlier.ended"
    )


def _is_sound(workers: WorkersDoor, tenant: str) -> bool:
    folder = workers.trust.state / "tenants" / tenant / "emulator"
    with Ledger(folder, redactor=Redactor(), url=workers.url(tenant)) as ledger:
        return not verify(ledger).faults
