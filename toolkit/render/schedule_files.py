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


def systemd_units(location: JobLocation) -> Mapping[str, str]:
    """Return the text of each systemd unit for the scheduled jobs, by file name."""
    files: dict[str, str] = {}
    for job in location.jobs:
        files[f"{location.name}-{job}.service"] = _join_lines(_service_lines(job, location))
        files[f"{location.name}-{job}.timer"] = _join_lines(_timer_lines(job, location))
    files[f"{location.name}-failed@.service"] = _join_lines(_failure_service_lines(location))
    return files


def systemd_installation_steps(location: JobLocation) -> Iterator[str]:
    """Yield the steps by which a person installs and starts the systemd units."""
    timers = " ".join(f"{location.name}-{job}.timer" for job in location.jobs)
    if location.user:
        yield "As root, put these files into /etc/systemd/system/, then run"
        yield f"  systemctl daemon-reload && systemctl enable --now {timers}"
    else:
        yield "Put these files into ~/.config/systemd/user/ (use --user NAME for system-wide units), then run"
        yield f"  systemctl --user daemon-reload && systemctl --user enable --now {timers}"
        yield "  loginctl enable-linger   # so that they run while no one is signed in"
    yield from location.remarks()


def _join_lines(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _service_lines(job: str, location: JobLocation) -> Iterator[str]:
    unit = f"{location.name}-{job}"
    yield "[Unit]"
    yield f"Description=toolkit {job} for {_escape_percent(location.school.name)}"
    if location.user:
        yield "Wants=network-online.target"
        yield "After=network-online.target"
    yield f"OnFailure={location.name}-failed@%n.service"
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield f"# {job} {JOBS[job]}."
    yield f"ExecStart={_systemd_command(location.command(job))}"
    yield f"WorkingDirectory={_escape_percent(str(location.directory))}"
    if location.env_file:
        yield f"EnvironmentFile={_escape_percent(str(location.env_file))}"
    yield from (f"Environment={_quote_systemd_word(f'{name}={value}')}" for name, value in location.variables.items())
    yield from ([f"User={location.user}"] if location.user else [])
    yield "UMask=0077"
    yield "NoNewPrivileges=yes"
    yield "TimeoutStartSec=2h"
    yield f"# Its output: journalctl {_journal_option(location)}-u {unit}"
    yield "# Its exit codes:"
    yield from (f"#   {line}" for line in CODES[job])
    yield f"SuccessExitStatus={' '.join(map(str, location.harmless_codes(job)))}"


def _timer_lines(job: str, location: JobLocation) -> Iterator[str]:
    yield "[Unit]"
    yield f"Description=toolkit {job} for {_escape_percent(location.school.name)}, {location.schedule.describe(job)}"
    yield ""
    yield "[Timer]"
    yield f"OnCalendar={_timer_calendar(job, location)}"
    if job != DUE:
        yield "# A run that was missed while the computer was off starts when the computer is on again."
        yield "Persistent=true"
    yield ""
    yield "[Install]"
    yield "WantedBy=timers.target"


def _timer_calendar(job: str, location: JobLocation) -> str:
    schedule = location.schedule
    if job == DRIFT:
        return f"*-*-* {schedule.drift:%H:%M}:00 {location.school.time_zone}"
    if job == EXPORT and (reports := schedule.reports):
        months = ",".join(f"{number:02}" for number in reports.months) or "*"
        return f"*-{months}-{reports.day:02} {EXPORT_AT:%H:%M}:00 {location.school.time_zone}"
    return "*:00:00" if schedule.minutes == _HOUR else f"*:00/{schedule.minutes:02}:00"


def _failure_service_lines(location: JobLocation) -> Iterator[str]:
    yield "[Unit]"
    yield "Description=toolkit: report that %i failed"
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield "# Put a command here that alerts you, for example by mail. This line only writes to the system's log."
    text = f"%i failed: journalctl {_journal_option(location)}-u %i shows why"
    yield f'ExecStart=/usr/bin/logger -p daemon.err -t {location.name} "{text}"'


def _journal_option(location: JobLocation) -> str:
    return "" if location.user else "--user "


def _systemd_command(words: Sequence[str]) -> str:
    """Return a command line for a systemd unit. A dollar sign is escaped, because systemd would expand a variable."""
    return " ".join(_quote_systemd_word(word.replace("$", "$$")) for word in words)


def _quote_systemd_word(word: str) -> str:
    escaped = _escape_percent(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if set(word) & set(" \t\"'\\;") else escaped


def _escape_percent(text: str) -> str:
    """Escape the percent signs in a text, because systemd would read a percent sign as the start of a specifier."""
    return text.replace("%", "%%")


_CRON_HOUR = 60


def crontab_text(location: JobLocation) -> str:
    """Return the text of a crontab with the scheduled jobs, or of a file for /etc/cron.d if the jobs run as a
    given user.
    """
    return "\n".join(_crontab_lines(location)) + "\n"


def _crontab_lines(location: JobLocation) -> Iterator[str]:
    where = f"write it to /etc/cron.d/{location.name}" if location.user else "add it with `crontab -e`"
    yield f"# toolkit for {location.school.name}: {where}."
    yield from (f"# {remark}" for remark in location.remarks())
    yield f"# Times follow this computer's clock. The school's time zone is {location.school.time_zone}."
    yield "# cron sends a mail only if a job fails. Set MAILTO to the address of the person who must be notified."
    yield f"# The output of a job is added to a file in {location.state}. Set up logrotate, or delete it by hand."
    yield "SHELL=/bin/sh"
    yield from (f"{name}={_escape_crontab_value(value)}" for name, value in location.variables.items())
    for job, does in location.jobs.items():
        yield ""
        yield f"# {job}, {location.schedule.describe(job)}: {does}. Its exit codes:"
        yield from (f"#   {line}" for line in CODES[job])
        yield _crontab_line(job, location)


def _crontab_line(job: str, location: JobLocation) -> str:
    state, directory = shlex.quote(str(location.state)), shlex.quote(str(location.directory))
    log = shlex.quote(str(location.state / f"{job}.log"))
    steps = [f"mkdir -p {state}", f"cd {directory}"]
    if location.env_file:
        steps += ["set -a", f". {shlex.quote(str(location.env_file))}", "set +a"]
    steps.append(f"date >> {log}")
    steps.append(f"{shlex.join(location.command(job))} >> {log} 2>&1")
    fine = "|".join(map(str, [0, *location.harmless_codes(job)]))
    report = f"case $code in {fine}) ;; *) echo toolkit {job} ended with $code: see {log} ;; esac"
    command = f"umask 077; {' && '.join(steps)}; code=$?; {report}"
    user = f"{location.user} " if location.user else ""
    return f"{_cron_time(job, location)} {user}{command.replace('%', chr(92) + '%')}"


def _cron_time(job: str, location: JobLocation) -> str:
    schedule = location.schedule
    if job == DUE:
        return "0 * * * *" if schedule.minutes == _CRON_HOUR else f"*/{schedule.minutes} * * * *"
    if job == EXPORT and (reports := schedule.reports):
        months = ",".join(map(str, reports.months)) or "*"
        return f"{EXPORT_AT.minute} {EXPORT_AT.hour} {reports.day} {months} *"
    return f"{schedule.drift.minute} {schedule.drift.hour} * * *"


def _escape_crontab_value(value: str) -> str:
    if {"'", '"'} <= set(value):
        raise UsageError(f"{value} has both types of quotes, which a crontab cannot hold. Rename the folder")
    return f"'{value}'" if '"' in value else f'"{value}"'


UNTESTED = "UNTESTED: no one has tried these tasks on Windows. docs/windows.md describes how to use WSL2 instead."
_NEEDS_NO_QUOTES = re.compile(r"[\w./:\\+-]+")
_BEGINS = "2026-01-01"  # any date in the past
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def windows_tasks(location: JobLocation) -> Mapping[str, str]:
    """Return the definition of each Windows task for the scheduled jobs, by file name."""
    return {f"{location.name}-{job}.xml": "\n".join(_task_lines(job, location)) + "\n" for job in location.jobs}


def windows_registration_steps(location: JobLocation) -> Iterator[str]:
    """Yield the steps by which a person registers the Windows tasks, and notes about the jobs."""
    yield UNTESTED
    yield "Write these files into a folder (-o FOLDER). Then run in PowerShell, in this folder:"
    for name in windows_tasks(location):
        task = name.removesuffix(".xml")
        yield f"  Register-ScheduledTask -TaskName {task} -Xml (Get-Content -Raw -Encoding UTF8 {name})"
    yield f"Times follow this computer's clock. The school's time zone is {location.school.time_zone}."
    for name, value in location.variables.items():
        env_file = location.directory / ".env"
        yield f"A task does not have the variables of this shell. Write {name}={value} into {env_file}."
    yield from location.remarks()


def _task_lines(job: str, location: JobLocation) -> Iterator[str]:
    """Yield the lines of the definition of a Windows task.

    The definition does not declare an encoding, because Windows would compare the declared encoding with its own.
    """
    yield f'<Task version="1.2" xmlns="{_NAMESPACE}">'
    yield f"  <!-- {UNTESTED} -->"
    yield "  <!-- Its exit codes:"
    yield from (f"    {line}" for line in CODES[job])
    yield "  -->"
    description = escape(f"toolkit {job} for {location.school.name}, {location.schedule.describe(job)}: {JOBS[job]}.")
    yield f"  <RegistrationInfo><Description>{description}</Description></RegistrationInfo>"
    yield f"  <Triggers>{_trigger_lines(job, location)}</Triggers>"
    yield f'  <Principals><Principal id="Author">{_principal_element(location)}</Principal></Principals>'
    yield "  <Settings>"
    yield "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
    yield "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
    yield f"    <StartWhenAvailable>{str(job != DUE).lower()}</StartWhenAvailable>"
    yield "    <ExecutionTimeLimit>PT2H</ExecutionTimeLimit>"
    yield "  </Settings>"
    yield '  <Actions Context="Author"><Exec>'
    yield "    <Command>cmd.exe</Command>"
    yield f"    <Arguments>{escape(_cmd_arguments(job, location))}</Arguments>"
    yield f"    <WorkingDirectory>{escape(str(location.directory))}</WorkingDirectory>"
    yield "  </Exec></Actions>"
    yield "</Task>"


def _cmd_arguments(job: str, location: JobLocation) -> str:
    """Return the arguments with which cmd.exe runs a job.

    The job's output is written to a file, because the Task Scheduler discards it.
    """
    log = _quote_cmd_word(str(location.state / f"{job}.log"))
    return f'/d /s /c "{" ".join(map(_quote_cmd_word, location.command(job)))} >> {log} 2>&1"'


def _quote_cmd_word(word: str) -> str:
    """Quote a word for cmd.exe. Inside quotes, & and ^ are plain text, but % and quotes still have a meaning."""
    if not _NEEDS_NO_QUOTES.fullmatch(word):
        if word.count("%") > 1 or '"' in word:
            raise UsageError(f"{word} has a quote or two %, which a Windows task would change. Rename the folder")
        return f'"{word}"'
    return word


def _trigger_lines(job: str, location: JobLocation) -> str:
    schedule = location.schedule
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


def _principal_element(location: JobLocation) -> str:
    """Return the part of a Windows task that names its account: the given user or, if no user is given, the
    account that registers the task.
    """
    if location.user is None:
        return "<LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>"
    return f"<UserId>{escape(location.user)}</UserId><LogonType>S4U</LogonType><RunLevel>LeastPrivilege</RunLevel>"
