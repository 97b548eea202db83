"""`toolkit worker`: each job runs in its tenant, is tried again within a budget, and reaches no other's secrets."""

import json

import pytest

from tests.workers.workers_door import WorkersDoor
from toolkit.trust.load import load_trust
from toolkit.trust.tenant_settings import tenant_environment
from toolkit.workers.jobs import ATTEMPTS

_RUNS = "SELECT tenant, exit, last_good IS NOT NULL FROM tenant_run WHERE command = %s ORDER BY tenant"
_STATES = "SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name = 'run' ORDER BY id"


def test_every_tenant_is_drifted_once_into_its_own_ledger(workers: WorkersDoor) -> None:
    deferred = workers("trust", "drift", "--queue")
    messages = workers.work()

    assert deferred.stdout == "2 jobs of `drift` deferred.\n"
    assert "oak: drift: 1 finding" in messages
    assert workers.ask(_RUNS, "drift") == [("elm", 3, True), ("oak", 3, True)]
    assert [_drifts_in_schema(workers, name) for name in ("oak", "elm")] == [1, 1]
    status = json.loads(workers("trust", "status", "--json").stdout)
    assert [(row["tenant"], row["command"], row["count"]) for row in status["tenants"]] == [
        ("oak", "drift", 1),
        ("elm", "drift", 1),
    ]


def test_the_json_of_a_deferred_command_has_each_tenant(workers: WorkersDoor) -> None:
    workers("trust", "drift", "--queue", "--tenant", "elm")

    answer = json.loads(workers("trust", "drift", "--queue", "--json").stdout)

    assert (answer["command"], answer["exit"]) == ("drift", 0)
    assert [(row["tenant"], row["result"], row["exit"]) for row in answer["tenants"]] == [
        ("oak", "deferred", 0),
        ("elm", "a job waits already", 0),
    ]


def _drifts_in_schema(workers: WorkersDoor, tenant: str) -> int:
    query = f"SELECT count(*) FROM tenant_{tenant}.run WHERE command = 'drift'"
    return int(workers.ask(query, url=workers.url(tenant))[0][0])


def test_a_write_worker_applies_and_a_second_apply_changes_nothing(workers: WorkersDoor) -> None:
    workers("trust", "apply", "--queue", "--yes", queue="write")
    first = workers.work("write")
    workers("trust", "apply", "--queue", "--yes", queue="write")
    second = workers.work("write")

    assert "oak: apply: 1 change made" in first
    assert "oak: apply: as the playbooks ask" in second


def test_a_read_worker_cannot_defer_an_apply(workers: WorkersDoor) -> None:
    refused = workers("trust", "apply", "--queue", "--yes")

    assert refused.returncode == 2
    assert "read workers may change only jobs of the queue read" in refused.stderr


def test_a_read_worker_refuses_settings_that_could_write(workers: WorkersDoor) -> None:
    live = "".join(f"TOOLKIT_WRITE_MICROSOFT365_{name}=x\n" for name in ("CLIENT_ID", "CLIENT_SECRET"))
    workers.trust.env_file("oak").write_text(f"TOOLKIT_TARGET=live\n{live}")
    workers.trust.write(envs={"oak": "env_command: [cat, secrets/oak.env]"})
    workers("trust", "drift", "--queue", "--tenant", "oak")

    messages = workers.work()

    assert "a read worker must have none" in messages
    assert ("oak", 1, False) in workers.ask(_RUNS, "drift")  # the tick may have deferred a drift of the other tenant


def test_a_job_whose_worker_died_is_deferred_again_and_finds_the_answer_of_its_run(workers: WorkersDoor) -> None:
    workers("trust", "drift", "--queue")
    workers.work()
    _let_last_worker_die(workers, attempts=0)

    messages = workers.work()

    assert "has died" in messages
    assert workers.ask(_STATES) == []
    assert [_drifts_in_schema(workers, name) for name in ("oak", "elm")] == [1, 1]


def _let_last_worker_die(workers: WorkersDoor, *, attempts: int) -> None:
    """Add the jobs of a worker that died after its runs had ended, before it could say so."""
    for file in sorted((workers.trust.state / "jobs").glob("*/rounds/drift/*/round.json")):
        facts = json.loads(file.read_text())
        tenant = file.parents[3].name
        workers.ask(
            "INSERT INTO procrastinate_jobs (id, queue_name, task_name, lock, queueing_lock, args, status, attempts) "
            "VALUES (%s, 'read', 'run', %s, %s, %s, 'doing', %s)",
            facts["job"], tenant, f"drift {tenant}", json.dumps({"command": "drift", "tenant": tenant}), attempts,
        )  # fmt: skip
    workers.ask("INSERT INTO procrastinate_jobs (queue_name, task_name, args, priority) "
                "VALUES ('read', 'requeue_stalled_read', '{\"timestamp\": 0}', 10)")  # fmt: skip


def test_a_job_whose_workers_died_too_often_is_given_up(workers: WorkersDoor) -> None:
    workers("trust", "drift", "--queue")
    workers.work()
    _let_last_worker_die(workers, attempts=ATTEMPTS - 1)

    workers.work()

    assert workers.ask(_STATES) == [("failed", ATTEMPTS)] * 2
    assert 'toolkit_jobs_failed{queue="read"} 2' in workers("worker", "metrics").stdout


def test_a_run_that_fails_is_tried_again_later_and_no_other_tenant_waits_for_it(workers: WorkersDoor) -> None:
    file = workers.trust.env_file("oak")
    file.write_text(file.read_text().replace("?host=", "?host=/nowhere"))  # its ledger is away
    workers("trust", "drift", "--queue")

    workers.work()

    assert workers.ask(_STATES) == [("todo", 1)]
    assert workers.ask(_RUNS, "drift") == [("elm", 3, True), ("oak", 4, False)]
    assert workers.ask("SELECT scheduled_at > now() FROM procrastinate_jobs WHERE lock = 'oak'") == [(True,)]


def test_nothing_that_waits_is_written_at_the_weekend(workers: WorkersDoor) -> None:
    workers.trust.set_now("2026-11-13T18:00:00Z")
    workers("trust", "apply", "--queue", "--yes", queue="write")

    messages = workers.work("write")

    assert "between Friday noon and Monday nothing is written" in messages
    assert workers.ask(_RUNS, "apply") == [("elm", 5, False), ("oak", 5, False)]


def test_a_tenants_process_does_not_get_the_workers_database(workers: WorkersDoor) -> None:
    trust = load_trust(workers.trust.root)

    given = tenant_environment(trust, trust.tenants["oak"], workers.environment(), workers.trust.state)

    own = {name: value for name, value in given.items() if name.startswith("TOOLKIT_")}
    assert own.keys() == {"TOOLKIT_LEDGER", "TOOLKIT_PATIENCE", "TOOLKIT_STATE", "TOOLKIT_TARGET"}
    assert own["TOOLKIT_LEDGER"] == workers.url("oak")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("worker",), "name the jobs that the worker takes"),
        (("trust", "apply", "--queue"), "--queue needs --yes"),
    ],
)
def test_a_wrong_use_has_one_clear_error(workers: WorkersDoor, words: tuple[str, ...], error: str) -> None:
    refused = workers(*words)

    assert refused.returncode == 2
    assert error in refused.stderr
    assert "Traceback" not in refused.stderr
