"""What the environment and .env say: the only place that reads them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

from toolkit.cli import KnownFolder
from toolkit.cli._allowance import refuse_unallowed
from toolkit.cli._env_file import PREFIX, EnvFile, read_env_file
from toolkit.cli._school_folder import SchoolFolder, find_school_folder, shortest
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.engine.context import SettingSources
    from toolkit.ledger.redact import Redactor

_PATHS = ("_STATE", "_FILE", "_CERTIFICATE", "TOOLKIT_GOOGLE_SIGN_IN_CLIENT")
"""How the names of variables end whose value is a path."""
_NAMES_PLAYBOOKS = ("plan_playbooks", "playbooks")
"""Parameters of commands that lead to the school's playbooks."""
_SECRET = ("SECRET", "PASSWORD", "TOKEN", "KEY", "NOTIFY")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a run goes and where it keeps its state; `variables` holds everything with our prefix."""

    target: Literal["emulator", "live"]
    state: Path
    ledger: str | None = field(repr=False)  # a database URL may hold a password
    ca_file: Path | None
    variables: Mapping[str, str] = field(repr=False)
    folder: SchoolFolder
    env_file: EnvFile | None = None

    @property
    def directory(self) -> Path:
        """Emulated and live evidence never share a directory."""
        return self.state / self.target

    @property
    def secrets(self) -> list[str]:
        """List the values that must never be shown."""
        return _secrets(self.variables)

    @property
    def sources(self) -> "SettingSources":
        """Return where the settings come from, for the heading of a run."""
        from toolkit.engine.context import SettingSources

        return SettingSources(
            state=self.directory,
            env_file=shortest(self.env_file.path) if self.env_file else None,
            from_env_file=sorted(name for name in self.variables if name not in os.environ),
            from_environment=sorted(name for name in self.variables if name in os.environ),
        )


def read_settings() -> Settings:
    """Return the settings of a run; UsageError for what makes no sense, or must be allowed before it is used live."""
    settings = find_settings()
    if settings.target == "live":
        refuse_unallowed(settings.env_file)
    return settings


def find_settings(known: KnownFolder | None = None) -> Settings:
    """Read our variables, those of the environment before those of .env, to show them and for nothing else."""
    folder = known.folder if known and known.folder else school_folder()
    env_file = read_env_file(folder.env_file)
    variables = _variables(folder, env_file)
    target = variables.get("TOOLKIT_TARGET", "").strip()
    if target not in {"", "emulator", "live"}:
        raise UsageError(f"TOOLKIT_TARGET is {target!r}; write emulator or live")
    ca_file = variables.get("TOOLKIT_CA_FILE")
    if ca_file and not Path(ca_file).is_file():
        raise UsageError(f"TOOLKIT_CA_FILE: there is no file {ca_file}")
    if not target:
        _refuse_forgotten_target(variables)
    state = variables.get("TOOLKIT_STATE")
    return Settings(
        target="live" if target == "live" else "emulator",
        state=Path(state) if state else folder.state(),
        ledger=variables.get("TOOLKIT_LEDGER") or None,
        ca_file=Path(ca_file) if ca_file else None,
        variables=variables,
        folder=folder,
        env_file=env_file,
    )


def school_folder() -> SchoolFolder:
    """Return the school's folder of the command that is running, by the playbooks that it names."""
    context = click.get_current_context(silent=True)
    if context is None:
        return find_school_folder()
    known = context.find_object(KnownFolder)
    if known and known.folder:
        return known.folder
    named = (context.params[name] for name in _NAMES_PLAYBOOKS if _is_given(context, name))
    folder = find_school_folder(next(named, None))
    if known:
        known.folder = folder
    return folder


def set_here() -> Mapping[str, str]:
    """Give our variables of the environment alone, which a job of cron or systemd does not have."""
    return {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and value}


def own_redactor(known: KnownFolder | None = None) -> "Redactor":
    """Give what takes out of a text whatever our variables hold that must never be shown."""
    from toolkit.ledger.redact import Redactor

    try:
        folder = known.folder if known and known.folder else school_folder()
        return Redactor(_secrets(_variables(folder, read_env_file(folder.env_file))))
    except UsageError:  # the .env that an error complains of; its values were not read
        return Redactor(_secrets(set_here()))


def is_secret(name: str) -> bool:
    """Say whether the value of a variable must never be shown."""
    return any(word in name for word in _SECRET)


def _is_given(context: click.Context, name: str) -> bool:
    given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return given and context.params[name] is not None


def _secrets(variables: Mapping[str, str]) -> list[str]:
    return [value for name, value in variables.items() if is_secret(name)]


def _variables(folder: SchoolFolder, env_file: EnvFile | None) -> Mapping[str, str]:
    """Join `.env` and environment; a relative path is relative to the `.env` that it is written in."""
    written = env_file.values if env_file else {}
    placed = {
        name: str(shortest(folder.path / value)) if name.endswith(_PATHS) else value for name, value in written.items()
    }
    both = {**placed, **os.environ}
    return {name: value for name, value in both.items() if name.startswith(PREFIX) and value}


def _refuse_forgotten_target(variables: Mapping[str, str]) -> None:
    """Let nobody write to a real tenant, or believe that they did, by accident."""
    from toolkit.sdk.providers import providers

    named = [name for provider in providers().values() for name in provider.mentions(variables)]
    if named:
        raise UsageError(
            f"{', '.join(sorted(named))} {'is' if len(named) == 1 else 'are'} set, but TOOLKIT_TARGET is not: "
            "set it to live for the real tenants, or to emulator for the emulated ones"
        )
