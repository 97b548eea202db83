"""The settings of this computer as `toolkit settings` shows them, secrets hidden."""

import os
from collections.abc import Iterator
from pathlib import Path

from toolkit.cli._allowance import reasons, unallowed
from toolkit.cli._env_file import REDIRECTING, EnvFile, read_env_file
from toolkit.cli._settings import Settings, is_secret, school_folder
from toolkit.errors import UsageError
from toolkit.render.line import Line, Tone
from toolkit.values import Body

_HIDDEN = "(hidden)"


def asked_env_file(path: Path | None) -> EnvFile:
    """Return the `.env` that was named, or the school's; UsageError where there is none."""
    wanted = path.absolute() if path else school_folder().env_file
    found = read_env_file(wanted)
    if found is None:
        raise UsageError(f"there is no {wanted}: nothing has to be allowed")
    return found


def settings_shown(settings: Settings) -> Iterator[Line]:
    """Show where the settings come from, and every variable with its source."""
    yield Line(f"target {settings.target}, school's folder {settings.folder.path}, state {settings.directory}")
    if settings.env_file:
        yield from env_file_lines(settings.env_file)
    width = max(map(len, settings.variables), default=0)
    for name, value in sorted(settings.variables.items()):
        yield Line(f"{name:{width}}  {_source(name):11}  {_HIDDEN if is_secret(name) else value}")


def env_file_lines(env_file: EnvFile) -> Iterator[Line]:
    """Show a `.env`: its owner, mode and digest, and what about it needs permission on a live target."""
    yield Line(f"{env_file.path}: owner {_user(env_file.owner)}, mode {env_file.mode:03o}, SHA-256 {env_file.digest}")
    open_risks = unallowed(env_file)
    for risk in env_file.risks:
        (words,) = reasons([risk])
        value = f": {env_file.values[risk]}" if risk in REDIRECTING else ""
        yield Line(
            f"! {words}{value}: {'not allowed yet' if risk in open_risks else 'allowed'}",
            Tone.WARNING if risk in open_risks else Tone.QUIET,
        )
    if not env_file.risks:
        yield Line("  nothing about it has to be allowed", Tone.QUIET)


def settings_shown_answer(settings: Settings) -> Body:
    """Return the same for programs."""
    file = settings.env_file
    return {
        "format": 1,
        "target": settings.target,
        "folder": str(settings.folder.path),
        "state": str(settings.directory),
        "env_file": None
        if file is None
        else {
            "path": str(file.path),
            "owner": file.owner,
            "mode": f"{file.mode:03o}",
            "sha256": file.digest,
            "risks": list(file.risks),
            "not_allowed": list(unallowed(file)),
        },
        "variables": [
            {"name": name, "source": _source(name), "value": None if is_secret(name) else value}
            for name, value in sorted(settings.variables.items())
        ],
    }


def _source(name: str) -> str:
    return "environment" if name in os.environ else ".env"


def _user(number: int) -> str:
    from pwd import getpwuid

    try:
        return f"{getpwuid(number).pw_name} ({number})"
    except KeyError:
        return str(number)
