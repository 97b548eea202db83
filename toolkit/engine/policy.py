"""Work out the status of each policy clause by reading the tenants again.

Nothing is written to a tenant, and no one is named.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.engine.check import read_findings
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.read_tenants import read_directories
from toolkit.engine.refresh import TenantSurvey, open_survey
from toolkit.engine.report_json import JsonReport
from toolkit.engine.run_report import worst
from toolkit.engine.runs import read_ledger_records
from toolkit.engine.tenants import Tenants
from toolkit.errors import Exit, UsageError
from toolkit.messages import did_you_mean, quoted
from toolkit.planning.checks.findings import ControlFinding, findings_on_unreachable_provider
from toolkit.planning.misplaced import find_unserved_clauses, refuse_unknown_parts
from toolkit.planning.policy.document_link import check_document_link
from toolkit.planning.policy.facts import RunResults, collect_facts, find_undecided_clauses
from toolkit.planning.policy.page import NO_POLICY, Fact, Page, find_page_problems, read_page
from toolkit.planning.policy.statuses import (
    ClauseStanding,
    ClauseStatus,
    PastStatuses,
    StatusGrounds,
    find_status_periods,
    work_out_status,
)
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.playbook.policy_entries import Clause, Evidence
from toolkit.records import dataclass
from toolkit.sdk.providers import cloud_titles
from toolkit.sdk.reason import Reason, admin_text
from toolkit.sdk.served_file import read_served_file
from toolkit.sdk.verdict import FactVerdict

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


STATUS_COMMANDS = ("policy", "audit export")
"""The commands that record the status of the clauses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReport(JsonReport):
    """The report on a policy: the status of each clause."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    now: datetime  # in the school's time zone
    looked: RunResults
    page: Page | None  # of the document's control, as it counts today
    first: Sequence[Reason]  # overdue and empty parts of the document, which come first
    statuses: Sequence[ClauseStatus]  # one for each clause, in the order of the files
    unmentioned: Sequence[Clause]
    evidence_since: datetime  # the first entry of the ledger, or this run
    people: frozenset[str] = frozenset()  # the names of everyone in the directories that were read

    @property
    def summary(self) -> Mapping[str, int]:
        """Return the number of clauses with each status."""
        counted = Counter(status.status for status in self.statuses)
        return {str(standing): counted[standing] for standing in ClauseStanding}

    @property
    def failing_and_unread_counts(self) -> Mapping[str, int]:
        """Return the number of clauses that certainly fail, and the number of clauses that could not be read
        completely.
        """
        verdicts = [{fact.verdict for fact in status.evidence} for status in self.statuses]
        return {
            "failing": sum(
                bool(clause_verdicts & {FactVerdict.FAILS, FactVerdict.IN_PART}) for clause_verdicts in verdicts
            ),
            "unread": sum(FactVerdict.UNREAD in clause_verdicts for clause_verdicts in verdicts),
        }

    @property
    def status_words(self) -> Mapping[str, str]:
        """Return the status of each policy clause as a word, by the clause's name."""
        return {status.clause.name: str(status.status) for status in self.statuses}

    @property
    def failed_verdicts(self) -> Mapping[str, Mapping[str, str]]:
        """Return the facts that each clause fails, with the verdict on each fact.

        Clauses that do not fail any are left out.
        """
        return {
            status.clause.name: status.failed_verdict_texts for status in self.statuses if status.failed_verdict_texts
        }

    def select_clause(self, name: str) -> "PolicyReport":
        """Return the report on a single clause. Raise UsageError if the policy does not have the clause."""
        statuses = [status for status in self.statuses if status.clause.name == name]
        if not statuses:
            close = did_you_mean(name, self.status_words)
            raise UsageError(f"{quoted(name)} is neither a playbook folder nor a clause of the policy{close}")
        return replace(self, statuses=statuses, unmentioned=())

    @property
    def exit(self) -> Exit:
        """Return the exit code of the report. Manual and unavailable parts of controls do not count as failures."""
        failing, unread = self.failing_and_unread_counts.values()
        return worst([*([Exit.PENDING] if failing or self.first else []), *([Exit.UNREAD] if unread else [])])


@dataclass(frozen=True, slots=True)
class PolicyReading:
    """The readings of a run's tenants, from which the policy is judged. A school of a trust may need several."""

    context: RunContext
    ledger: "Ledger"
    playbooks: Playbooks  # of the run, before they are limited to a school
    results: RunResults
    tenants: Mapping[str, str]
    people: frozenset[str]

    def record(self, report: PolicyReport) -> None:
        """Record the run in the ledger with the status of each clause."""
        journal = Journal(self.ledger, self.context.run, self.context.now)
        journal.record_start(self.context, self.playbooks, self.tenants)
        journal.record_end(
            code=report.exit,
            summary=report.summary,
            unmanaged={},
            statuses=report.status_words,
            lacking=report.failed_verdicts,
        )


def refuse_missing_policy(playbooks: Playbooks) -> None:
    """Raise UsageError if there is no policy."""
    if not playbooks.policy.clauses:
        raise UsageError(f"{playbooks.root}: {admin_text(NO_POLICY())}")


def run_policy_report(context: RunContext, playbooks: Playbooks, ledger: "Ledger") -> PolicyReport:
    """Read the tenants, record the run in the ledger, and return the status of each policy clause.

    Raise UsageError if there is no policy.
    """
    refuse_missing_policy(playbooks)
    reading = read_for_policy(context, playbooks, ledger)
    report = judge_policy([reading], reading.results)
    reading.record(report)
    return report


def read_for_policy(
    context: RunContext,
    playbooks: Playbooks,
    ledger: "Ledger",
    use_survey: Callable[[TenantSurvey], None] = lambda _: None,
) -> PolicyReading:
    """Read the tenants to judge the policy. Nothing is recorded.

    `use_survey` is called with the survey while the connections are open. Of a trust, the playbooks must have one
    selected school, and only its slice is judged. Otherwise UsageError is raised.
    """
    begun = playbooks
    if playbooks.slices.schools:
        from toolkit.engine.judged_slice import prepare_for_one_school

        playbooks = prepare_for_one_school(playbooks)
    ledger_state = read_ledger_records(context, ledger)
    now = context.now.astimezone(ZoneInfo(playbooks.school.time_zone))
    with open_survey(context, playbooks, ledger_state) as survey:
        people = _names_of_people(survey)
        reached = Tenants(survey.connections, survey.tenants, {})
        judged = survey.playbooks
        if judged.slices.schools:
            from toolkit.engine.judged_slice import limit_to_judged_school

            judged = limit_to_judged_school(judged)
        findings, controls = read_findings(
            context, hide_names_in_playbooks(judged), reached, now.date(), ledger_state, survey=survey
        )
        if not judged.slices.schools:  # a part may be on a cloud that only another tenant of the trust has
            refuse_unknown_parts(judged, controls)
        looked = RunResults(
            playbooks=judged,
            plan=survey.plan,
            findings=[*findings, *_findings_on_unreached_clouds(survey, judged)],
            controls=controls,
            titles=cloud_titles(),
            now=now,
            link=_check_link(context, playbooks, now),
            overdue_exceptions=[m for result in survey.results for m in result.due_changes if m.exception and m.ended],
        )
        tenants = survey.tenants
        use_survey(survey)
    return PolicyReading(context, ledger, begun, looked, tenants, people)


def judge_policy(readings: Sequence[PolicyReading], results: RunResults) -> PolicyReport:
    """Return the status of each policy clause. `results` has the readings of all tenants together."""
    playbooks, now = results.playbooks, results.now
    grounds, first = _collect_status_grounds(playbooks, now, [reading.ledger for reading in readings])
    clauses, page = playbooks.policy.clauses, read_page(playbooks, now.date())
    return PolicyReport(
        context=readings[0].context,
        playbooks=playbooks,
        tenants={name: tenant for reading in readings for name, tenant in reading.tenants.items()},
        now=now,
        looked=results,
        page=page,
        first=find_page_problems(page, now.date()) if clauses else [NO_POLICY()],
        statuses=[work_out_status(clause, collect_facts(clause, results), grounds) for clause in clauses],
        unmentioned=find_unserved_clauses(playbooks),
        evidence_since=(first or now).astimezone(now.tzinfo),
        people=frozenset().union(*(reading.people for reading in readings)),
    )


def _check_link(context: RunContext, playbooks: Playbooks, now: datetime) -> Fact | None:
    """Test whether the policy document can be downloaded, and return the result as a fact.

    Return None if no clause accepts its link as evidence.
    """
    is_linked = any(Evidence.LINK in clause.evidence for clause in playbooks.policy.clauses)
    if not is_linked:
        return None
    read = partial(read_served_file, ca_file=context.target.ca_file)
    return check_document_link(playbooks.policy.document, read, now, live=context.target.live)


def _names_of_people(survey: TenantSurvey) -> frozenset[str]:
    directories = survey.directories.values()
    has_people = any(directory.people or "people" in directory.unknown for directory in directories)
    more = {} if has_people else read_directories(survey.connections, {}, people=True)
    return frozenset(
        person.name for directory in (*directories, *more.values()) for person in directory.people.values()
    )


def _findings_on_unreached_clouds(survey: TenantSurvey, playbooks: Playbooks) -> Iterator[ControlFinding]:
    """Yield a finding with the status unknown for every control on a cloud that could not be reached."""
    for unknown in survey.plan.unknown:
        if unknown.kind in playbooks.school.tenants:
            yield from findings_on_unreachable_provider(unknown.kind, playbooks, unknown.reason)


def _collect_status_grounds(
    playbooks: Playbooks, now: datetime, ledgers: Sequence["Ledger"]
) -> tuple[StatusGrounds, datetime | None]:
    """Return the records of earlier runs that affect the status of clauses, and the time of the first entry.

    Of a school of a trust, only the school's own reports count.
    """
    grounds = StatusGrounds(
        now=now, providers=list(playbooks.school.tenants), pending_decisions=find_undecided_clauses(playbooks)
    )
    existing = [ledger for ledger in ledgers if ledger.exists()]
    if not existing:
        return grounds, None
    from toolkit.ledger.change_history import last_resolution_times, oldest_open_finding_times
    from toolkit.ledger.memory import LedgerMemory

    memories = [LedgerMemory(ledger) for ledger in existing]
    covered = playbooks.slices.covered_schools
    ended = (run.ended for run in memories[0].runs_of(STATUS_COMMANDS) if run.ended and run.ended.statuses)
    full_grounds = replace(
        grounds,
        before=find_status_periods(
            PastStatuses(at=run_end.at, statuses=run_end.statuses) for run_end in ended if run_end.schools == covered
        ),
        last_corrected={address: record.at for memory in memories for address, record in memory.all().items()},
        last_resolved={address: at for ledger in existing for address, at in last_resolution_times(ledger).items()},
        oldest_open_finding={
            address: at for ledger in existing for address, at in oldest_open_finding_times(ledger).items()
        },
    )
    firsts = (next((entry.at for _, entry in ledger.entries()), None) for ledger in existing)
    return full_grounds, min((first for first in firsts if first), default=None)


_NAMES, _NONE = "names", "none"


def hide_names_in_playbooks(playbooks: Playbooks) -> Playbooks:
    """Return the playbooks with `names: listed` removed, so that no report names a person."""
    changed: dict[int, ControlEntry] = {}

    def hide_names_in_entry(entry: ControlEntry) -> ControlEntry:
        if getattr(entry.settings, _NAMES, _NONE) != _NONE:
            changed[id(entry)] = replace(entry, settings=entry.settings.model_copy(update={_NAMES: _NONE}))
        return changed.get(id(entry), entry)

    def hide_names_in_playbook(playbook: Playbook) -> Playbook:
        return replace(playbook, controls=tuple(map(hide_names_in_entry, playbook.controls)))

    nameless = tuple(map(hide_names_in_playbook, playbooks.playbooks))
    departures = tuple(
        replace(departure, entry=changed.get(id(departure.entry), departure.entry))
        for departure in playbooks.departures
    )
    return replace(playbooks, playbooks=nameless, departures=departures)
