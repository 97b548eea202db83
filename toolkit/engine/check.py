"""Check a school: confirmations of manual steps, findings in its tenants, and expiry dates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from toolkit.controls.control import controls
from toolkit.engine.check_canaries import check_canaries
from toolkit.engine.context import RunContext
from toolkit.engine.count_devices import add_device_counts
from toolkit.engine.desired_state import (
    cloud_catalogues,
    limit_to_provider,
    limit_to_schools,
    read_needed_directories,
    read_signals,
)
from toolkit.engine.extension import TenantSignals
from toolkit.engine.journal import Journal
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.read_expiry_board import read_expiry_board
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.report_json import JsonReport
from toolkit.engine.run_report import exit_of_unknown, worst
from toolkit.engine.runs import read_ledger_records
from toolkit.engine.tenants import Tenants, open_tenants
from toolkit.errors import Exit, ServiceError
from toolkit.planning.audience.reach import count_people_at_last_apply
from toolkit.planning.checks.accounts_of_no_school import find_accounts_of_no_school
from toolkit.planning.checks.expiry import BoardState, ExpiryEntry
from toolkit.planning.checks.findings import (
    ControlFinding,
    Inquiry,
    find_control_problems,
    findings_on_parts_left_to_people,
    findings_on_unreachable_provider,
    list_inquiries,
    select_findings,
)
from toolkit.planning.expand import Expansion, expand
from toolkit.planning.mail_flow.canaries import CanaryResult, CanaryState
from toolkit.planning.misplaced import refuse_misplaced_confirmations
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.verdicts.judge import RunEvidence, judge_parts
from toolkit.planning.verdicts.use import controls_with_uncounted_devices, replace_unused_findings
from toolkit.playbook.entries import OpenChoice, Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.check import AUDIENCE_UNREAD, AudienceUnread, Check, CheckOccasion, Finding, Status, unread_finding
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.providers import checks, cloud_titles, kinds, providers
from toolkit.sdk.reason import reason_of
from toolkit.sdk.verdict import Verdict

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


_CANARIES = {CanaryState.FAILED: Exit.PENDING, CanaryState.UNKNOWN: Exit.UNREAD}
_EXPIRED = {BoardState.ENDED: Exit.PENDING, BoardState.UNKNOWN: Exit.UNREAD}


@dataclass(frozen=True, slots=True)
class CheckReport(JsonReport):
    """The report of a check of a school's controls."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    today: date  # in the school's time zone
    findings: Sequence[ControlFinding]
    controls: Sequence[RealisedControl] = ()
    board: Sequence[ExpiryEntry] = ()  # expiry dates, the most urgent first
    canaries: Sequence[CanaryResult] = ()  # messages that must get through the mail rules or must be stopped

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """Return the verdict on each part of the controls.

        A check reads no settings, so no verdict is about settings.
        """
        now = self.context.now.astimezone(ZoneInfo(self.playbooks.school.time_zone))
        evidence = RunEvidence(controls=self.controls, findings=self.findings, titles=cloud_titles(), now=now)
        return judge_parts(evidence)

    @property
    def summary(self) -> Mapping[str, int]:
        """Return the number of findings by status, and the number of choices that the school still has to make."""
        statuses = [finding.finding.status for finding in self.findings]
        counts = {str(status): statuses.count(status) for status in Status}
        return {**counts, "undecided": len(self.open_choices)}

    @property
    def open_choices(self) -> Sequence[OpenChoice]:
        """Return the choices in the playbooks that the school still has to make.

        If controls are selected, only the choices of these controls are returned.
        """
        only = set(self.context.only)
        choices = self.playbooks.open_choices
        if not only:
            return choices
        return [choice for choice in choices if {control.name for control in choice.waiting} & only]

    @property
    def leaves_out_expiry_dates(self) -> bool:
        """Return whether the report has no expiry dates, because only some controls were checked."""
        registers = self.playbooks.registers
        return bool(self.context.only) and bool(registers.board or registers.expires)

    @property
    def exit(self) -> Exit:
        """Return the exit code of the check. Manual and unavailable parts of controls do not count as failures."""
        codes = [Exit.PENDING for finding in self.findings if finding.finding.status is Status.FAIL]
        unknown = [finding for finding in self.findings if finding.finding.status is Status.UNKNOWN]
        codes += [exit_of_unknown(finding.finding.reason, finding.people_before) for finding in unknown]
        uncounted = [Exit.UNREAD] if controls_with_uncounted_devices(self.controls) else []
        expired = (_EXPIRED[entry.state] for entry in self.board if entry.state in _EXPIRED)
        codes += [_CANARIES[result.state] for result in self.canaries if result.state in _CANARIES]
        return worst([*codes, *uncounted, *expired])


def check_school(context: RunContext, playbooks: Playbooks, ledger: "Ledger") -> CheckReport:
    """Check a school, record the check in the ledger, and return the findings and the expiry dates."""
    journal = Journal(ledger, context.run, context.now)
    playbooks = limit_to_schools(limit_to_provider(playbooks, context.provider))
    today = context.now.astimezone(ZoneInfo(playbooks.school.time_zone)).date()
    select_findings((), playbooks, context.only)  # raises for an unknown control before anyone signs in
    with open_tenants(
        playbooks.school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        control_findings, realised = read_findings(
            context, playbooks, reached, today, read_ledger_records(context, ledger)
        )
        board = () if context.only else read_expiry_board(context, playbooks, reached)
        canaries = () if context.only else check_canaries(context, playbooks, reached)
    chosen = [control for control in realised if not context.only or control.control in context.only]
    report = CheckReport(
        context,
        playbooks,
        reached.tenants,
        today,
        select_findings(control_findings, playbooks, context.only),
        controls=chosen,
        board=board,
        canaries=canaries,
    )
    journal.record_start(context, playbooks, report.tenants)
    journal.record_end(code=report.exit, summary=report.summary, unmanaged={})
    return report


def read_findings(
    context: RunContext,
    playbooks: Playbooks,
    tenants: Tenants,
    today: date,
    ledger_state: LedgerState,
    *,
    survey: TenantSurvey | None = None,
) -> tuple[list[ControlFinding], list[RealisedControl]]:
    """Return the findings on every control, and the controls with their parts on each cloud.

    If a survey is given, its directories and its unavailable kinds are used.
    """
    survey_expansion = Expansion((), survey.plan.controls, survey.plan.unknown) if survey else None
    by_school = survey_expansion or expand(playbooks, cloud_catalogues([]), controls())
    realised = list(by_school.controls)
    control_findings = [
        finding
        for name, error in tenants.unreached.items()
        for finding in findings_on_unreachable_provider(name, playbooks, reason_of(error))
    ]
    directories = (
        survey.directories
        if survey
        else read_needed_directories(playbooks, tenants.connections, ledger_state, context.progress)
    )
    signals_by_provider = read_signals(
        playbooks, directories, tenants.connections, ledger_state, now=context.now, progress=context.progress
    )
    for name, signals in signals_by_provider.items():
        directory = directories[name]
        expansion = survey_expansion or _expand_for_provider(name, playbooks, directory, signals, context.now)
        if not survey_expansion:
            realised += [control for control in expansion.controls if control.provider == name]
        if not context.only and not playbooks.slices.selection:
            control_findings += find_accounts_of_no_school(name, playbooks, directory)
        earlier_people = _people_at_last_apply(name, ledger_state)
        control_findings += find_control_problems(
            name, playbooks, expansion, directory, today, people_at_last_apply=earlier_people
        )
        control_inquiries = list_inquiries(name, playbooks, expansion, directory, checks(name))
        control_findings += run_checks(
            name,
            playbooks.school,
            control_inquiries,
            tenants.connections[name],
            context,
            other_domains=playbooks.slices.other_domains,
        )
        for extension in ledger_state.extensions:
            control_findings += extension.findings(name, playbooks, signals, today)
    if not survey:
        school, connections = playbooks.school, tenants.connections
        realised = list(add_device_counts(realised, school, connections, directories, only=context.only))
    control_findings += findings_on_parts_left_to_people(SCHOOL, playbooks, by_school, today)
    for extension in ledger_state.extensions:
        control_findings += extension.findings_of_school(playbooks, signals_by_provider, today)
    return list(replace_unused_findings(control_findings, realised)), realised


def _expand_for_provider(
    provider: str, playbooks: Playbooks, directory: Directory, signals: TenantSignals, now: datetime
) -> Expansion:
    expansion = expand(
        limit_to_provider(playbooks, provider),
        cloud_catalogues([provider]),
        controls(),
        {provider: directory},
        signals={provider: signals},
        now=now,
    )
    refuse_misplaced_confirmations(playbooks, expansion.controls)
    return expansion


def _people_at_last_apply(provider: str, ledger_state: LedgerState) -> Mapping[str, int]:
    known_objects = {
        address: known_object
        for address, known_object in ledger_state.known_objects.items()
        if address.provider == provider
    }
    return count_people_at_last_apply(known_objects, kinds(provider))


NOT_READ = "the tenant's response"
"""The subject of a finding if the tenant's response could not be read."""


def run_checks(
    provider: str,
    school: School,
    inquiries: Iterable[Inquiry],
    connection: Connection,
    context: RunContext,
    *,
    other_domains: frozenset[str] = frozenset(),
) -> Iterator[ControlFinding]:
    """Run each control's check and yield the findings.

    If a check cannot read its subject, its finding has the status unknown.
    """
    for inquiry in inquiries:
        if context.only and inquiry.control not in context.only:
            continue
        occasion = CheckOccasion(school, inquiry.scope, context.now, inquiry.people_by_role, other_domains)
        for finding in _run_check_safely(checks(provider)[inquiry.control], inquiry, occasion, connection):
            if finding.reason != _FOR_WHOM:  # the control has a finding with this reason already
                yield inquiry.to_control_finding(provider, finding)
        context.progress(f"checked {inquiry.control} on {provider}")


_FOR_WHOM = reason_of(AudienceUnread(AUDIENCE_UNREAD))


def _run_check_safely(
    check: Check[Any], inquiry: Inquiry, occasion: CheckOccasion, connection: Connection
) -> Sequence[Finding]:
    findings = attempt(inquiry.control, lambda: list(check(inquiry.settings, occasion, connection)))
    if isinstance(findings, ServiceError):
        return [unread_finding(NOT_READ, findings)]
    return findings
