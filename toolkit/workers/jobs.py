"""The jobs of the workers: a command in a tenant, the nightly tick, and the jobs of dead workers."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from procrastinate import App, JobContext, RetryStrategy
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from toolkit.errors import ToolkitError
from toolkit.workers.database import QUEUES, RUN, DatabaseAway
from toolkit.workers.tenant_job import TenantFailed

if TYPE_CHECKING:
    from toolkit.workers.work import Work

ATTEMPTS = 5
"""How often a job is tried, whether its run failed or its worker died."""
BEAT_SECONDS, DEAD_SECONDS = 10.0, 30.0
"""A worker reports every BEAT_SECONDS. It counts as dead DEAD_SECONDS after its last report."""
_EVERY_15_SECONDS, _EVERY_5_MINUTES = "* * * * * */15", "*/5 * * * *"
_URGENT = 10
_KEPT_HOURS = 30 * 24
DEFER_DUE, REQUEUE = "defer_due", "requeue_stalled"


class TriedLater(ToolkitError):
    """A run failed, and another job for the same tenant waits already."""


def create_app(connector: BaseConnector, queue: str) -> App:
    """Return the engine's app with the jobs of a queue. The periodic jobs run on it too."""
    app = App(connector=connector)
    retry = RetryStrategy(
        max_attempts=ATTEMPTS - 1, wait=60, linear_wait=240, retry_exceptions=(TenantFailed, DatabaseAway)
    )
    app.task(name=RUN, queue=queue, retry=retry, pass_context=True)(_run)
    _add_periodic(app, f"{REQUEUE}_{queue}", queue, _EVERY_15_SECONDS, _requeue_stalled)
    if queue == QUEUES[0]:
        _add_periodic(app, DEFER_DUE, queue, _EVERY_5_MINUTES, _defer_due)
    return app


def _add_periodic(app: App, name: str, queue: str, cron: str, function: Callable[..., object]) -> None:
    """Add a job that is deferred by the clock, once for all workers, and not while the last one waits."""
    task = app.task(name=name, queue=queue, queueing_lock=name, priority=_URGENT, pass_context=True)(function)
    app.periodic(cron=cron)(task)


def _work_of(context: JobContext) -> "Work":
    return cast("Work", context.additional_context["work"])


async def _run(context: JobContext, *, command: str, tenant: str) -> None:
    job, session = context.job, _work_of(context).session
    assert job.id
    try:
        await asyncio.to_thread(session.run_job, job.id, command, tenant)
    except TenantFailed as error:
        # Only one job with a queueing lock may wait, and a waiting job is this job's next attempt.
        if await context.app.job_manager.list_jobs_async(queueing_lock=job.queueing_lock, status=Status.TODO.value):
            raise TriedLater(str(error)) from error
        raise


def _defer_due(context: JobContext, timestamp: int) -> None:
    """Defer a drift of each tenant that has had none this night."""
    _work_of(context).defer_due(datetime.fromtimestamp(timestamp, UTC))


async def _requeue_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the engine passes it
    """Defer again the jobs whose worker has died, or give them up if they have been tried too often.

    The engine does neither. Old jobs that failed are deleted.
    """
    work, manager = _work_of(context), context.app.job_manager
    for job in await manager.get_stalled_jobs(queue=work.session.queue, seconds_since_heartbeat=DEAD_SECONDS):
        if job.id == context.job.id:
            continue
        if not await _retry(manager, job):
            await manager.finish_job(job, Status.FAILED, delete_job=False)
        work.remark(f"the worker of job {job.id} ({job.task_name} {_tenant_of(job.task_kwargs)}) has died")
    await manager.delete_old_jobs(nb_hours=_KEPT_HOURS, queue=work.session.queue, include_failed=True)


async def _retry(manager: JobManager, job: Job) -> bool:
    """Defer a job again. Return False if it was tried too often, or if another job for it waits already."""
    if job.attempts + 1 >= ATTEMPTS:
        return False
    try:
        await manager.retry_job(job, retry_at=datetime.now(UTC))
    except UniqueViolation:
        return False
    return True


def _tenant_of(arguments: dict[str, Any]) -> str:
    return str(arguments.get("tenant", ""))
