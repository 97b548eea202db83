"""`toolkit worker migrate`: the engine's tables, and roles that reach only what is theirs."""

from pathlib import Path
from stat import S_IMODE

import psycopg
import pytest
from procrastinate.schema import migrations_path

from connectors.google_workspace.api import services
from tests.workers.workers_door import ask_database
from toolkit.errors import UsageError
from toolkit.workers.migrate import migrate

TENANTS = ["oak", "elm-2"]


def _url(folder: Path, name: str) -> str:
    return (folder / f"{name}.env").read_text().strip().partition("=")[2]


def test_a_second_migration_has_nothing_to_do_and_needs_no_folder(admin: str, tmp_path: Path) -> None:
    first = migrate(admin, TENANTS, tmp_path)
    second = migrate(admin, TENANTS, None)

    assert len(first.roles) == len(first.files) == 4
    assert {S_IMODE(file.stat().st_mode) for file in first.files} == {0o600}
    assert (second.migrations, second.roles, second.files) == ([], [], [])


def test_a_new_role_needs_a_folder_for_its_password_and_nothing_is_changed_without_one(admin: str) -> None:
    with pytest.raises(UsageError, match="name a folder"):
        migrate(admin, TENANTS, None)

    assert ask_database(admin, "SELECT to_regclass('procrastinate_jobs')") == [(None,)]


def test_a_new_tenant_gets_a_role_of_its_own(admin: str, tmp_path: Path) -> None:
    migrate(admin, ["oak"], tmp_path)

    added = migrate(admin, ["oak", "ash"], tmp_path)

    assert [file.name for file in added.files] == ["ash.env"]


def test_an_older_engine_gets_only_the_migrations_that_it_lacks(admin: str, tmp_path: Path) -> None:
    files = sorted(migrations_path.glob("*.sql"))
    ask_database(admin, "CREATE SCHEMA toolkit_workers")
    ask_database(admin, "CREATE TABLE engine_migration (name text PRIMARY KEY)")
    for file in files[:-2]:
        ask_database(admin, file.read_text())
        ask_database(admin, "INSERT INTO engine_migration VALUES (%s)", file.name)

    result = migrate(admin, TENANTS, tmp_path)

    assert result.migrations == [file.name for file in files[-2:]]


def test_a_tenants_role_reaches_only_the_schema_of_its_ledger(admin: str, tmp_path: Path) -> None:
    migrate(admin, TENANTS, tmp_path)
    oak, elm = _url(tmp_path, "oak"), _url(tmp_path, "elm-2")
    ask_database(oak, "CREATE TABLE tenant_oak.entry (n integer)")

    for query in (
        "SELECT * FROM tenant_oak.entry",
        "SELECT * FROM toolkit_workers.procrastinate_jobs",
        "SELECT * FROM toolkit_shared.rate_limit",
        "CREATE TABLE public.entry (n integer)",
        "SET ROLE " + ask_database(admin, "SELECT current_database() || '_tenant_oak'")[0][0],
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask_database(elm, query)
    assert ask_database(elm, "SELECT toolkit_shared.take_turns('Microsoft Graph', 1, 1, 0)") == [(None,)]


def test_no_role_of_another_trust_on_the_same_server_can_connect(admin: str, tmp_path: Path) -> None:
    migrate(admin, TENANTS, tmp_path)
    ask_database(admin, "DO $$ BEGIN CREATE ROLE stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        ask_database(admin.replace("toolkit@", "stranger@"), "SELECT 1")


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('write', 'run')",
        "UPDATE procrastinate_jobs SET status = 'doing'",
        "UPDATE procrastinate_jobs SET queue_name = 'read'",
        "DELETE FROM procrastinate_jobs",
    ],
)
def test_a_read_worker_cannot_change_a_job_that_writes(admin: str, tmp_path: Path, query: str) -> None:
    migrate(admin, TENANTS, tmp_path)
    ask_database(admin, "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('write', 'run')")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only jobs of the queue read"):
        ask_database(_url(tmp_path, "worker-read"), query)


def test_each_service_that_toolkit_calls_has_one_row_for_its_limit(admin: str, tmp_path: Path) -> None:
    migrate(admin, TENANTS, tmp_path)

    rows = {name for (name,) in ask_database(admin, "SELECT service FROM toolkit_shared.rate_limit")}
    google = {service.title for service in vars(services).values() if isinstance(service, services.Service)}
    source = Path("connectors/microsoft365/connection.py").read_text()
    microsoft = {part.partition('"')[0] for part in source.split('_make_caller("')[1:]}
    assert rows == google | microsoft
