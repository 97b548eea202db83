"""Finds out where the scheduled jobs run and with what."""

import re
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.cli._settings import read_settings, set_here
from toolkit.errors import UsageError
from toolkit.playbook.load import load
from toolkit.render.schedule.jobs import JobLocation
from toolkit.sdk.schedule import Schedule

_OPEN = ("TOOLKIT_TARGET", "TOOLKIT_STATE", "TOOLKIT_CA_FILE")
"""Variables that hold no secret; of the others only the names are shown."""


def place(playbooks: Path, *, user: str | None, env_file: Path | None) -> JobLocation:
    """Give the jobs' place, with whole paths; UsageError for a name that no account has."""
    if user is not None and not re.fullmatch(r"[a-z_][a-z0-9_.-]*\$?", user, re.IGNORECASE):
        raise UsageError(f"--user {user!r} is no name of an account")
    settings, here = read_settings(), set_here()
    school = load(playbooks).school
    shown = {
        name: value if name == "TOOLKIT_TARGET" else str(Path(value).absolute())
        for name, value in here.items()
        if name in _OPEN
    }
    return JobLocation(
        live=settings.target == "live",
        school=school,
        schedule=school.schedule or Schedule(ZoneInfo(school.time_zone)),
        program=_program(),
        playbooks=playbooks.absolute(),
        directory=settings.folder.path,
        state=settings.state.absolute(),
        env_file=env_file.absolute() if env_file else None,
        variables=shown,
        lacking=sorted(name for name in here if name not in _OPEN),
        user=user,
        must_allow=settings.env_file.path if settings.env_file and settings.env_file.risks else None,
    )


def _program() -> list[str]:
    """Name the installed program, or what runs it where nothing is installed beside Python."""
    program = Path(sys.executable).with_name("toolkit")
    return [str(program)] if program.is_file() else [sys.executable, "-m", "toolkit"]
