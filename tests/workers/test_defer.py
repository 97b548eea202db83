"""Jobs are deferred once: one for each tenant and night, whoever defers them."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from tests.workers.workers_door import ask_database
from toolkit.workers.defer import defer_due_runs, defer_runs, night_of
from toolkit.workers.migrate import migrate

TONIGHT, TOMORROW = date(2026, 11, 10), date(2026, 11, 11)
_JOBS = "SELECT lock, queueing_lock, queue_name, args FROM procrastinate_jobs ORDER BY id"


@pytest.fixture
def url(admin: str, tmp_path: Path) -> str:
    migrate(admin, [], tmp_path)
    return admin


def test_a_job_holds_only_names_and_locks_its_tenant(url: str) -> None:
    defer_runs(url, "drift", ["oak"], TONIGHT)
    defer_runs(url, "apply", ["oak"], TONIGHT)

    assert ask_database(url, _JOBS) == [
        ("oak", "drift oak", "read", {"command": "drift", "tenant": "oak"}),
        ("oak", "apply oak", "write", {"command": "apply", "tenant": "oak"}),
    ]


def test_a_job_that_waits_is_not_deferred_twice(url: str) -> None:
    defer_runs(url, "drift", ["oak"], TONIGHT)

    again = defer_runs(url, "drift", ["oak", "elm"], TONIGHT)

    assert (again.tenants, again.waiting) == (["elm"], ["oak"])
    assert len(ask_database(url, _JOBS)) == 2


def test_the_tick_defers_1000_tenants_once_a_night(url: str) -> None:
    tenants = [f"school-{number}" for number in range(1000)]

    first = defer_due_runs(url, "drift", tenants, TONIGHT)
    ask_database(url, "UPDATE procrastinate_jobs SET status = 'doing'")  # they no longer wait
    late = defer_due_runs(url, "drift", tenants, TONIGHT)
    ask_database(url, "UPDATE procrastinate_jobs SET status = 'succeeded'")
    next_night = defer_due_runs(url, "drift", tenants, TOMORROW)

    assert first.tenants == next_night.tenants == tenants
    assert late.tenants == late.waiting == []
    assert len(ask_database(url, _JOBS)) == 2000


def test_a_tick_that_comes_while_the_last_job_waits_is_dropped_for_good(url: str) -> None:
    defer_due_runs(url, "drift", ["oak"], TONIGHT)

    dropped = defer_due_runs(url, "drift", ["oak"], TOMORROW)
    ask_database(url, "UPDATE procrastinate_jobs SET status = 'doing'")
    after = defer_due_runs(url, "drift", ["oak"], TOMORROW)

    assert (dropped.tenants, dropped.waiting) == ([], ["oak"])
    assert after.tenants == []


def test_a_drift_that_a_person_defers_counts_as_that_nights_drift(url: str) -> None:
    defer_runs(url, "drift", ["oak"], TONIGHT)
    ask_database(url, "UPDATE procrastinate_jobs SET status = 'doing'")

    assert defer_due_runs(url, "drift", ["oak", "elm"], TONIGHT).tenants == ["elm"]


@pytest.mark.parametrize(("hour", "night"), [(0, date(2026, 11, 9)), (1, TONIGHT), (23, TONIGHT)])
def test_a_night_belongs_to_the_day_on_which_it_began(hour: int, night: date) -> None:
    assert night_of(datetime(2026, 11, 10, hour, 30), time(1)) == night  # noqa: DTZ001 - the trust's own time
