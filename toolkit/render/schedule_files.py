"""The jobs of a school as units of systemd and as lines of a crontab."""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from toolkit.render.schedule_jobs import CODES, JOBS, JobLocation
from toolkit.sdk.schedule import DRIFT, DUE, EXPORT, EXPORT_AT

_HOUR = 60


def units(place: JobLocation) -> Mapping[str, str]:
    """Give the text of each unit, by the name of its file."""
    found: dict[str, str] = {}
    for job in place.jobs:
        found[f"{place.name}-{job}.service"] = _text(_service(job, place))
        found[f"{place.name}-{job}.timer"] = _text(_timer(job, place))
    found[f"{place.name}-failed@.service"] = _text(_failed(place))
    return found


def how_to_install(place: JobLocation) -> Iterator[str]:
    """Say where the units go and how they are started."""
    timers = " ".join(f"{place.name}-{job}.timer" for job in place.jobs)
    if place.user:
        yield "As root: put these files into /etc/systemd/system/, then"
        yield f"  systemctl daemon-reload && systemctl enable --now {timers}"
    else:
        yield "Put these files into ~/.config/systemd/user/, then (--user NAME makes units of the whole computer)"
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
    yield from (f"Environment={_quoted(f'{name}={value}')}" for name, value in place.variables.items())
    yield from ([f"User={place.user}"] if place.user else [])
    yield "UMask=0077"
    yield "NoNewPrivileges=yes"
    yield "TimeoutStartSec=2h"
    yield f"# What it says: journalctl {_whose(place)}-u {unit}"
    yield "# What its exit codes mean:"
    yield from (f"#   {line}" for line in CODES[job])
    yield f"SuccessExitStatus={' '.join(map(str, place.fine(job)))}"


def _timer(job: str, place: JobLocation) -> Iterator[str]:
    yield "[Unit]"
    yield f"Description=toolkit {job} for {_plain(place.school.name)}, {place.schedule.told(job)}"
    yield ""
    yield "[Timer]"
    yield f"OnCalendar={_when(job, place)}"
    if job != DUE:
        yield "# A time at which the computer was off is made up for when it is on again."
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
    yield "Description=toolkit: tell that %i failed"
    yield ""
    yield "[Service]"
    yield "Type=oneshot"
    yield "# Put what reaches you here: a mail, a message. This line only marks the system's log."
    text = f"%i failed: journalctl {_whose(place)}-u %i says why"
    yield f'ExecStart=/usr/bin/logger -p daemon.err -t {place.name} "{text}"'


def _whose(place: JobLocation) -> str:
    return "" if place.user else "--user "


def _words(words: Sequence[str]) -> str:
    """Write a command line, in which systemd would put variables in place of a dollar."""
    return " ".join(_quoted(word.replace("$", "$$")) for word in words)


def _quoted(word: str) -> str:
    escaped = _plain(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if set(word) & set(" \t\"'\\;") else escaped


def _plain(text: str) -> str:
    """Keep a text from being taken for one of systemd's own specifiers."""
    return text.replace("%", "%%")


_CRON_HOUR = 60


def crontab(place: JobLocation) -> str:
    """Return a crontab of one user, or with a user a file for /etc/cron.d."""
    return "\n".join(_lines(place)) + "\n"


def _lines(place: JobLocation) -> Iterator[str]:
    where = f"write it to /etc/cron.d/{place.name}" if place.user else "add it with `crontab -e`"
    yield f"# toolkit for {place.school.name}: {where}."
    yield from (f"# {remark}" for remark in place.remarks())
    yield f"# Times are those of this computer's clock; the school's time zone is {place.school.time_zone}."
    yield "# cron mails what a job prints here: only that it failed. Set MAILTO to the person who must know."
    yield f"# What a job says goes to {place.state}, and stays there until logrotate or a person removes it."
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
    return f"'{value}'" if '"' in value else f'"{value}"'
