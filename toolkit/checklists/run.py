"""Start checklists, record their steps and read their state. The ledger records each run without names of people."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from toolkit.checklists.model import (
    ChecklistStatus,
    ProgressState,
    ReadingState,
    StepReading,
    StepStatus,
    forms_by_step,
)
from toolkit.checklists.reads import AskedStep, read_steps
from toolkit.engine.journal import Journal
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.run_report import worst
from toolkit.errors import Exit, UsageError
from toolkit.ledger.checklist_entries import ChecklistStarted, ChecklistStepDone, ChecklistStopped
from toolkit.ledger.checklists import StartedChecklist, started_checklists
from toolkit.ledger.display_names import MAIL
from toolkit.ledger.entries import Entry
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.lease import Lease
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.checklists import all_checklists, find_checklist
from toolkit.playbook.role_names import claimed_role
from toolkit.records import dataclass

FORGOTTEN = "[forgotten]"


@dataclass(frozen=True, slots=True)
class ChecklistsReport:
    """The requested checklists in their present state."""

    checklists: Sequence[ChecklistStatus]

    @property
    def exit(self) -> Exit:
        return worst([checklist.exit for checklist in self.checklists])


def start(run: PreparedRun, name: str, person: str, on: date | None) -> ChecklistStatus:
    """Start a checklist. Raise UsageError if a person is required and missing, or given and not allowed."""
    checklist = find_checklist(run.playbooks.checklists, name)
    if checklist.person and not person:
        raise UsageError(f"{name} is about one person: add `--person -`, which asks for the address")
    if person and not checklist.person:
        raise UsageError(f"{name} is not about one person: leave out --person")
    due = checklist.due(on or _today(run), run.playbooks.school)
    with Lease(run.ledger, run=run.context.run):
        number = sum(checklist_before.name == name for checklist_before in started_checklists(run.ledger).values()) + 1
        pseudonym = Pseudonyms(run.ledger).create_pseudonym(person) if person else ""
        began = ChecklistStarted(
            run=run.context.run,
            at=run.context.now,
            checklist=f"{name}-{number}",
            name=name,
            due=due,
            person=pseudonym,
        )
        _record(run, [began], {})
    return _checklist_status(run, started_checklists(run.ledger)[began.checklist], {})


def record_step(run: PreparedRun, written: str, by: str) -> ChecklistStatus:
    """Record a role's statement that a step, such as leaver-1/reply, is done. The tenants are not read."""
    name, _, step = written.partition("/")
    record, role = _find_open(run, name), _role_in_school_file(run, by)
    if step not in record.due:
        raise UsageError(f"{name} has no step {quoted(step)}{did_you_mean(step, record.due)}")
    if step in record.verified or step in record.stated:
        raise UsageError(f"{written} is done already: `toolkit checklist status` shows by whom")
    forms = forms_by_step(all_checklists(run.playbooks.checklists).get(record.name))
    before = [other for other, form in forms.items() if form.first and other in record.open_steps and other != step]
    if before and not (step in forms and forms[step].first):
        raise UsageError(f"{name}/{before[0]} comes first: {forms[before[0]].text}")
    entry = ChecklistStepDone(run=run.context.run, at=run.context.now, checklist=name, step=step, by=role)
    _record(run, [entry], {})
    return _checklist_status(run, started_checklists(run.ledger)[name], {})


def stop(run: PreparedRun, name: str, by: str) -> ChecklistStatus:
    """Record that a checklist was stopped before it was finished, for example because it was started by mistake."""
    record, role = _find_open(run, name), _role_in_school_file(run, by)
    entry = ChecklistStopped(run=run.context.run, at=run.context.now, checklist=record.id, by=role)
    _record(run, [entry], {})
    return _checklist_status(run, started_checklists(run.ledger)[name], {})


def status(
    run: PreparedRun, names: Collection[str], *, finished: bool, holds: Callable[[str], StepReading]
) -> ChecklistsReport:
    """Verify the open steps, record the steps that are done, and return the state of the checklists."""
    started = started_checklists(run.ledger)
    for name in names:
        if name not in started:
            raise UsageError(f"no checklist {quoted(name)} was started{did_you_mean(name, started)}")
    chosen = [record for record in started.values() if (record.id in names if names else record.open or finished)]
    forms = all_checklists(run.playbooks.checklists)
    steps = {
        (record.id, step.step): AskedStep(
            step.verified_by, _address_of_person(run, record), _local_date(run, record.at)
        )
        for record in chosen
        if record.stopped is None
        for step in forms_by_step(forms.get(record.name)).values()
        if step.verified_by and step.step in record.due and step.step not in record.verified
    }
    answers, tenants = read_steps(run.context, run.playbooks, run.ledger, list(steps.values()))
    readings = dict(zip(steps, answers, strict=True))
    readings |= {
        (record.id, step.step): holds(address)
        for record in chosen
        if record.stopped is None and (address := _address_of_person(run, record))
        for step in forms_by_step(forms.get(record.name)).values()
        if step.hold and step.step in record.due
    }
    _record(run, list(_newly_verified_steps(run, readings, steps)), tenants)
    started = started_checklists(run.ledger)
    return ChecklistsReport([_checklist_status(run, started[record.id], readings) for record in chosen])


def _newly_verified_steps(
    run: PreparedRun,
    readings: Mapping[tuple[str, str], StepReading],
    steps: Mapping[tuple[str, str], AskedStep],
) -> Iterator[ChecklistStepDone]:
    for (name, step), reading in readings.items():
        if reading.state is ReadingState.VERIFIED:
            by = steps[name, step].by
            read = ", ".join(f"{key}: {value}" for key, value in by.model_dump(exclude_defaults=True).items())
            yield ChecklistStepDone(run=run.context.run, at=run.context.now, checklist=name, step=step, read=read)


def _record(run: PreparedRun, entries: Sequence[Entry], tenants: Mapping[str, str]) -> None:
    journal = Journal(run.ledger, run.context.run, run.context.now)
    journal.record_start(run.context, run.playbooks, tenants)
    for entry in entries:
        run.ledger.append(entry)
    journal.record_end(code=Exit.AS_WANTED, summary={}, unmanaged={})


def _checklist_status(
    run: PreparedRun, record: StartedChecklist, readings: Mapping[tuple[str, str], StepReading]
) -> ChecklistStatus:
    checklist = all_checklists(run.playbooks.checklists).get(record.name)
    forms = forms_by_step(checklist)
    steps = []
    for step, due in sorted(record.due.items(), key=lambda pair: [*forms, pair[0]].index(pair[0])):
        entry, reading = record.verified.get(step) or record.stated.get(step), readings.get((record.id, step))
        steps.append(
            StepStatus(
                step=step,
                state=_step_state(run, record, step, reading),
                due=due,
                text=forms[step].text if step in forms else "",
                owner=forms[step].owner if step in forms else "",
                by=entry.by if entry else "",
                on=_local_date(run, entry.at) if entry else None,
                reading=reading if step not in record.verified else None,
            )
        )
    return ChecklistStatus(
        id=record.id,
        name=record.name,
        title=checklist.title if checklist else "",
        started=_local_date(run, record.at),
        person=_address_of_person(run, record) or (FORGOTTEN if record.person else ""),
        stopped_by=record.stopped.by if record.stopped else "",
        steps=steps,
    )


def _step_state(run: PreparedRun, record: StartedChecklist, step: str, reading: StepReading | None) -> ProgressState:
    if step in record.verified:
        return ProgressState.VERIFIED
    if step in record.stated:
        contradicted = reading is not None and reading.state is ReadingState.NOT_YET
        return ProgressState.CONTRADICTED if contradicted else ProgressState.STATED
    return ProgressState.OVERDUE if step in record.overdue(_today(run)) else ProgressState.OPEN


def _find_open(run: PreparedRun, name: str) -> StartedChecklist:
    started = started_checklists(run.ledger)
    if name not in started:
        raise UsageError(f"no checklist {quoted(name)} was started{did_you_mean(name, started)}")
    if not started[name].open:
        raise UsageError(f"{name} is finished, or was stopped: `toolkit checklist status {name}` shows it")
    return started[name]


def _address_of_person(run: PreparedRun, record: StartedChecklist) -> str | None:
    """Return the person's address, "" if it was forgotten, or None if the checklist is not about a person."""
    return (Pseudonyms(run.ledger).address(record.person) or "") if record.person else None


def _role_in_school_file(run: PreparedRun, by: str) -> str:
    if MAIL.search(by) or not by.strip():
        raise UsageError("--by: name the role that did it, such as 'School Business Manager', and not a person")
    return claimed_role("--by", by, run.playbooks.school)


def _local_date(run: PreparedRun, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(run.playbooks.school.time_zone)).date()


def _today(run: PreparedRun) -> date:
    return _local_date(run, run.context.now)
