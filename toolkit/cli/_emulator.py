"""Runs and resets the emulator of this state directory."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from toolkit.cli._run import open_ledger
from toolkit.cli._settings import Settings, read_settings
from toolkit.engine.doctor.extras import need
from toolkit.engine.emulator import reset, running
from toolkit.errors import UsageError
from toolkit.sdk.providers import emulator_command
from toolkit.values import Body


def become_emulator(options: Sequence[str]) -> NoReturn:
    """Turn this process into the emulator, so that signals, its answer and its exit code are the emulator's own."""
    need("emulator")
    state = read_settings().state / "emulator"
    command = [*emulator_command(), "serve", "--state", str(state), *options]
    os.execv(command[0], command)  # noqa: S606 - a program of our own, without a shell


def emulated_settings() -> Settings:
    """Give the settings of a run on the emulator; UsageError where the target is live."""
    settings = read_settings()
    if settings.target == "live":
        raise UsageError("TOOLKIT_TARGET is live: only emulated tenants can be reset; unset it, or set it to emulator")
    return settings


def begin_anew(settings: Settings) -> Iterator[str]:
    """Give the emulator a fresh school and empty the ledger about the old one; say what is there now."""
    with running(settings.directory) as ready:
        for tenant in _tenants(reset(ready)):
            for name, cloud in tenant.items():
                if isinstance(cloud, Mapping):
                    identifier = cloud.get("tenant_id") or cloud.get("customer_id")
                    yield f"{name} tenant {identifier} ({cloud['domain']}): a fresh school"
    yield _emptied(settings)


def _tenants(ready: Body) -> Sequence[Body]:
    tenants = ready["tenants"]
    return [tenant for tenant in tenants if isinstance(tenant, Mapping)] if isinstance(tenants, list) else []


def _emptied(settings: Settings) -> str:
    with open_ledger(settings) as ledger:
        file = ledger.file
        if file is None:
            where = ledger.engine.url.render_as_string(hide_password=True)
            return f"the ledger in {where} stays as it is: empty or drop that database yourself"
        head = ledger.head_file.path
    for path in (*(Path(f"{file}{ending}") for ending in ("", "-journal")), head):
        path.unlink(missing_ok=True)
    return "the ledger is empty"
