"""What the environment and .env say: the only place that reads them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.record.redact import Redactor

PREFIX = "TOOLKIT_"
_OWN = frozenset({"TOOLKIT_TARGET", "TOOLKIT_STATE", "TOOLKIT_LEDGER", "TOOLKIT_CA_FILE"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a run goes and where it keeps its state; `variables` holds everything with our prefix."""

    target: Literal["emulator", "live"]
    state: Path
    ledger: str | None = field(repr=False)  # a database URL may hold a password
    ca_file: Path | None
    variables: Mapping[str, str] = field(repr=False)

    @property
    def directory(self) -> Path:
        """Emulated and live evidence never share a directory."""
        return self.state / self.target

    @property
    def secrets(self) -> list[str]:
        """List the values that must never be shown."""
        return _secrets(self.variables)


def read_settings(directory: Path | None = None) -> Settings:
    """Read our variables, those of the environment before those of .env; UsageError for what makes no sense."""
    variables = _variables(directory or Path.cwd())
    target = variables.get("TOOLKIT_TARGET", "").strip()
    if target not in {"", "emulator", "live"}:
        raise UsageError(f"TOOLKIT_TARGET is {target!r}; write emulator or live")
    ca_file = variables.get("TOOLKIT_CA_FILE")
    if ca_file and not Path(ca_file).is_file():
        raise UsageError(f"TOOLKIT_CA_FILE: there is no file {ca_file}")
    if not target:
        _refuse_forgotten_target(variables)
    return Settings(
        target="live" if target == "live" else "emulator",
        state=Path(variables.get("TOOLKIT_STATE") or ".toolkit"),
        ledger=variables.get("TOOLKIT_LEDGER") or None,
        ca_file=Path(ca_file) if ca_file else None,
        variables=variables,
    )


def set_here() -> Mapping[str, str]:
    """Give our variables of the environment alone, which a job of cron or systemd does not have."""
    return {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and value}


def own_redactor() -> "Redactor":
    """Give what takes out of a text whatever our variables hold that must never be shown."""
    from toolkit.record.redact import Redactor

    try:
        return Redactor(_secrets(_variables(Path.cwd())))
    except UsageError:  # the .env that an error complains of; its values were not read
        return Redactor()


def _secrets(variables: Mapping[str, str]) -> list[str]:
    words = ("SECRET", "PASSWORD", "TOKEN", "KEY", "NOTIFY")
    return [value for name, value in variables.items() if any(word in name for word in words)]


def _variables(directory: Path) -> Mapping[str, str]:
    from dotenv import dotenv_values

    file = directory / ".env"
    if file.exists() and not file.is_file():
        raise UsageError(f"{file} cannot be read: it is no file")
    try:
        written = dotenv_values(file, interpolate=False) if file.exists() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    both = {**written, **os.environ}
    return {name: value for name, value in both.items() if name.startswith(PREFIX) and value}


def _refuse_forgotten_target(variables: Mapping[str, str]) -> None:
    """Let nobody write to a real tenant, or believe that they did, by accident."""
    from toolkit.tenant.providers import providers

    named = [name for provider in providers().values() for name in provider.mentions(variables)]
    if named:
        raise UsageError(
            f"{', '.join(sorted(named))} {'is' if len(named) == 1 else 'are'} set, but TOOLKIT_TARGET is not: "
            "set it to live for the real tenants, or to emulator for the emulated ones"
        )
