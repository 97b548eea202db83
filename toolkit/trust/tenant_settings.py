"""Read the settings of a trust's tenant, from its own file or from a command that prints them."""

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.settings.env_file import (
    FOREIGN,
    PREFIX,
    READABLE,
    EnvFile,
    parse_settings,
    read_env_file,
    refuse_unallowed,
)
from toolkit.settings.school_folder import STATE, short_path
from toolkit.settings.settings import Settings, checked_settings, place_paths
from toolkit.trust.load import load_trust
from toolkit.trust.model import Trust, TrustTenant
from toolkit.trust.slices import choose_tenant

_COMMAND_SECONDS = 60
_TENANTS, _JOBS = "tenants", "jobs"


def state_of_trust(trust: Trust) -> Path:
    """Return the state folder of a trust, next to its trust.yaml."""
    return short_path(trust.root.resolve() / STATE)


def state_of_tenant(state: Path, tenant: str) -> Path:
    """Return the state folder of a tenant, which holds its ledger unless its settings name another."""
    return state / _TENANTS / tenant


def state_of_jobs(state: Path, tenant: str) -> Path:
    """Return the folder of the rounds that workers ran in a tenant."""
    return state / _JOBS / tenant


def settings_of_tenant(
    settings: Settings, path: Path, tenant: str | None, schools: Sequence[str], environment: Mapping[str, str]
) -> Settings:
    """Return the settings of a run in one tenant of a trust: its own, unless the environment sets them.

    The tenant has a ledger of its own, whether the run was started for one tenant or by `toolkit trust`. Raise
    UsageError for an unknown tenant or wrong settings.
    """
    if "TOOLKIT_STATE" in settings.from_environment:
        return settings
    trust = load_trust(path)
    return settings_of_chosen_tenant(settings, trust, choose_tenant(trust, tenant, schools), environment, is_only=True)


def settings_of_chosen_tenant(
    settings: Settings, trust: Trust, tenant: str, environment: Mapping[str, str], *, is_only: bool
) -> Settings:
    """Return the settings of a tenant of a trust.

    If a run has only one tenant, the environment may set its state folder. The folder that it sets for several tenants
    is the trust's.
    """
    chosen = settings.state if "TOOLKIT_STATE" in settings.from_environment else None
    if chosen and is_only:
        return settings
    own = {**_read_settings(trust, trust.tenants[tenant]), **environment}
    state = chosen or state_of_trust(trust)
    return replace(checked_settings(settings.folder, own), state=state_of_tenant(state, tenant), trust_state=state)


def tenant_environment(
    trust: Trust, tenant: TrustTenant, environment: Mapping[str, str], state: Path
) -> Mapping[str, str]:
    """Return the environment of a tenant's runs: `environment`, with only the tenant's own TOOLKIT_ settings.

    Raise UsageError if the settings cannot be read, if other users can read their file, or if the file must be allowed
    before it is used on live tenants.
    """
    others = {name: value for name, value in environment.items() if not name.startswith(PREFIX)}
    own = dict(_read_settings(trust, tenant))
    return {**others, "TOOLKIT_STATE": str(state.resolve()), **own}


def _read_settings(trust: Trust, tenant: TrustTenant) -> Mapping[str, str]:
    if tenant.env_command:
        printed = _run_command(trust, tenant)
        return place_paths(dict(parse_settings(Path(tenant.env_command[0]), printed)), trust.root.resolve())
    if tenant.env is None:
        return {}
    env_file = read_env_file(tenant.env)
    if env_file is None:
        raise UsageError(f"{tenant.origin}: there is no file {tenant.env}. Write the settings of {tenant.name} into it")
    _refuse_shared(env_file)
    values = place_paths(env_file.values, tenant.env.parent.resolve())
    if values.get("TOOLKIT_TARGET", "").strip() == "live":
        refuse_unallowed(env_file)
    return values


def _refuse_shared(env_file: EnvFile) -> None:
    """Raise UsageError if another user owns the file or can read it. No permission allows such a file."""
    path = shlex.quote(str(env_file.path))
    remedies = {READABLE: f"chmod 600 {path}", FOREIGN: f"chown $(id -u) {path}"}
    for risk, remedy in remedies.items():
        if risk in env_file.risks:
            raise UsageError(f"{env_file.path} is not used, because {risk}. Type `{remedy}`")


def _run_command(trust: Trust, tenant: TrustTenant) -> str:
    command = " ".join(tenant.env_command)
    try:
        ended = subprocess.run(
            tenant.env_command, cwd=trust.root, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=_COMMAND_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"{tenant.origin}: `{command}` printed no settings: {_reason(error)}") from error
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or ["it printed no reason"]
        raise UsageError(f"{tenant.origin}: `{command}` ended with exit code {ended.returncode}: {last[0]}")
    return ended.stdout


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it did not end within {_COMMAND_SECONDS} seconds"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
