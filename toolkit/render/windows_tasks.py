"""The jobs of a school as tasks of the Windows Task Scheduler; untested, since toolkit is tried on Linux alone."""

import subprocess
from calendar import month_name
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from toolkit.render.schedule_jobs import CODES, JOBS, JobLocation
from toolkit.sdk.schedule import DRIFT, DUE, EXPORT_AT

UNTESTED = "UNTESTED: no one has tried these tasks on Windows. Windows by WSL2 is described in docs/windows.md."
_BEGINS = "2026-01-01"  # any day that is over
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def tasks(place: JobLocation) -> Mapping[str, str]:
    """Return the definition of each task, by the name of its file."""
    return {f"{place.name}-{job}.xml": "\n".join(_task(job, place)) + "\n" for job in place.jobs}


def how_to_register(place: JobLocation) -> Iterator[str]:
    """Say where the tasks go, and what their jobs need."""
    yield UNTESTED
    yield "Write these files into a folder (-o FOLDER), then in PowerShell, there:"
    for name in tasks(place):
        task = name.removesuffix(".xml")
        yield f"  Register-ScheduledTask -TaskName {task} -Xml (Get-Content -Raw -Encoding UTF8 {name})"
    yield f"Times are those of this computer's clock; the school's time zone is {place.school.time_zone}."
    for name, value in place.variables.items():
        yield f"A task has no variables of this shell: write {name}={value} into {place.directory / '.env'}."
    yield from place.remarks()


def _task(job: str, place: JobLocation) -> Iterator[str]:
    """Write one task: without a declaration of an encoding, which Windows would compare with its own."""
    yield f'<Task version="1.2" xmlns="{_NAMESPACE}">'
    yield f"  <!-- {UNTESTED} -->"
    yield "  <!-- What its exit codes mean:"
    yield from (f"    {line}" for line in CODES[job])
    yield "  -->"
    description = escape(f"toolkit {job} for {place.school.name}: {JOBS[job]}, {place.schedule.told(job)}.")
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
    """Return what cmd.exe runs: the job, with what it prints in a file, as the Task Scheduler keeps none of it."""
    log = subprocess.list2cmdline([str(place.state / f"{job}.log")])
    return f'/d /c "{subprocess.list2cmdline(place.command(job))} >> {log} 2>&1"'


def _trigger(job: str, place: JobLocation) -> str:
    schedule = place.schedule
    if job == DUE:
        repeat = f"<Repetition><Interval>PT{schedule.minutes}M</Interval></Repetition>"
        return f"<TimeTrigger>{repeat}<StartBoundary>{_BEGINS}T00:00:00</StartBoundary></TimeTrigger>"
    if job == DRIFT or schedule.reports is None:
        starts, each = schedule.drift, "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>"
    else:
        months = "".join(f"<{month_name[number]} />" for number in schedule.reports.months or range(1, 13))
        days = f"<DaysOfMonth><Day>{schedule.reports.day}</Day></DaysOfMonth><Months>{months}</Months>"
        starts, each = EXPORT_AT, f"<ScheduleByMonth>{days}</ScheduleByMonth>"
    begins = f"<StartBoundary>{_BEGINS}T{starts:%H:%M:%S}</StartBoundary>"
    return f"<CalendarTrigger>{begins}{each}</CalendarTrigger>"


def _principal(place: JobLocation) -> str:
    """Run as one account whether it is signed in or not; without a name as the account that registers the task."""
    if place.user is None:
        return "<LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>"
    return f"<UserId>{escape(place.user)}</UserId><LogonType>S4U</LogonType><RunLevel>LeastPrivilege</RunLevel>"
