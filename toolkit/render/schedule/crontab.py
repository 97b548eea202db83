"""The jobs as lines of a crontab."""

import shlex
from collections.abc import Iterator

from toolkit.render.schedule.jobs import CODES, JobLocation
from toolkit.sdk.schedule import DUE, EXPORT, EXPORT_AT

_HOUR = 60


def crontab(place: JobLocation) -> str:
    """Give a crontab of somebody's own, or with a user a file for /etc/cron.d."""
    return "\n".join(_lines(place)) + "\n"


def _lines(place: JobLocation) -> Iterator[str]:
    where = f"write it to /etc/cron.d/{place.name}" if place.user else "add it with `crontab -e`"
    yield f"# toolkit for {place.school.name}: {where}."
    yield from (f"# {remark}" for remark in place.remarks())
    yield f"# Times are those of this computer's clock; the school's time zone is {place.school.time_zone}."
    yield "# cron mails what a job prints here: only that it failed. Set MAILTO to whoever is to know."
    yield f"# What a job says goes to {place.state}, and stays there until logrotate or somebody takes it away."
    yield "SHELL=/bin/sh"
    yield from (f"{name}={_value(value)}" for name, value in place.variables.items())
    for job, does in place.jobs.items():
        yield ""
        yield f"# {job} {does}, {place.schedule.told(job)}. What its exit codes mean:"
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
    told = f"case $code in {fine}) ;; *) echo toolkit {job} ended with $code: see {log} ;; esac"
    command = f"umask 077; {' && '.join(steps)}; code=$?; {told}"
    user = f"{place.user} " if place.user else ""
    return f"{_when(job, place)} {user}{command.replace('%', chr(92) + '%')}"


def _when(job: str, place: JobLocation) -> str:
    schedule = place.schedule
    if job == DUE:
        return "0 * * * *" if schedule.minutes == _HOUR else f"*/{schedule.minutes} * * * *"
    if job == EXPORT and (reports := schedule.reports):
        months = ",".join(map(str, reports.months)) or "*"
        return f"{EXPORT_AT.minute} {EXPORT_AT.hour} {reports.day} {months} *"
    return f"{schedule.drift.minute} {schedule.drift.hour} * * *"


def _value(value: str) -> str:
    return f"'{value}'" if '"' in value else f'"{value}"'
