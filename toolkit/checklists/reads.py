"""Verify checklist steps with accounts, findings of controls, the expiry board and records."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from toolkit.checklists.model import ReadingState, StepReading
from toolkit.controls.control import controls
from toolkit.engine.check import read_findings, run_checks
from toolkit.engine.context import RunContext
from toolkit.engine.desired_state import cloud_catalogues, limit_to_provider, read_needed_directories
from toolkit.engine.read_expiry_board import read_expiry_board
from toolkit.engine.runs import read_ledger_records
from toolkit.engine.tenants import Tenants, open_tenants
from toolkit.errors import ServiceError
from toolkit.planning.checks.expiry import BoardState
from toolkit.planning.checks.findings import ControlFinding, Inquiry, list_inquiries
from toolkit.planning.expand import expand
from toolkit.playbook.checklists import VerifiedBy
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.directory import Directory, Person, Scope
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.providers import checks, providers
from toolkit.sdk.reason import admin_text

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_STATES = {Status.PASS: ReadingState.VERIFIED, Status.FAIL: ReadingState.NOT_YET}
_WORST = (ReadingState.NOT_YET, ReadingState.UNKNOWN, ReadingState.VERIFIED)
_NO_ACCOUNT = StepReading(ReadingState.UNKNOWN, "no account has this address")
_FORGOTTEN = StepReading(ReadingState.UNKNOWN, "the person's address is no longer known")


@dataclass(frozen=True, slots=True)
class AskedStep:
    """A step to verify, with the facts to read, the person it is about, and the earliest date of a valid record."""

    by: VerifiedBy
    person: str | None  # "" if the address was forgotten, None if the checklist is not about a person
    since: date


@dataclass(slots=True)
class _Reader:
    """The data that was read from the school's tenants, and the result for each checklist step."""

    playbooks: Playbooks
    today: date
    people: Mapping[str, Directory] = field(default_factory=dict)
    unreached_reasons: Mapping[str, str] = field(default_factory=dict)
    school_findings: Sequence[ControlFinding] = ()
    findings_of_people: Mapping[str, Mapping[str, Sequence[ControlFinding]]] = field(default_factory=dict)
    covered_people: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    expired: StepReading | None = None

    def read(self, step: AskedStep) -> StepReading:
        """Return the worst of the results for a step, with the reasons for it."""
        readings = list(self._results_of_step(step))
        state = min((reading.state for reading in readings), key=_WORST.index)
        texts = [reading.told for reading in readings if reading.state is state]
        return StepReading(state, "; ".join(dict.fromkeys(texts)))

    def _results_of_step(self, step: AskedStep) -> Iterator[StepReading]:
        by = step.by
        if step.person == "" and (by.account or by.control):
            yield _FORGOTTEN
            return
        if by.account and step.person:
            yield from self._account_results(step.person, blocked=by.account == "blocked")
        if by.control:
            yield from self._person_results(by, step.person) if step.person else self._school_results(by)
        if by.expiry and self.expired:
            yield self.expired
        if by.record:
            yield self._record_result(by.record, step.since)

    def _account_results(self, address: str, *, blocked: bool) -> Iterator[StepReading]:
        yield from (
            StepReading(ReadingState.UNKNOWN, f"{_cloud_title(name)}: {why}")
            for name, why in self.unreached_reasons.items()
        )
        for name, directory in self.people.items():
            if why := directory.unknown.get("people"):
                yield StepReading(ReadingState.UNKNOWN, f"{_cloud_title(name)}: {why}")
            elif person := _find_account(address, directory):
                word = "enabled" if person.enabled else "blocked"
                state = ReadingState.NOT_YET if person.enabled is blocked else ReadingState.VERIFIED
                yield StepReading(state, f"the account is {word} on {_cloud_title(name)}")
        if not any(_find_account(address, directory) for directory in self.people.values()):
            yield _NO_ACCOUNT

    def _school_results(self, by: VerifiedBy) -> Iterator[StepReading]:
        findings = [
            finding
            for finding in self.school_findings
            if finding.control == by.control and _is_about(finding, by.subject)
        ]
        for finding in findings:
            state = _STATES.get(finding.finding.status, ReadingState.UNKNOWN)
            what = f"{finding.finding.subject} on {_cloud_title(finding.provider)}"
            yield StepReading(state, f"{what}: {admin_text(finding.finding.reason)}")
        if not findings:
            yield self._no_result(by)

    def _person_results(self, by: VerifiedBy, address: str) -> Iterator[StepReading]:
        """Yield the results of a control for a person, without the names of other people."""
        control, answered = by.control or "", False
        yield from (
            StepReading(ReadingState.UNKNOWN, f"{_cloud_title(name)}: {why}")
            for name, why in self.unreached_reasons.items()
        )
        for name, findings in self.findings_of_people.get(control, {}).items():
            if address not in self.covered_people[control][name]:
                continue
            for answer in (answer for answer in findings if _is_about(answer, by.subject)):
                answered = True
                state = _STATES.get(answer.finding.status, ReadingState.UNKNOWN)
                if state is ReadingState.NOT_YET and not _may_be_about(address, answer.finding):
                    state = ReadingState.VERIFIED
                yield StepReading(state, f"{answer.finding.subject} on {_cloud_title(name)}: {_SAYS[state]}")
        if not answered:
            yield self._no_result(by)

    def _no_result(self, by: VerifiedBy) -> StepReading:
        is_requested = by.control in self.playbooks.control_names
        why = "the check has no result for it" if is_requested else "no playbook asks for it"
        return StepReading(ReadingState.UNKNOWN, f"{by.control}{f', {by.subject}' if by.subject else ''}: {why}")

    def _record_result(self, name: str, since: date) -> StepReading:
        for record in self.playbooks.registers.records:
            counts = since <= record.on <= self.today <= record.until
            if record.record == name and counts and record.result != "failed":
                return StepReading(ReadingState.VERIFIED, f"{name} was recorded by {record.by} on {record.on}")
        return StepReading(ReadingState.NOT_YET, f"{name}: no valid record since {since}")


def _cloud_title(provider: str) -> str:
    return providers()[provider].title if provider in providers() else "the school"


_SAYS = {
    ReadingState.VERIFIED: "done for this person",
    ReadingState.NOT_YET: "not done yet for this person",
    ReadingState.UNKNOWN: "could not be read",
}


def read_steps(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", steps: Sequence[AskedStep]
) -> tuple[Sequence[StepReading], Mapping[str, str]]:
    """Return the result for each step, and the ids of the tenants. No tenant is read if no step needs it."""
    reader = _Reader(playbooks, context.now.astimezone(ZoneInfo(playbooks.school.time_zone)).date())
    if not any(step.by.account or step.by.control or step.by.expiry for step in steps):
        return [reader.read(step) for step in steps], {}
    with open_tenants(
        playbooks.school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        reader.unreached_reasons = {name: str(error) for name, error in reached.unreached.items()}
        _read_school(context, ledger, reached, steps, reader)
        _read_people(context, ledger, reached, steps, reader)
        if any(step.by.expiry for step in steps):
            reader.expired = _read_expiry_board(context, playbooks, reached)
        return [reader.read(step) for step in steps], reached.tenants


def _read_school(
    context: RunContext, ledger: "Ledger", reached: Tenants, steps: Sequence[AskedStep], reader: _Reader
) -> None:
    names = {step.by.control for step in steps if step.by.control and step.person is None}
    requested = reader.playbooks.control_names
    if only := tuple(sorted(name for name in names if name in requested)):
        narrowed = replace(context, only=only)
        reader.school_findings, _ = read_findings(
            narrowed, reader.playbooks, reached, reader.today, read_ledger_records(narrowed, ledger)
        )


def _read_people(
    context: RunContext, ledger: "Ledger", reached: Tenants, steps: Sequence[AskedStep], reader: _Reader
) -> None:
    """Read the accounts of all people named in the steps, and the findings about these people."""
    addresses = {step.person for step in steps if step.person}
    if not addresses:
        return
    people = {name: _read_people_directory(connection) for name, connection in reached.connections.items()}
    reader.people = people
    control_names = {control for step in steps if (control := step.by.control) and step.person}
    if not control_names:
        return
    findings: dict[str, dict[str, Sequence[ControlFinding]]] = {name: {} for name in control_names}
    covered: dict[str, dict[str, frozenset[str]]] = {name: {} for name in control_names}
    directories = read_needed_directories(
        reader.playbooks, reached.connections, read_ledger_records(context, ledger), context.progress
    )
    for name, directory in directories.items():
        of_one = limit_to_provider(reader.playbooks, name)
        expansion = expand(of_one, cloud_catalogues([name]), controls(), {name: directory}, now=context.now)
        for inquiry in list_inquiries(name, of_one, expansion, directory, control_names & checks(name).keys()):
            if inquiry.scope is None:
                continue
            narrowed, whom = _limit_to_people(inquiry, inquiry.scope, addresses, people[name])
            answers = list(run_checks(name, reader.playbooks.school, [narrowed], reached.connections[name], context))
            findings[inquiry.control][name] = [*findings[inquiry.control].get(name, ()), *answers]
            covered[inquiry.control][name] = covered[inquiry.control].get(name, frozenset()) | whom
    reader.findings_of_people, reader.covered_people = findings, covered


def _read_people_directory(connection: Any) -> Directory:
    directory: Directory | ServiceError = attempt("directory", lambda: connection.directory(people=True, groups=()))
    return Directory(unknown={"people": str(directory)}) if isinstance(directory, ServiceError) else directory


def _limit_to_people(
    inquiry: Inquiry, scope_before: Scope, addresses: Collection[str], directory: Directory
) -> tuple[Inquiry, frozenset[str]]:
    """Return an inquiry about only the people with these addresses, and the people whom its findings cover.

    For the control about leavers these are the people with a closed account, otherwise the people in its audience.
    """
    audience = scope_before.audience
    people = tuple(person for person in audience.people if person.address.casefold() in addresses)
    closed = {person.address.casefold() for person in directory.people.values() if not person.enabled}
    settings = inquiry.settings
    if "names" in type(settings).model_fields:
        settings = settings.model_copy(update={"names": "listed"})
    scope = replace(scope_before, audience=replace(audience, people=people), pilot=None)
    of_leavers = inquiry.control == _LEAVERS
    whom = closed & {*addresses} if of_leavers else {person.address.casefold() for person in people}
    return replace(inquiry, settings=settings, scope=scope), frozenset(whom)


_LEAVERS = "data.leaver_handover"


def _find_account(address: str, directory: Directory) -> Person | None:
    return next((person for person in directory.people.values() if person.address.casefold() == address), None)


def _is_about(finding: ControlFinding, subject: str | None) -> bool:
    return subject in {None, finding.finding.subject, finding.part.name if finding.part else None}


def _may_be_about(address: str, finding: Finding) -> bool:
    """Return whether a finding may concern a person. A finding that does not list people may concern anyone."""
    return finding.who is None or address in {name.casefold() for name in finding.who}


def _read_expiry_board(context: RunContext, playbooks: Playbooks, reached: Tenants) -> StepReading:
    board = read_expiry_board(context, playbooks, reached)
    ended = [entry.what for entry in board if entry.state is BoardState.ENDED]
    unread = [entry.what for entry in board if entry.state is BoardState.UNKNOWN]
    if ended:
        return StepReading(ReadingState.NOT_YET, f"expired: {', '.join(ended)}")
    if unread or not board:
        return StepReading(ReadingState.UNKNOWN, f"not read: {', '.join(unread) or 'no register has such an entry'}")
    return StepReading(ReadingState.VERIFIED, "nothing has expired")
