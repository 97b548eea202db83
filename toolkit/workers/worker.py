"""Run a worker. It takes the jobs of a queue until it is stopped."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from toolkit.errors import ToolkitError
from toolkit.workers.database import OPTIONS, DatabaseAway, database_error
from toolkit.workers.jobs import BEAT_SECONDS, DEAD_SECONDS, create_app
from toolkit.workers.work import Work

_OWN_THREADS = 2  # for the periodic jobs


def run_worker(work: Work, *, at_once: int, waits: bool = True) -> None:
    """Take the jobs of a queue until a signal stops the worker. Without `waits`, until no job is left.

    Raise DatabaseAway if the database is lost. The jobs that run then end first, and another worker finds the answers.
    """
    logging.getLogger("procrastinate.worker").addFilter(_hide_reported)
    try:
        asyncio.run(_run(work, at_once=at_once, waits=waits))
    except ConnectorException as error:
        raise database_error(error) from error


def _hide_reported(record: logging.LogRecord) -> bool:
    """Return False for an error in our own words, which the job has shown."""
    return not (record.exc_info and isinstance(record.exc_info[1], ToolkitError))


async def _run(work: Work, *, at_once: int, waits: bool) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(at_once + _OWN_THREADS))
    queue = work.session.queue
    app = create_app(PsycopgConnector(conninfo=work.session.url, kwargs=OPTIONS, min_size=1, max_size=4), queue)
    async with app.open_async():
        worker = asyncio.create_task(_take_jobs(app, work, at_once=at_once, waits=waits))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, worker.cancel)
        with suppress(asyncio.CancelledError):
            await worker
            if waits:
                raise DatabaseAway("the connection to the workers' database was lost. Start the worker again")


async def _take_jobs(app: App, work: Work, *, at_once: int, waits: bool) -> None:
    # Without waiting, the engine may look for jobs before a job of its own has deferred others. So it looks twice.
    for _ in range(1 if waits else 2):
        await app.run_worker_async(
            queues=[work.session.queue],
            name=f"{work.session.queue} worker",
            concurrency=at_once,
            wait=waits,
            delete_jobs="successful",
            additional_context={"work": work},
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=DEAD_SECONDS,
            install_signal_handlers=False,  # to tell a signal from a lost database, which ends the worker too
        )
