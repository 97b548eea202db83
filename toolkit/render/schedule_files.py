"""Write the scheduled jobs of a school as systemd units, crontab lines or Windows tasks.

The Windows tasks are untested, because toolkit is tested only on Linux.
"""

import re
import shlex
from calendar import month_name
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from toolkit.errors import UsageError
from toolkit.render.schedule_jobs import CODES, JOBS, JobLocation
from toolkit.school.schedule import DRIFT, DUE, EXPORT, EXPORT_AT

_HOUR = 60


def units(place: JobLocation) -> Mapping[str, str]:
    """Return the text of each systemd unit, by file name."""
    files: dict[str, str] = {}
    for job in place.jobs:
        files[f"{place.name}-{job}.service"] = _text(_service(job, place))
        files[f"{place.name}-{job}.timer"] = _text(_timer(job, place))
    files[f"{place.name}-failed@.service"] = _text(_failed(place))
    return files


def how_to_install(place: JobLocation) -> Iterator[str]:
    """Yield the steps to install and start the systemd units."""
    timers = " ".join(f"{place.name}-{job}.timer" for job in place.jobs)
    if place.user:
        yield "As root, put these files into /etc/systemd/system/, then run"
        yield f"  systemctl daemon-reload && systemctl enable --now {timers}"
    else:
        yield "Put these files into ~/.config/systemd/user/ (use --user NAME for system-wide units), then run"
        yield f"  systemctl --user daemon-reload && systemctl --user enable --now {timers}"
        yield "  loginctl enable-linger   # so that they run while no one is signed in"
    yield from place.remarks()


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _service(job: str, place: JobLocation) -> Iterator[str]:
    unit = f"{place.name}-{job}"
    yield "[Unit]"
    yield f"Description=toolkit {job} for {_plain(place.school.name)}"
    if place.user:
        yield "Wants=network-online.target"
        yield "After=network-online.target"
    yield f"OnFailure={place.name}-failed@%n.service"
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield f"# {job} {JOBS[job]}."
    yield f"ExecStart={_words(place.command(job))}"
    yield f"WorkingDirectory={_plain(str(place.directory))}"
    if place.env_file:
        yield f"EnvironmentFile={_plain(str(place.env_file))}"
    yield from (f"Environment={_quote(f'{name}={value}')}" for name, value in place.variables.items())
    yield from ([f"User={place.user}"] if place.user else [])
    yield "UMask=0077"
    yield "NoNewPrivileges=yes"
    yield "TimeoutStartSec=2h"
    yield f"# Its output: journalctl {_journal_option(place)}-u {unit}"
    yield "# Its exit codes:"
    yield from (f"#   {line}" for line in CODES[job])
    yield f"SuccessExitStatus={' '.join(map(str, place.fine(job)))}"


def _timer(job: str, place: JobLocation) -> Iterator[str]:
    yield "[Unit]"
    yield f"Description=toolkit {job} for {_plain(place.school.name)}, {place.schedule.describe(job)}"
    yield ""
    yield "[Timer]"
    yield f"OnCalendar={_when(job, place)}"
    if job != DUE:
        yield "# A run that was missed while the computer was off starts when the computer is on again."
        yield "Persistent=true"
    yield ""
    yield "[Install]"
    yield "WantedBy=timers.target"


def _when(job: str, place: JobLocation) -> str:
    schedule = place.schedule
    if job == DRIFT:
        return f"*-*-* {schedule.drift:%H:%M}:00 {place.school.time_zone}"
    if job == EXPORT and (reports := schedule.reports):
        months = ",".join(f"{number:02}" for number in reports.months) or "*"
        return f"*-{months}-{reports.day:02} {EXPORT_AT:%H:%M}:00 {place.school.time_zone}"
    return "*:00:00" if schedule.minutes == _HOUR else f"*:00/{schedule.minutes:02}:00"


def _failed(place: JobLocation) -> Iterator[str]:
    yield "[Unit]"
    yield "Description=toolkit: report that %i failed"
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield "# Put a command here that alerts you, for example by mail. This line only writes to the system's log."
    text = f"%i failed: journalctl {_journal_option(place)}-u %i shows why"
    yield f'ExecStart=/usr/bin/logger -p daemon.err -t {place.name} "{text}"'


def _journal_option(place: JobLocation) -> str:
    return "" if place.user else "--user "


def _words(words: Sequence[str]) -> str:
    """Return a command line for a systemd unit. A dollar sign is escaped, because systemd would expand a variable."""
    return " ".join(_quote(word.replace("$", "$$")) for word in words)


def _quote(word: str) -> str:
    escaped = _plain(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if set(word) & set(" \t\"'\\;") else escaped


def _plain(text: str) -> str:
    """Escape percent signs, because systemd would read a percent sign as the start of a specifier."""
    return text.replace("%", "%%")


_CRON_HOUR = 60


def crontab(place: JobLocation) -> str:
    """Return the text of a crontab, or of a file for /etc/cron.d if the jobs run as a given user."""
    return "\n".join(_lines(place)) + "\n"


def _lines(place: JobLocation) -> Iterator[str]:
    where = f"write it to /etc/cron.d/{place.name}" if place.user else "add it with `crontab -e`"
    yield f"# toolkit for {place.school.name}: {where}."
    yield from (f"# {remark}" for remark in place.remarks())
    yield f"# Times follow this computer's clock. The school's time zone is {place.school.time_zone}."
    yield "# cron sends a mail only if a job fails. Set MAILTO to the address of the person who must be notified."
    yield f"# The output of a job is added to a file in {place.state}. Set up logrotate, or delete it by hand."
    yield "SHELL=/bin/sh"
    yield from (f"{name}={_value(value)}" for name, value in place.variables.items())
    for job, does in place.jobs.items():
        yield ""
        yield f"# {job}, {place.schedule.describe(job)}: {does}. Its exit codes:"
        yield from (f"#   {line}" for line in CODES[job])
        yield _line(job, place)


def _line(job: str, place: JobLocation) -> str:
    state, directory = shlex.quote(str(place.state)), shlex.quote(str(place.directory))
    log = shlex.quote(str(place.state / f"{job}.log"))
    steps = [f"mkdir -p {state}", f"cd {directory}"]
    if place.env_file:
        steps += ["set -a", f". {shlex.quote(str(place.env_file))}", "set +a"]
    steps.append(f"date >> {log}")
    steps.append(f"{shlex.join(place.command(job))} >> {log} 2>&1")
    fine = "|".join(map(str, [0, *place.fine(job)]))
    report = f"case $code in {fine}) ;; *) echo toolkit {job} ended with $code: see {log} ;; esac"
    command = f"umask 077; {' && '.join(steps)}; code=$?; {report}"
    user = f"{place.user} " if place.user else ""
    return f"{_cron_time(job, place)} {user}{command.replace('%', chr(92) + '%')}"


def _cron_time(job: str, place: JobLocation) -> str:
    schedule = place.schedule
    if job == DUE:
        return "0 * * * *" if schedule.minutes == _CRON_HOUR else f"*/{schedule.minutes} * * * *"
    if job == EXPORT and (reports := schedule.reports):
        months = ",".join(map(str, reports.months)) or "*"
        return f"{EXPORT_AT.minute} {EXPORT_AT.hour} {reports.day} {months} *"
    return f"{schedule.drift.minute} {schedule.drift.hour} * * *"


def _value(value: str) -> str:
    if {"'", '"'} <= set(value):
        raise UsageError(f"{value} has both types of quotes, which a crontab cannot hold. Rename the folder")
    return f"'{value}'" if '"' in value else f'"{value}"'


UNTESTED = "UNTESTED: no one has tried these tasks on Windows. docs/windows.md describes how to use WSL2 instead."
_NEEDS_NO_QUOTES = re.compile(r"[\w./:\\+-]+")
_BEGINS = "2026-01-01"  # any date in the past
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def tasks(place: JobLocation) -> Mapping[str, str]:
    """Return the definition of each Windows task, by file name."""
    return {f"{place.name}-{job}.xml": "\n".join(_task(job, place)) + "\n" for job in place.jobs}


def how_to_register(place: JobLocation) -> Iterator[str]:
    """Yield the steps to register the Windows tasks, and notes about the jobs."""
    yield UNTESTED
    yield "Write these files into a folder (-o FOLDER). Then run in PowerShell, in this folder:"
    for name in tasks(place):
        task = name.removesuffix(".xml")
        yield f"  Register-ScheduledTask -TaskName {task} -Xml (Get-Content -Raw -Encoding UTF8 {name})"
    yield f"Times follow this computer's clock. The school's time zone is {place.school.time_zone}."
    for name, value in place.variables.items():
        yield f"A task does not have the variables of this shell. Write {name}={value} into {place.directory / '.env'}."
    yield from place.remarks()


def _task(job: str, place: JobLocation) -> Iterator[str]:
    """Yield the lines of a Windows task.

    The task does not declare an encoding, because Windows would compare the declared encoding with its own.
    """
    yield f'<Task version="1.2" xmlns="{_NAMESPACE}">'
    yield f"  <!-- {UNTESTED} -->"
    yield "  <!-- Its exit codes:"
    yield from (f"    {line}" for line in CODES[job])
    yield "  -->"
    description = escape(f"toolkit {job} for {place.school.name}, {place.schedule.describe(job)}: {JOBS[job]}.")
    yield f"  <RegistrationInfo><Description>{description}</Description></RegistrationInfo>"
    yield f"  <Triggers>{_trigger(job, place)}</Triggers>"
    yield f'  <Principals><Principal id="Author">{_principal(place)}</Principal></Principals>'
    yield "  <Settings>"
    yield "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
    yield "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
    yield f"    <StartWhenAvailable>{str(job != DUE).lower()}</StartWhenAvailable>"
    yield "    <ExecutionTimeLimit>PT2H</ExecutionTimeLimit>"
    yield "  </Settings>"
    yield '  <Actions Context="Author"><Exec>'
    yield "    <Command>cmd.exe</Command>"
    yield f"    <Arguments>{escape(_arguments(job, place))}</Arguments>"
    yield f"    <WorkingDirectory>{escape(str(place.directory))}</WorkingDirectory>"
    yield "  </Exec></Actions>"
    yield "</Task>"


def _arguments(job: str, place: JobLocation) -> str:
    """Return the arguments of cmd.exe.

    The job's output is written to a file, because the Task Scheduler discards it.
    """
    log = _cmd_word(str(place.state / f"{job}.log"))
    return f'/d /s /c "{" ".join(map(_cmd_word, place.command(job)))} >> {log} 2>&1"'


def _cmd_word(word: str) -> str:
    """Quote a word for cmd.exe. Inside quotes, & and ^ are plain text, but % and quotes still have a meaning."""
    if not _NEEDS_NO_QUOTES.fullmatch(word):
        if word.count("%") > 1 or '"' in word:
            raise UsageError(f"{word} has a quote or two %, which a Windows task would change. Rename the folder")
        return f'"{word}"'
    return word


def _trigger(job: str, place: JobLocation) -> str:
    schedule = place.schedule
    if job == DUE:
        repeat = f"<Repetition><Interval>PT{schedule.minutes}M</Interval></Repetition>"
        return f"<TimeTrigger>{repeat}<StartBoundary>{_BEGINS}T00:00:00</StartBoundary></TimeTrigger>"
    if job == DRIFT or schedule.reports is None:
        starts, recurrence = schedule.drift, "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>"
    else:
        months = "".join(f"<{month_name[number]} />" for number in schedule.reports.months or range(1, 13))
        days = f"<DaysOfMonth><Day>{schedule.reports.day}</Day></DaysOfMonth><Months>{months}</Months>"
        starts, recurrence = EXPORT_AT, f"<ScheduleByMonth>{days}</ScheduleByMonth>"
    begins = f"<StartBoundary>{_BEGINS}T{starts:%H:%M:%S}</StartBoundary>"
    return f"<CalendarTrigger>{begins}{recurrence}</CalendarTrigger>"


def _principal(place: JobLocation) -> str:
    """Return the account that runs a task.

    It is the given user, signed in or not, or else the account that registers the task.
    """
    if place.user is None:
        return "<LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>"
    return f"<UserId>{escape(place.user)}</UserId><LogonType>S4U</LogonType><RunLevel>LeastPrivilege</RunLevel>"
