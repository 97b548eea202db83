"""Measure the workers, and render the numbers in Prometheus's text format.

Follows https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.records import dataclass
from toolkit.workers.database import RUN, connect

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric with its type, and the query of its samples: the labels in order, then the value."""

    name: str
    type: str
    help: str
    labels: Sequence[str]
    query: str


_WAITING = f"procrastinate_jobs WHERE status = 'todo' AND task_name = '{RUN}'"
METRICS = (
    Metric(
        "toolkit_queue_age_seconds", "gauge", "How long the oldest waiting job could have begun.", ("queue",),
        "SELECT queue, coalesce((SELECT extract(epoch FROM now() - min(coalesce(scheduled_at, (SELECT min(at) FROM "
        f"procrastinate_events WHERE job_id = procrastinate_jobs.id)))) FROM {_WAITING} AND queue_name = queue AND "
        "(scheduled_at IS NULL OR scheduled_at <= now())), 0) FROM unnest(ARRAY['read', 'write']) queue",
    ),
    Metric(
        "toolkit_jobs_waiting", "gauge", "Jobs that wait, also for another attempt.", ("queue",),
        f"SELECT queue, (SELECT count(*) FROM {_WAITING} AND queue_name = queue) "
        "FROM unnest(ARRAY['read', 'write']) queue",
    ),
    Metric(
        "toolkit_jobs_failed", "gauge", "Jobs that were given up in the last 30 days.", ("queue",),
        "SELECT queue, (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed' AND queue_name = queue "
        f"AND task_name = '{RUN}') FROM unnest(ARRAY['read', 'write']) queue",
    ),
    Metric(
        "toolkit_workers_alive", "gauge", "Workers that reported in the last 30 seconds.", (),
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'",
    ),
    Metric(
        "toolkit_last_good_run_timestamp_seconds", "gauge",
        "When the last run ended that gave a result about the tenant; 0 if there was none.", ("tenant", "command"),
        "SELECT tenant, command, coalesce(extract(epoch FROM last_good), 0) FROM tenant_run ORDER BY 1, 2",
    ),
    Metric(
        "toolkit_last_exit_code", "gauge", "The exit code of the tenant's last run.", ("tenant", "command"),
        "SELECT tenant, command, exit FROM tenant_run WHERE exit IS NOT NULL ORDER BY 1, 2",
    ),
    Metric(
        "toolkit_changes_in_doubt", "gauge", "Changes whose outcome the tenant's last run did not know.",
        ("tenant", "command"),
        "SELECT tenant, command, in_doubt FROM tenant_run WHERE ended IS NOT NULL ORDER BY 1, 2",
    ),
    Metric(
        "toolkit_requests_total", "counter", "Requests to a service by all runs.", ("service",),
        "SELECT service, requests FROM toolkit_shared.rate_limit ORDER BY 1",
    ),
    Metric(
        "toolkit_throttled_total", "counter", "Requests that a service refused because there were too many.",
        ("service",), "SELECT service, throttled FROM toolkit_shared.rate_limit ORDER BY 1",
    ),
)  # fmt: skip


def read_metrics(url: str) -> str:
    """Return all metrics as text."""
    with connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return "\n".join([line for metric in METRICS for line in _metric_lines(connection, metric)]) + "\n"


def _metric_lines(connection: "Connection", metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.help}"
    yield f"# TYPE {metric.name} {metric.type}"
    for *labels, value in connection.execute(metric.query.encode()):
        named = ",".join(f'{name}="{label}"' for name, label in zip(metric.labels, labels, strict=True))
        yield f"{metric.name}{{{named}}} {float(value):.15g}" if named else f"{metric.name} {float(value):.15g}"
