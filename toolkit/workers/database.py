"""Connect to the database of the workers, which holds the engine's tables in a schema of their own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolkit.errors import ToolkitError, UsageError
from toolkit.records import dataclass

if TYPE_CHECKING:
    from psycopg import Connection

VARIABLE = "TOOLKIT_WORKERS"
ENGINE, SHARED = "toolkit_workers", "toolkit_shared"
"""The schemas of the engine's tables, and of the limits that all tenants share."""
QUEUES = ("read", "write")
RUN = "run"
"""The engine's name for a job that runs a command in a tenant."""
OPTIONS = {"options": f"-csearch_path={ENGINE}", "connect_timeout": 10}
"""The arguments of every connection to the engine's tables."""


class DatabaseAway(ToolkitError):
    """The database of the workers does not respond, or refuses the connection."""


@dataclass(frozen=True, slots=True)
class WorkerRoles:
    """The names of the database's roles. They begin with its name, because a server's databases share roles."""

    database: str

    def role_of_queue(self, queue: str) -> str:
        """Return the role of the workers of a queue."""
        return f"{self.database}_{queue}"

    def role_of_tenant(self, tenant: str) -> str:
        """Return the role that owns a tenant's ledger."""
        return f"{self.database}_tenant_{tenant}"


def schema_of_tenant(tenant: str) -> str:
    """Return the schema of a tenant's ledger."""
    return f"tenant_{tenant}"


def read_database_url(environment: Mapping[str, str]) -> str:
    """Return the URL of the workers' database. Raise UsageError if it is not set, or if a package is missing."""
    url = environment.get(VARIABLE, "").strip().replace("postgresql+psycopg://", "postgresql://", 1)
    if not url:
        raise UsageError(
            f"{VARIABLE} is not set. Set it to the URL of the workers' PostgreSQL database, such as "
            "postgresql://toolkit_read:PASSWORD@db.example/toolkit. docs/workers.md shows the set-up"
        )
    if not url.startswith(("postgresql://", "postgres://")):
        raise UsageError(f"{VARIABLE} must begin with postgresql://")
    try:
        import procrastinate  # noqa: F401
        import psycopg  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"workers need the Python package {error.name}, which is not installed: "
            "run `pip install 'school-policy-toolkit[workers]'`"
        ) from error
    return url


@contextmanager
def connect(url: str) -> Iterator["Connection"]:
    """Open a transaction in the engine's schema. Raise DatabaseAway if the database does not respond."""
    import psycopg
    from procrastinate.exceptions import ConnectorException

    try:
        with psycopg.connect(url, **OPTIONS) as connection:  # type: ignore[arg-type]
            yield connection
    except (psycopg.Error, ConnectorException) as error:
        raise database_error(error) from error


def database_error(error: BaseException) -> ToolkitError:
    """Return an error of the workers' database in our words. The engine's errors have the driver's as their cause."""
    import psycopg

    match error.__cause__ or error:
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedFunction():
            return UsageError("the workers' database has no tables yet: run `toolkit worker migrate` on it")
        case psycopg.errors.InsufficientPrivilege() as refused:
            return UsageError(f"the role that {VARIABLE} names may not do this: {refused.diag.message_primary}")
        case cause:
            return DatabaseAway(_away_text(cause))


def _away_text(error: BaseException) -> str:
    """Return the error of a database that does not respond, without the password."""
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return f"the workers' database is not reachable: {reason}. Check that it runs, and the URL in {VARIABLE}"
