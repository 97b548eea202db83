"""Read the settings of a run from environment variables and, for variables that are not set, the school's `.env`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from toolkit.errors import UsageError
from toolkit.records import dataclass
from toolkit.settings.env_file import PREFIX, EnvFile, read_env_file, refuse_unallowed
from toolkit.settings.school_folder import SchoolFolder, find_school_folder, short_path

if TYPE_CHECKING:
    from toolkit.ledger.redact import Redactor

_PATHS = ("_STATE", "_FILE", "_CERTIFICATE", "TOOLKIT_GOOGLE_SIGN_IN_CLIENT")
"""How the names of variables end whose value is a path."""
_LONGEST_PATH = 1_000  # characters, half of a service account's key
_SECRET = ("SECRET", "PASSWORD", "TOKEN", "KEY", "NOTIFY")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSources:
    """The folder of a run's state, and the source of each setting, without the values of variables."""

    state: Path
    env_file: Path | None
    from_env_file: Sequence[str] = ()
    from_environment: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The target of a run and the folder of its state. `variables` has all variables with toolkit's prefix."""

    target: Literal["emulator", "live"]
    state: Path
    ledger: str | None = field(repr=False)  # a database URL may hold a password
    ca_file: Path | None
    variables: Mapping[str, str] = field(repr=False)
    folder: SchoolFolder
    env_file: EnvFile | None = None
    from_environment: frozenset[str] = frozenset()  # the names of the variables that the environment sets
    trust_state: Path | None = None  # the state of a trust, whose tenants share an emulator

    @property
    def emulator_directory(self) -> Path:
        """Return the directory of the emulator and its tenants."""
        return (self.trust_state or self.state) / "emulator"

    @property
    def directory(self) -> Path:
        """Return the directory of the ledger.

        It differs for emulated and live targets, so that their evidence is never mixed.
        """
        return self.state / self.target

    @property
    def redactor(self) -> "Redactor":
        """Return the redactor that removes toolkit's secrets from output."""
        return _create_redactor(self.variables)

    @property
    def sources(self) -> SettingSources:
        """Return the sources of the settings, which are shown above a run's output."""
        return SettingSources(
            state=self.directory,
            env_file=short_path(self.env_file.path) if self.env_file else None,
            from_env_file=sorted(name for name in self.variables if name not in self.from_environment),
            from_environment=sorted(name for name in self.variables if name in self.from_environment),
        )


def read_settings(playbooks: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the school to which playbooks belong, or of the working directory's school.

    `environment` replaces the environment of the process. Raise UsageError for an invalid setting, or a `.env` that
    must be allowed before it is used on live tenants.
    """
    return checked_settings(find_school_folder(playbooks, environment), environment)


def checked_settings(folder: SchoolFolder, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a school's folder. Raise UsageError in the same cases as `read_settings`."""
    settings = find_settings(folder, environment)
    refuse_forgotten_target(settings)
    if settings.target == "live":
        refuse_unallowed(settings.env_file)
    return settings


def find_settings(folder: SchoolFolder, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a school's folder to show them. They are not checked, so a live run must not use them."""
    environment = os.environ if environment is None else environment
    env_file = read_env_file(folder.env_file)
    variables = _merge_variables(folder, env_file, environment)
    target = variables.get("TOOLKIT_TARGET", "").strip()
    if target not in {"", "emulator", "live"}:
        raise UsageError(f"TOOLKIT_TARGET is {target!r}; write emulator or live")
    ca_file = variables.get("TOOLKIT_CA_FILE")
    if ca_file and not Path(ca_file).is_file():
        raise UsageError(f"TOOLKIT_CA_FILE: there is no file {ca_file}")
    state = variables.get("TOOLKIT_STATE")
    return Settings(
        target="live" if target == "live" else "emulator",
        state=Path(state) if state else folder.state(),
        ledger=variables.get("TOOLKIT_LEDGER") or None,
        ca_file=Path(ca_file) if ca_file else None,
        variables=variables,
        folder=folder,
        env_file=env_file,
        from_environment=frozenset(own_variables(environment)),
    )


def own_variables(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Return the variables of an environment that have toolkit's prefix.

    Scheduled jobs may have another environment.
    """
    return {name: value for name, value in environment.items() if name.startswith(PREFIX) and value}


def redactor_of(folder: SchoolFolder | None) -> "Redactor":
    """Return the redactor that removes toolkit's secrets from output, even if the settings cannot be used.

    Without a folder it knows only the secrets in the environment.
    """
    try:
        if folder is None:
            return _create_redactor(own_variables())
        return _create_redactor(_merge_variables(folder, read_env_file(folder.env_file), os.environ))
    except UsageError:  # the error is about the .env, whose values were not read
        return _create_redactor(own_variables())


def is_secret(name: str, value: str) -> bool:
    """Return whether a variable's value is a secret, which must never be shown.

    The path of a key is not a secret. A key that was pasted in place of a path is recognised by braces, dashes or its
    length.
    """
    if name.endswith(_PATHS):
        return len(value) > _LONGEST_PATH or any(mark in value for mark in ("{", "-----", "\n"))
    return any(word in name for word in _SECRET)


def _create_redactor(variables: Mapping[str, str]) -> "Redactor":
    from toolkit.ledger.redact import Redactor

    return Redactor(value for name, value in variables.items() if is_secret(name, value))


def _merge_variables(
    folder: SchoolFolder, env_file: EnvFile | None, environment: Mapping[str, str]
) -> Mapping[str, str]:
    """Return toolkit's variables from `.env` and the environment. A path in `.env` is relative to its folder."""
    placed = {
        name: str(short_path(Path(value))) if name.endswith(_PATHS) else value
        for name, value in place_paths(env_file.values if env_file else {}, folder.path).items()
    }
    return own_variables({**placed, **environment})  # an empty variable hides the one in `.env`


def place_paths(values: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """Return settings in which each path is relative to a folder, or absolute."""
    return {name: str(folder / value) if name.endswith(_PATHS) else value for name, value in values.items()}


def forgotten_target(settings: Settings) -> str:
    """Return why a run cannot start: credentials are set, but no target. Return "" if it can start."""
    from toolkit.sdk.providers import providers

    if settings.variables.get("TOOLKIT_TARGET", "").strip():
        return ""
    named = sorted(
        name for provider in providers().values() for name in provider.ways.set_variables(settings.variables)
    )
    if not named:
        return ""
    return (
        f"{', '.join(named)} {'is' if len(named) == 1 else 'are'} set, but TOOLKIT_TARGET is not: "
        "set it to live for the real tenants, or to emulator for the emulated ones"
    )


def refuse_forgotten_target(settings: Settings) -> None:
    """Raise UsageError if credentials are set but no target, so that no run reaches a real tenant by accident."""
    if problem := forgotten_target(settings):
        raise UsageError(problem)
