"""The command `toolkit worker`."""

import os
from datetime import datetime
from pathlib import Path

import click

from toolkit.errors import UsageError

_trust = click.option(
    "--trust", type=click.Path(exists=True, path_type=Path), metavar="FOLDER", help="The folder with trust.yaml."
)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(invoke_without_command=True)
@click.option("--queue", type=click.Choice(["read", "write"]), help="The jobs that the worker takes.")
@_trust
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    metavar="N",
    help="How many tenants run at the same time.",
)
@click.option(
    "--nightly",
    type=click.DateTime(["%H:%M"]),
    default="01:00",
    show_default=True,
    metavar="TIME",
    help="When the drift of each night is deferred, in the trust's time zone.",
)
@click.option("--until-empty", is_flag=True, help="End when no job waits.")
@click.pass_context
def command(
    context: click.Context, *, queue: str | None, trust: Path | None, jobs: int, nightly: datetime, until_empty: bool
) -> None:
    r"""Run the jobs of hundreds of tenants from a queue.

    A worker takes jobs until it is stopped. Each job is one command in one tenant, in a process of its own, as
    `toolkit trust` runs it. Workers of `read` run `drift` and `check`, and defer the drift of each night. Workers of
    `write` run `apply`, as another user with other credentials. TOOLKIT_WORKERS is the URL of the workers' PostgreSQL
    database. The page docs/workers.md shows the set-up.

    \b
    Example: toolkit worker --queue read --trust trust --jobs 8
             toolkit worker migrate --trust trust -o new-roles
    """
    if context.invoked_subcommand:
        return
    if queue is None:
        raise UsageError("name the jobs that the worker takes: `toolkit worker --queue read`, or `--queue write`")
    from toolkit.cli.shared.find_trust import find_trust
    from toolkit.cli.shared.terminal import remark
    from toolkit.cli.shared.trust_session import state_of
    from toolkit.workers.database import read_database_url
    from toolkit.workers.tenant_job import TrustFile, WorkerSession

    url = read_database_url(os.environ)
    root = trust or find_trust()
    file = TrustFile(root if root.is_dir() else root.parent)
    session = WorkerSession(
        trust=file, state=state_of(file.load()), environment=dict(os.environ), queue=queue, url=url, remark=remark
    )
    from toolkit.workers.work import Work
    from toolkit.workers.worker import run_worker

    run_worker(Work(session=session, nightly=nightly.time()), at_once=jobs, waits=not until_empty)


@command.command()
@_trust
@click.option("-o", "--output", type=_FOLDER, help="Write the URL of each new role into this folder.")
def migrate(trust: Path | None, *, output: Path | None) -> None:
    r"""Create or update the workers' database.

    TOOLKIT_WORKERS names its administrator. The command adds the engine's tables, a role for each queue, and a role
    and a schema for the ledger of each tenant. Each new role has a random password, which is written into a file that
    only you can read.

    \b
    Example: toolkit worker migrate --trust trust -o new-roles
    """
    from toolkit.cli.shared.find_trust import find_trust
    from toolkit.cli.shared.terminal import show
    from toolkit.render.line import Line
    from toolkit.render.values_text import count_text
    from toolkit.trust.load import load_trust
    from toolkit.workers.database import read_database_url
    from toolkit.workers.migrate import migrate as migrate_database

    url = read_database_url(os.environ)
    result = migrate_database(url, list(load_trust(trust or find_trust()).tenants), output)
    lines = [
        Line(f"{count_text(len(result.migrations), 'migration')} of the engine applied."),
        Line(f"{count_text(len(result.roles), 'role')} created.", essential=True),
        *[Line(f"  {file}") for file in result.files],
    ]
    show(lines)


@command.command()
def metrics() -> None:
    r"""Print the workers' numbers for Prometheus.

    The numbers are the age of each queue, the last good run of each tenant, changes in doubt, requests and throttling.

    \b
    Example: toolkit worker metrics > /var/lib/prometheus/node-exporter/toolkit.prom
    """
    from toolkit.cli.shared.terminal import show_document
    from toolkit.workers.database import read_database_url
    from toolkit.workers.metrics import read_metrics

    show_document(read_metrics(read_database_url(os.environ)))
