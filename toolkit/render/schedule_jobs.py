"""The scheduled jobs of a school's computer, as a crontab and units of systemd need to know them."""

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
    DRIFT: "reports drift; it cannot write to a tenant",
    DUE: "does what the calendar makes due; signs in to write as soon as something is enforced",
    EXPORT: "writes the report for governors; signs in to read and cannot write to a tenant, but for its mail",
}
"""What each of the jobs does."""

_UNATTENDED: Mapping[str, Sequence[str]] = {DUE: ["--yes"]}
"""The options of a job, so that it asks nothing."""

_FINE: Mapping[str, int] = {DRIFT: 3, DUE: 3, EXPORT: 4}
_UNREAD, _REFUSED = 4, 5

CODES: Mapping[str, Sequence[str]] = {
    DRIFT: (
        "0  no drift",
        "1  it failed: the sign-in, the ledger",
        "2  the settings or the playbooks are wrong, or the tenant is another school's",
        "3  drift: the job has done its work, and its output names it",
        "4  something could not be read, and nothing that was read differs",
    ),
    DUE: (
        "0  nothing is left to do",
        "1  something failed",
        "2  the settings or the playbooks are wrong, or the tenant is another school's",
        "3  something waits for the school's window, or for another run to end: a later run does it",
        "4  something could not be read, and nothing of it was written",
        "5  something that is due was refused: a limit, edited playbooks, or a change by hand",
    ),
    EXPORT: (
        "0  the report is written, and sent where that was asked for",
        "1  it failed, or its mail did not go; the files are there",
        "2  the settings or the playbooks are wrong, or the tenant is another school's",
        "4  something could not be read: the report is written, and says what",
    ),
}
"""What the exit codes of each job mean."""


_OPEN = ("TOOLKIT_TARGET", "TOOLKIT_STATE", "TOOLKIT_CA_FILE")
"""Variables that hold no secret; of the others only the names are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLocation:
    """Where the jobs run and with what; every path is whole."""

    live: bool
    school: School
    schedule: Schedule
    program: Sequence[str]
    playbooks: Path
    directory: Path  # where .env and a state directory are looked for
    state: Path
    env_file: Path | None  # read beside the .env of the directory
    variables: Mapping[str, str]  # what is set in this shell and no secret
    lacking: Sequence[str]  # names of what is set in this shell alone and may be one
    user: str | None
    must_allow: Path | None = None  # a `.env` that the jobs' user has to allow on a live target

    @property
    def name(self) -> str:
        """Give what the jobs of the school are called together."""
        return f"toolkit-{re.sub(r'[^a-z0-9]+', '-', self.school.short_name.lower()).strip('-') or 'school'}"

    @property
    def jobs(self) -> Mapping[str, str]:
        """Give what each job does that this school wants."""
        return {job: does for job, does in JOBS.items() if job != EXPORT or self.schedule.reports}

    @property
    def mails(self) -> bool:
        """Say whether reports are sent: a practice run is not."""
        return self.live and bool(self.school.report_readers)

    def fine(self, job: str) -> Sequence[int]:
        """Give the exit codes beside 0 that are no failure of a job itself.

        Where the school has notifications, a drift reports once what cannot be read, and `due --notify` once what is
        refused; the job itself would report it every few minutes.
        """
        reported = job == DUE and self.school.notices is not None
        return sorted({_FINE[job], *([_UNREAD, _REFUSED] if reported else [])})

    def command(self, job: str) -> Sequence[str]:
        """Give the words that start a job."""
        if job == EXPORT:
            into = str(self.state / "reports")
            mail = ["--mail"] if self.mails else []
            return [*self.program, "audit", "export", str(self.playbooks), "-o", into, *mail]
        notify = ["--notify"] if self.school.notices or self.school.alive else []
        return [*self.program, job, str(self.playbooks), *_UNATTENDED.get(job, ()), *notify]

    def remarks(self) -> Sequence[str]:
        """Say what a person has to know before the jobs are installed."""
        found = [f"Settings are read from {self.directory / '.env'}; secrets belong there, and never here."]
        if self.env_file:
            found = [f"Settings are read from {self.env_file} and from {self.directory / '.env'}; secrets never here."]
        if self.live and self.must_allow:
            found.append(f"As the user of the jobs, type once: toolkit settings allow {self.must_allow}")
        if self.lacking:
            found.append(f"Set in this shell, and not for the jobs unless written there: {', '.join(self.lacking)}.")
        if self.school.notices and any(channel.by_mail for channel in self.school.notices.channels):
            found.append("The drift job sends mail with the identity that writes, so that it needs its settings too.")
        if self.schedule.reports:
            found.append(f"Reports are kept in {self.state / 'reports'}.")
            found.append(self._of_mail())
        if self.school.schedule is None:
            found.append("Write `schedule: {}` into the school file, so that the next run reports a missed run.")
        return found

    def _of_mail(self) -> str:
        """Say whether reports go out by mail, and what that needs."""
        if self.mails:
            return "The export job sends mail with the identity that writes, so that it needs its settings too."
        if not self.live:
            return "On emulated tenants the export job sends no mail: a practice run stays here."
        return "The export job sends no mail: the school file names no head and clerk under `reports:`."


def job_location(
    settings: Settings, school: School, playbooks: Path, *, user: str | None, env_file: Path | None
) -> JobLocation:
    """Return where the jobs of a school run, with whole paths."""
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
    _refuse_unwritable(place)
    return place


def _refuse_unwritable(place: JobLocation) -> None:
    """Raise UsageError for a path or a value that would begin a line of its own in a job's file."""
    paths = [place.playbooks, place.directory, place.state, *([place.env_file] if place.env_file else [])]
    for text in [*map(str, paths), *place.program, *place.variables.values(), place.school.name]:
        if printable(text) != text:
            raise UsageError(
                f"{printable(text)} has a line break or another control character, which would change the file of a "
                "job. Rename it without"
            )


def refuse_user(user: str | None) -> None:
    """Raise UsageError for a name that no account has."""
    if user is not None and not re.fullmatch(r"[a-z_][a-z0-9_.-]*\$?", user, re.IGNORECASE):
        raise UsageError(f"--user {user!r} is not the name of an account")


def _program() -> list[str]:
    """Return the installed program, or what runs it where nothing is installed beside Python."""
    program = Path(sys.executable).with_name("toolkit")
    return [str(program)] if program.is_file() else [sys.executable, "-m", "toolkit"]
