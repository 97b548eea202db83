"""Describe the scheduled jobs of a school, for a crontab, systemd units and Windows tasks."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.errors import UsageError
from toolkit.printable import printable
from toolkit.records import dataclass
from toolkit.school.schedule import DRIFT, DUE, EXPORT, Schedule
from toolkit.school.school import School
from toolkit.settings.settings import Settings

JOBS: Mapping[str, str] = {
    DRIFT: "reports drift and cannot write to a tenant",
    DUE: "makes the changes that are due, and signs in to write as soon as something is enforced",
    EXPORT: "writes the report for governors, and cannot write to a tenant except to send the report by mail",
}
"""The work of each job."""

_UNATTENDED: Mapping[str, Sequence[str]] = {DUE: ["--yes"]}
"""The options of a job, so that it asks nothing."""

_FINE: Mapping[str, int] = {DRIFT: 3, DUE: 3, EXPORT: 4}
_UNREAD, _REFUSED = 4, 5

CODES: Mapping[str, Sequence[str]] = {
    DRIFT: (
        "0  no drift",
        "1  the job failed, for example because it could not sign in",
        "2  the settings or the playbooks are wrong, or the tenant belongs to another school",
        "3  drift, which the output lists (the job itself succeeded)",
        "4  something could not be read, and everything that was read matches",
    ),
    DUE: (
        "0  nothing is left to do",
        "1  something failed",
        "2  the settings or the playbooks are wrong, or the tenant belongs to another school",
        "3  a change is waiting for the school's window or for another run, and a later run will make it",
        "4  something could not be read, so it was not changed",
        "5  a change that is due was refused, because of a limit, edited playbooks or a change by hand",
    ),
    EXPORT: (
        "0  the report is written, and sent if the school file asks for that",
        "1  it failed, or its mail was not sent (the files are written)",
        "2  the settings or the playbooks are wrong, or the tenant belongs to another school",
        "4  something could not be read, and the report names it",
    ),
}
"""The meaning of each job's exit codes."""


_OPEN = ("TOOLKIT_TARGET", "TOOLKIT_STATE", "TOOLKIT_CA_FILE")
"""Variables that are not secret. Only the names of all others are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLocation:
    """The folders, program and settings that the scheduled jobs use. Every path is absolute."""

    live: bool
    school: School
    schedule: Schedule
    program: Sequence[str]
    playbooks: Path
    directory: Path  # has .env, and the state folder by default
    state: Path
    env_file: Path | None  # read in addition to the .env of the directory
    variables: Mapping[str, str]  # variables of this shell that are not secret
    lacking: Sequence[str]  # names of variables that only this shell has and that may be secret
    user: str | None
    must_allow: Path | None = None  # a `.env` that the jobs' user must allow on a live target

    @property
    def name(self) -> str:
        """Return the name with which the names of all jobs of the school begin."""
        return f"toolkit-{re.sub(r'[^a-z0-9]+', '-', self.school.short_name.lower()).strip('-') or 'school'}"

    @property
    def jobs(self) -> Mapping[str, str]:
        """Return the jobs of this school by name, each with a description."""
        return {job: does for job, does in JOBS.items() if job != EXPORT or self.schedule.reports}

    @property
    def sends_mail(self) -> bool:
        """Return whether the jobs send reports by mail. Jobs on emulated tenants send no mail."""
        return self.live and bool(self.school.report_readers)

    def harmless_codes(self, job: str) -> Sequence[int]:
        """Return the exit codes other than 0 that do not mean that a job failed.

        Some problems are already reported once if the school has notifications: drift reports unread objects, and `due
        --notify` reports refused changes. If they also made the `due` job fail, they would be reported again every few
        minutes.
        """
        reported = job == DUE and self.school.notices is not None
        return sorted({_FINE[job], *([_UNREAD, _REFUSED] if reported else [])})

    def command(self, job: str) -> Sequence[str]:
        """Return the command line of a job."""
        if job == EXPORT:
            into = str(self.state / "reports")
            mail = ["--mail"] if self.sends_mail else []
            return [*self.program, "audit", "export", str(self.playbooks), "-o", into, *mail]
        notify = ["--notify"] if self.school.notices or self.school.alive else []
        return [*self.program, job, str(self.playbooks), *_UNATTENDED.get(job, ()), *notify]

    def remarks(self) -> Sequence[str]:
        """Return notes for the person who installs the jobs."""
        notes = [f"Settings are read from {self.directory / '.env'}. Write secrets only there, never here."]
        if self.env_file:
            notes = [f"Settings are read from {self.env_file} and {self.directory / '.env'}. Write no secrets here."]
        if self.live and self.must_allow:
            notes.append(f"Run this once as the user of the jobs: `toolkit settings allow {self.must_allow}`")
        if self.lacking:
            notes.append(f"Set only in this shell, so write them there for the jobs: {', '.join(self.lacking)}.")
        if self.school.notices and any(channel.by_mail for channel in self.school.notices.channels):
            notes.append("The drift job sends mail with the identity that writes, so it needs its credentials too.")
        if self.schedule.reports:
            notes.append(f"Reports are kept in {self.state / 'reports'}.")
            notes.append(self._mail_note())
        if self.school.schedule is None:
            notes.append("Write `schedule: {}` into the school file, so that the next run reports a missed run.")
        return notes

    def _mail_note(self) -> str:
        if self.sends_mail:
            return "The export job sends mail with the identity that writes, so it needs its credentials too."
        if not self.live:
            return "The export job sends no mail, because the tenants are emulated."
        return "The export job sends no mail, because `reports:` in the school file does not name a head and a clerk."


def find_job_location(
    settings: Settings, school: School, playbooks: Path, *, user: str | None, env_file: Path | None
) -> JobLocation:
    """Return the folders, program and settings that a school's scheduled jobs use."""
    here = {name: settings.variables[name] for name in settings.sources.from_environment}
    shown = {
        name: value if name == "TOOLKIT_TARGET" else str(Path(value).absolute())
        for name, value in here.items()
        if name in _OPEN
    }
    place = JobLocation(
        live=settings.target == "live",
        school=school,
        schedule=school.schedule or Schedule(ZoneInfo(school.time_zone)),
        program=_toolkit_program(),
        playbooks=playbooks.absolute(),
        directory=settings.folder.path,
        state=settings.state.absolute(),
        env_file=env_file.absolute() if env_file else None,
        variables=shown,
        lacking=sorted(name for name in here if name not in _OPEN),
        user=user,
        must_allow=settings.env_file.path if settings.env_file and settings.env_file.risks else None,
    )
    _refuse_line_breaks(place)
    return place


def _refuse_line_breaks(location: JobLocation) -> None:
    """Raise UsageError for a path or value with a line break, which would start a new line in a job's file."""
    paths = [
        location.playbooks,
        location.directory,
        location.state,
        *([location.env_file] if location.env_file else []),
    ]
    for text in [*map(str, paths), *location.program, *location.variables.values(), location.school.name]:
        if printable(text) != text:
            raise UsageError(
                f"{printable(text)} has a line break or another control character, which would change the file of a "
                "job. Rename it without this character"
            )


def refuse_invalid_user(user: str | None) -> None:
    """Raise UsageError for a name that an account on this computer cannot have."""
    if user is not None and not re.fullmatch(r"[a-z_][a-z0-9_.-]*\$?", user, re.IGNORECASE):
        raise UsageError(f"--user {user!r} is not the name of an account")


def _toolkit_program() -> list[str]:
    """Return the command that starts toolkit: the installed program, or `python -m toolkit` if the program is
    not next to Python.
    """
    program = Path(sys.executable).with_name("toolkit")
    return [str(program)] if program.is_file() else [sys.executable, "-m", "toolkit"]
