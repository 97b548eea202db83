"""Run `toolkit drift`, select the most important findings of a first run, and find missed or failed scheduled runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from shlex import quote
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.drift.accept import AcceptanceTerms, build_exception_entry
from toolkit.drift.findings import compare_with_history
from toolkit.drift.model import DriftHistory, differences_of_change
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.refresh import open_survey
from toolkit.engine.report_json import JsonReport
from toolkit.engine.run_report import Report, exit_of_drift, worst
from toolkit.engine.runs import (
    read_ledger_records,
    record_run_end,
    record_run_start,
    report_before_write,
    survey_or_record_failure,
)
from toolkit.engine.selection import PART_FLAGS
from toolkit.errors import Exit, UsageError
from toolkit.ledger.change_history import open_findings
from toolkit.ledger.checklists import overdue_checklists
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.tables import FindingRow
from toolkit.planning.change import Change, Delete
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.schedule import DRIFT, DUE, EXPORT, Schedule
from toolkit.school.school import School
from toolkit.sdk.resource import Address

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger
    from toolkit.ledger.memory import LedgerMemory, RecordedRun


_MOST = 5
_KNOWN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ImportantDifference:
    """A difference that affects many people, and the command that accepts the difference."""

    finding: str
    address: Address
    path: str
    people: int | None  # None: not counted
    command: str


def is_first_drift_run(ledger: Ledger) -> bool:
    """Return whether the ledger has no earlier drift run."""
    return not ledger.exists() or LedgerMemory(ledger).last_run(DRIFT) is None


def find_important_differences(
    plan: Plan, playbooks: Playbooks, findings: Mapping[str, FindingRow], now: datetime
) -> Sequence[ImportantDifference]:
    """Return the differences that affect the most people and that can be accepted, one for each object."""
    changes = sorted(
        (*plan.changes, *plan.checked_changes),
        key=lambda change: (-(_people_reached(change) or 0), str(change.address)),
    )
    looks = (next(_acceptable_differences(change, playbooks, findings, now), None) for change in changes)
    some = (look for look in looks if look)
    return [look for look, _ in zip(some, range(_MOST), strict=False)]


def _acceptable_differences(
    change: Change, playbooks: Playbooks, findings: Mapping[str, FindingRow], now: datetime
) -> Iterator[ImportantDifference]:
    """Yield the differences of a change that `toolkit accept` can accept, each with its command."""
    until = (now.astimezone(ZoneInfo(playbooks.school.time_zone)) + _KNOWN_FOR).date().isoformat()
    wish = AcceptanceTerms(until=until, reason="LastApplied", by=playbooks.school.approvers[0])
    for difference in differences_of_change(change):
        row = findings.get(difference.id)
        if row and _is_accepted(row, wish, playbooks, now):
            folder = quote(str(playbooks.file or playbooks.root))
            words = f"--until {until} --reason {quote(wish.reason)} --by {quote(wish.by)}"
            command = f"toolkit accept {difference.id} {folder} {words}"
            yield ImportantDifference(difference.id, change.address, difference.path, _people_reached(change), command)


def _is_accepted(row: FindingRow, terms: AcceptanceTerms, playbooks: Playbooks, now: datetime) -> bool:
    try:
        build_exception_entry(row, terms, playbooks, now)
    except UsageError:
        return False
    return True


def _people_reached(change: Change) -> int | None:
    reach = None if isinstance(change, Delete) else change.desired.reach
    return reach.people if reach else None


EXPORT_COMMAND = "audit export"
"""The ledger's name of the run that writes the board report."""

_NO_END = "it was killed, or the computer stopped, before it finished"


@dataclass(frozen=True, slots=True)
class JobFault:
    """Scheduled runs of a job that were missed or failed."""

    job: str
    text: str
    lasts: bool = False  # until the job runs again

    def __str__(self) -> str:
        return self.text


def missed_run_opening(job: str) -> str:
    """Return the beginning of the message about a missed run. Records in the ledger are found by this text."""
    return f"no {job} run since "


@dataclass(frozen=True, slots=True)
class DriftReport(JsonReport):
    """The report of a drift run: differences with their history, and scheduled runs that were missed or failed."""

    run: Report
    remembrance: DriftHistory = field(default_factory=DriftHistory)
    missed_runs: Sequence[JobFault] = ()  # scheduled runs that did not happen
    failed: Sequence[JobFault] = ()  # scheduled runs that failed
    refused: Sequence[str] = ()  # runs of `due` that refused work that is due
    first_look: Sequence[ImportantDifference] = ()  # of the first drift of a school
    checklists: Mapping[str, int] = field(default_factory=dict)  # overdue steps of open checklists, by their ids


def run_drift(context: RunContext, playbooks: Playbooks, ledger: "Ledger") -> DriftReport:
    """Compare the tenants with the playbooks, record the drift run, and return every difference."""
    journal = Journal(ledger, context.run, context.now)
    silent, wrong = (
        tuple(find_missed_runs(context, playbooks.school, ledger)),
        tuple(find_failed_runs(playbooks.school, ledger)),
    )
    blocked, is_first = tuple(find_refused_runs(playbooks.school, ledger)), is_first_drift_run(ledger)
    with survey_or_record_failure(
        context, playbooks, ledger, open_survey(context, playbooks, read_ledger_records(context, ledger))
    ) as survey:
        results = [result.read_for_drift(survey.connections) for result in survey.results]
        code = worst([exit_of_drift(survey.plan), *(result.exit for result in results)])
        report = report_before_write(context, replace(survey, results=results), code)
        remembered, seen = compare_with_history(context, survey, ledger)
    record_run_start(journal, context, survey.playbooks, survey.tenants)
    journal.record_drift(seen)
    for result in results:
        result.record_what_was_read(journal)
    record_run_end(journal, report, survey, marks_new_as_reported=False)
    looks = (
        find_important_differences(report.plan, survey.playbooks, open_findings(ledger), context.now)
        if is_first
        else ()
    )
    today = context.now.astimezone(ZoneInfo(playbooks.school.time_zone)).date()
    return DriftReport(report, remembered, silent, wrong, blocked, looks, overdue_checklists(ledger, today))


def find_missed_runs(context: RunContext, school: School, ledger: "Ledger | None") -> Iterator[JobFault]:
    """Yield the scheduled runs of each job that were missed since the job's last result.

    Call this before the present run is recorded. If the school file has no `schedule:`, or if the job has never run, no
    run counts as missed.
    """
    schedule, memory = school.schedule, _open_ledger_memory(ledger)
    if schedule is None or memory is None:
        return
    for job, command in ((DRIFT, DRIFT), (DUE, DUE), (EXPORT, EXPORT_COMMAND)):
        began = [run.began.at for run in _runs_since_success(memory, command)]
        for last, then in pairwise([*reversed(began), context.now]):
            if schedule.is_overdue(job, last, then):
                since, until = (f"{moment.astimezone(schedule.zone):%Y-%m-%d %H:%M}" for moment in (last, then))
                is_whole = not (context.only or context.provider)
                goes_on = then == context.now and not (job == DRIFT and is_whole)  # which was missing until now
                when = f"{missed_run_opening(job)}{since}" if goes_on else f"no {job} run between {since} and {until}"
                yield JobFault(job, f"{when}. It is scheduled to run {schedule.describe(job)}", lasts=goes_on)


def find_failed_runs(school: School, ledger: "Ledger | None") -> Iterator[JobFault]:
    """Yield each job whose scheduled runs have failed since the last successful drift run, with the reason for the last
    failure.
    """
    from toolkit.ledger.lease import lease_holder

    schedule, memory = school.schedule, _open_ledger_memory(ledger)
    if schedule is None or memory is None or ledger is None:
        return
    nights = list(_runs_since_success(memory, DRIFT))
    last_answer = next((run.began.at for run in nights if not _failure_reason(run)), None)
    held = lease_holder(ledger)
    for job in (DRIFT, DUE):
        runs = nights if job == DRIFT else list(_runs_after(_complete_runs(memory, DUE), last_answer))
        if wrong := [run for run in runs if _failure_reason(run) and run.began.run != held]:
            yield JobFault(job, _failure_text(job, wrong, schedule))


def find_refused_runs(school: School, ledger: "Ledger | None") -> Iterator[str]:
    """Yield a sentence about the runs of `toolkit due` that have refused a change since the last successful drift
    run.
    """
    memory = _open_ledger_memory(ledger)
    if memory is None:
        return
    last_answer = next((run.began.at for run in _complete_runs(memory, DRIFT) if not _failure_reason(run)), None)
    due_runs = _runs_after(memory.runs_of([DUE]), last_answer)
    if runs := [run for run in due_runs if run.ended and run.ended.exit == Exit.REFUSED]:
        last = runs[0].began.at.astimezone(ZoneInfo(school.time_zone))
        times = "the due run" if len(runs) == 1 else f"{len(runs)} runs of `toolkit due`, the last"
        yield f"{times} of {last:%Y-%m-%d %H:%M} refused work that is due. `toolkit due` shows the reason"


def _open_ledger_memory(ledger: "Ledger | None") -> "LedgerMemory | None":
    from toolkit.ledger.memory import LedgerMemory

    return LedgerMemory(ledger) if ledger is not None and ledger.exists() else None


def _runs_since_success(memory: "LedgerMemory", job: str) -> "Iterator[RecordedRun]":
    """Yield the runs of a job, the most recent first, back to its last successful run."""
    for run in _complete_runs(memory, job):
        yield run
        if not _failure_reason(run):
            return


def _complete_runs(memory: "LedgerMemory", job: str) -> "Iterator[RecordedRun]":
    """Yield the runs of a job without `--only` or `--provider`, which cover everything."""
    part = tuple(f"{flag} " for flag in PART_FLAGS)
    return (run for run in memory.runs_of([job]) if not any(flag.startswith(part) for flag in run.began.flags))


def _runs_after(runs: "Iterator[RecordedRun]", moment: datetime | None) -> "Iterator[RecordedRun]":
    return takewhile(lambda run: moment is None or run.began.at > moment, runs)


def _failure_reason(run: "RecordedRun") -> str:
    return run.ended.failed if run.ended else _NO_END


def _failure_text(job: str, failures: "Sequence[RecordedRun]", schedule: Schedule) -> str:
    last, first = (f"{run.began.at.astimezone(schedule.zone):%Y-%m-%d %H:%M}" for run in (failures[0], failures[-1]))
    if len(failures) == 1:
        return f"the {job} run of {last} failed: {_failure_reason(failures[0])}"
    return (
        f"{len(failures)} {job} runs failed between {first} and {last}, the last with: {_failure_reason(failures[0])}"
    )
