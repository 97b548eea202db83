"""Create or update the workers' database: the engine's tables, and a role and a schema for each tenant's ledger."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from toolkit.errors import UsageError
from toolkit.private_files import make_private_folder, write_private_file
from toolkit.records import dataclass
from toolkit.workers.database import ENGINE, QUEUES, SHARED, VARIABLE, WorkerRoles, connect, schema_of_tenant

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed

_LONGEST_NAME = 63  # bytes of a PostgreSQL name
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('toolkit worker migrate', 0))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """The result of a migration: the engine's migrations, and the new roles with the files of their settings."""

    migrations: Sequence[str]
    roles: Sequence[str]
    files: Sequence[Path]


def migrate(url: str, tenants: Iterable[str], output: Path | None) -> Migration:
    """Create or update the workers' database, as its administrator. Nothing is changed if an error is raised.

    For each new role, a file in `output` has its URL with a random password. Raise UsageError if there are new roles
    and no `output`.
    """
    with connect(url) as connection:
        connection.execute(_ONE_AT_A_TIME)
        roles = WorkerRoles(connection.info.dbname)
        settings = {roles.role_of_queue(queue): (f"worker-{queue}", VARIABLE, "postgresql") for queue in QUEUES}
        settings |= {roles.role_of_tenant(name): (name, "TOOLKIT_LEDGER", "postgresql+psycopg") for name in tenants}
        _refuse_long_names(settings)
        passwords = {role: secrets.token_urlsafe(24) for role in _missing_roles(connection, settings)}
        if passwords and output is None:
            raise UsageError(f"{len(passwords)} roles are new: name a folder for their passwords with -o FOLDER")
        _create_schema(connection, ENGINE)
        migrations = _migrate_engine(connection)
        _execute_file(connection, (files("toolkit.workers") / "engine.sql").read_text(encoding="utf-8"))
        for role, password in passwords.items():
            _create_role(connection, role, password)
        for queue in QUEUES:
            _grant_engine(connection, roles.role_of_queue(queue))
        for name in tenants:
            _grant_ledger(connection, name, roles.role_of_tenant(name))
        _close_to_others(connection, roles, list(settings))
        written = [
            _write_settings(output, *settings[role], url=url, role=role, password=password)
            for role, password in passwords.items()
            if output
        ]
    return Migration(migrations=migrations, roles=list(passwords), files=written)


def _refuse_long_names(settings: Mapping[str, object]) -> None:
    for role in settings:
        if len(role.encode()) > _LONGEST_NAME:
            raise UsageError(f"the role {role} would have more than {_LONGEST_NAME} characters: shorten the name")


def _missing_roles(connection: "Connection", roles: Iterable[str]) -> Sequence[str]:
    rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(roles)])
    existing = {name for (name,) in rows}
    return [role for role in roles if role not in existing]


def _migrate_engine(connection: "Connection") -> Sequence[str]:
    """Create the engine's tables, or apply its migrations that are new. Return their names."""
    from procrastinate.schema import SchemaManager, migrations_path

    names = sorted(path.name for path in migrations_path.glob("*.sql"))
    if connection.execute("SELECT to_regclass('procrastinate_jobs') IS NULL").fetchall() == [(True,)]:
        _execute_file(connection, SchemaManager.get_schema())
        new: Sequence[str] = names
    else:
        done = {name for (name,) in connection.execute("SELECT name FROM engine_migration")}
        new = [name for name in names if name not in done]
        for name in new:
            _execute_file(connection, (migrations_path / name).read_text(encoding="utf-8"))
    connection.execute("CREATE TABLE IF NOT EXISTS engine_migration (name text PRIMARY KEY)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO engine_migration VALUES (%s)", [(name,) for name in new])
    return new


def _execute_file(connection: "Connection", text: str) -> None:
    connection.execute(text.encode())


def _create_schema(connection: "Connection", name: str) -> None:
    connection.execute(_sql("CREATE SCHEMA IF NOT EXISTS {}", name))


def _create_role(connection: "Connection", role: str, password: str) -> None:
    from psycopg.sql import SQL, Identifier, Literal

    connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(role), Literal(password)))


def _grant_engine(connection: "Connection", role: str) -> None:
    """Let the role of a queue's workers use the engine's tables, and read the counted requests."""
    from psycopg.sql import SQL, Identifier

    for text in (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON engine_migration FROM {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE ON SCHEMA {shared} TO {role}",
        "GRANT SELECT ON {shared}.rate_limit TO {role}",
    ):
        connection.execute(
            SQL(text).format(schema=Identifier(ENGINE), shared=Identifier(SHARED), role=Identifier(role))
        )


def _grant_ledger(connection: "Connection", tenant: str, role: str) -> None:
    """Create the schema of a tenant's ledger, and let its role use the function by which runs share limits."""
    schema = schema_of_tenant(tenant)
    connection.execute(_sql("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}", schema, role))
    connection.execute(_sql("ALTER ROLE {} SET search_path = {}", role, schema))
    connection.execute(_sql("GRANT USAGE ON SCHEMA {} TO {}", SHARED, role))
    connection.execute(_sql("GRANT EXECUTE ON FUNCTION {}.take_turns TO {}", SHARED, role))


def _close_to_others(connection: "Connection", roles: WorkerRoles, names: Sequence[str]) -> None:
    """Let only these roles connect to the database, because other databases of the server have roles too."""
    connection.execute(_sql("REVOKE ALL ON DATABASE {} FROM PUBLIC", roles.database))
    for role in names:
        connection.execute(_sql("GRANT CONNECT ON DATABASE {} TO {}", roles.database, role))


def _sql(text: str, *names: str) -> "Composed":
    from psycopg.sql import SQL, Identifier

    return SQL(text).format(*map(Identifier, names))


def _write_settings(folder: Path, name: str, variable: str, scheme: str, *, url: str, role: str, password: str) -> Path:
    """Write the URL of a role into a file that only its owner can read."""
    make_private_folder(folder)
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    own = urlunsplit((scheme, f"{quote(role, safe='')}:{quote(password, safe='')}@{place}", *parts[2:]))
    path = folder / f"{name}.env"
    write_private_file(path, f"{variable}={own}\n")
    return path
