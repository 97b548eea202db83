"""Defer a job for each tenant. A job holds only the names of the command and the tenant."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from toolkit.errors import Exit
from toolkit.records import dataclass
from toolkit.trust.runs import TrustReport
from toolkit.trust.session import TrustSession, not_run
from toolkit.workers.database import RUN, connect
from toolkit.workers.tenant_job import COMMANDS

if TYPE_CHECKING:
    from psycopg import Connection

_CLAIM = """
    INSERT INTO tenant_run (tenant, command, night)
    SELECT name, %(command)s, %(night)s FROM unnest(%(tenants)s::text[]) name
    ON CONFLICT (tenant, command) DO UPDATE SET night = excluded.night
    WHERE tenant_run.night IS NULL OR tenant_run.night < excluded.night
    RETURNING tenant
"""


@dataclass(frozen=True, slots=True)
class Deferred:
    """The tenants for which a job of a command was deferred, and the tenants whose job was already waiting."""

    command: str
    tenants: Sequence[str]
    waiting: Sequence[str]


def defer_runs(url: str, command: str, tenants: Sequence[str], today: date) -> Deferred:
    """Defer a run of a command in each tenant, unless a job for it waits already. It counts as today's night."""
    with connect(url) as connection:
        _claim(connection, command, tenants, today)
        return _defer(connection, command, tenants)


def defer_due_runs(url: str, command: str, tenants: Sequence[str], night: date) -> Deferred:
    """Defer a run of a command in each tenant for which none was deferred this night.

    The claim of the night and the jobs are stored together, so that two ticks never defer the same run.
    """
    with connect(url) as connection:
        claimed = _claim(connection, command, tenants, night)
        return _defer(connection, command, [name for name in tenants if name in claimed])


def night_of(now: datetime, begins: time) -> date:
    """Return the night that is due: today's from the time at which nights begin, else yesterday's."""
    return now.date() if now.time() >= begins else now.date() - timedelta(days=1)


def deferral_report(session: TrustSession, deferred: Deferred, now: datetime) -> TrustReport:
    """Return the report of a trust's command that was left to the workers."""
    texts = {**dict.fromkeys(deferred.tenants, "deferred"), **dict.fromkeys(deferred.waiting, "a job waits already")}
    results = [
        not_run(name, session.schools_of(name), deferred.command, texts[name], Exit.AS_WANTED)
        for name in session.tenants
    ]
    return TrustReport(trust=session.trust, command=deferred.command, now=now, results=results)


def _claim(connection: "Connection", command: str, tenants: Sequence[str], night: date) -> Collection[str]:
    """Store the night of a command in each tenant. Return the tenants for which it was not stored yet."""
    claim = {"command": command, "night": night, "tenants": list(tenants)}
    return {name for (name,) in connection.execute(_CLAIM, claim)}


def _defer(connection: "Connection", command: str, tenants: Iterable[str]) -> Deferred:
    from procrastinate import App, SyncPsycopgConnector
    from procrastinate.exceptions import AlreadyEnqueued

    app, queue = App(connector=SyncPsycopgConnector()), COMMANDS[command]
    deferred: list[str] = []
    waiting: list[str] = []
    for name in tenants:
        job = app.configure_task(RUN, queue=queue, lock=name, queueing_lock=f"{command} {name}", connection=connection)
        try:
            with connection.transaction():
                job.defer(command=command, tenant=name)
        except AlreadyEnqueued:
            waiting.append(name)
        else:
            deferred.append(name)
    return Deferred(command, deferred, waiting)
