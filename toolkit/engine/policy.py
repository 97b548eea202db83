"""The status of each clause of the policy, from one fresh read that writes nothing and names no one."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.engine.check import found_out
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.read_tenants import read_directories
from toolkit.engine.refresh import Survey, surveyed
from toolkit.engine.report_json import JsonReport
from toolkit.engine.run_report import worst
from toolkit.engine.runs import recall
from toolkit.engine.tenants import Tenants
from toolkit.errors import Exit, UsageError
from toolkit.messages import did_you_mean, quoted
from toolkit.planning.checks.findings import ControlFinding, unreached
from toolkit.planning.misplaced import refuse_unknown_parts, unmentioned
from toolkit.planning.policy.document_link import judge_link
from toolkit.planning.policy.facts import RunResults, facts_of, undecided
from toolkit.planning.policy.page import NO_POLICY, Fact, Page, blanks, page_of
from toolkit.planning.policy.statuses import (
    ClauseStanding,
    ClauseStatus,
    PastStatuses,
    StatusGrounds,
    status_of,
    stretches,
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


SAYING = ("policy", "audit export")
"""The commands that record how the clauses stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReport(JsonReport):
    """Status of the policy."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    now: datetime  # in the school's time zone
    looked: RunResults
    page: Page | None  # of the document's control, as it counts today
    first: Sequence[Reason]  # what is overdue or blank in the document, said before anything else
    statuses: Sequence[ClauseStatus]  # one for each clause, in the order of the files
    unmentioned: Sequence[Clause]
    evidence_since: datetime  # the first entry of the ledger, or this run
    people: frozenset[str] = frozenset()  # the names of everybody in the directories, as far as they were read

    @property
    def summary(self) -> Mapping[str, int]:
        """Count the clauses by status; together they are all clauses."""
        counted = Counter(one.status for one in self.statuses)
        return {str(standing): counted[standing] for standing in ClauseStanding}

    @property
    def counts(self) -> Mapping[str, int]:
        """Count the clauses of which something is known to fail, and those of which something could not be read."""
        found = [{fact.verdict for fact in one.evidence} for one in self.statuses]
        return {
            "failing": sum(bool(one & {FactVerdict.FAILS, FactVerdict.IN_PART}) for one in found),
            "unread": sum(FactVerdict.UNREAD in one for one in found),
        }

    @property
    def words(self) -> Mapping[str, str]:
        """Give how each clause stands, in a word."""
        return {one.clause.name: str(one.status) for one in self.statuses}

    @property
    def lacking(self) -> Mapping[str, Mapping[str, str]]:
        """Give what of each clause does not hold, where there is anything."""
        return {one.clause.name: one.lacking for one in self.statuses if one.lacking}

    def of_clause(self, name: str) -> "PolicyReport":
        """Return the part about one clause; UsageError where the policy has none of that name."""
        statuses = [one for one in self.statuses if one.clause.name == name]
        if not statuses:
            close = did_you_mean(name, self.words)
            raise UsageError(f"{quoted(name)} is neither the playbooks nor a clause of their policy{close}")
        return replace(self, statuses=statuses, unmentioned=())

    @property
    def exit(self) -> Exit:
        """Say what it comes to, as `check` does: what is manual or unavailable is no failure."""
        failing, unread = self.counts.values()
        return worst([*([Exit.PENDING] if failing or self.first else []), *([Exit.UNREAD] if unread else [])])


def policy_run(context: RunContext, playbooks: Playbooks, ledger: "Ledger") -> PolicyReport:
    """Look at everything once, and say how each clause stands; UsageError where the playbooks hold no policy."""
    if not playbooks.policy.clauses:
        raise UsageError(f"{playbooks.root}: {admin_text(NO_POLICY())}")
    journal = Journal(ledger, context.run, context.now)
    report = looked_at(context, playbooks, ledger)
    journal.began(context, playbooks, report.tenants)
    journal.finished(
        code=report.exit, summary=report.summary, unmanaged={}, statuses=report.words, lacking=report.lacking
    )
    return report


def looked_at(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", beside: Callable[[Survey], None] = lambda _: None
) -> PolicyReport:
    """Look at everything once, and say how each clause stands; nothing is recorded.

    `beside` is shown what was found while the connections are open.
    """
    recalled = recall(context, ledger)
    now = context.now.astimezone(ZoneInfo(playbooks.school.time_zone))
    with surveyed(context, playbooks, recalled) as survey:
        people = _everybody(survey)
        reached = Tenants(survey.connections, survey.tenants, {})
        findings, controls = found_out(context, nameless(survey.playbooks), reached, now.date(), recalled, seen=survey)
        refuse_unknown_parts(survey.playbooks, controls)
        looked = RunResults(
            playbooks=survey.playbooks,
            plan=survey.plan,
            findings=[*findings, *_unreached(survey)],
            controls=controls,
            titles=cloud_titles(),
            now=now,
            link=_link(context, playbooks, now),
            overstayed=[m for result in survey.results for m in result.matters if m.exception and m.ended],
        )
        tenants = survey.tenants
        beside(survey)
    grounds, first = _grounds(survey.playbooks, now, ledger)
    clauses, page = playbooks.policy.clauses, page_of(playbooks, now.date())
    return PolicyReport(
        context=context,
        playbooks=survey.playbooks,
        tenants=tenants,
        now=now,
        looked=looked,
        page=page,
        first=blanks(page, now.date()) if clauses else [NO_POLICY()],
        statuses=[status_of(clause, facts_of(clause, looked), grounds) for clause in clauses],
        unmentioned=unmentioned(playbooks),
        evidence_since=(first or now).astimezone(now.tzinfo),
        people=people,
    )


def _link(context: RunContext, playbooks: Playbooks, now: datetime) -> Fact | None:
    """Open the document where a clause rests on its address."""
    asked = any(Evidence.LINK in clause.evidence for clause in playbooks.policy.clauses)
    if not asked:
        return None
    read = partial(read_served_file, ca_file=context.target.ca_file)
    return judge_link(playbooks.policy.document, read, now, live=context.target.live)


def _everybody(survey: Survey) -> frozenset[str]:
    known = survey.directories.values()
    asked = any(each.people or "people" in each.unknown for each in known)
    more = {} if asked else read_directories(survey.connections, {}, people=True)
    return frozenset(one.name for each in (*known, *more.values()) for one in each.people.values())


def _unreached(survey: Survey) -> Iterator[ControlFinding]:
    """Return for every control on a cloud that could not be reached that no one looked."""
    for unknown in survey.plan.unknown:
        if unknown.kind in survey.playbooks.school.tenants:
            yield from unreached(unknown.kind, survey.playbooks, unknown.reason)


def _grounds(playbooks: Playbooks, now: datetime, ledger: "Ledger") -> tuple[StatusGrounds, datetime | None]:
    """Return on what statuses rest, with what the ledger knows of the time before, and when its evidence begins."""
    grounds = StatusGrounds(now=now, providers=list(playbooks.school.tenants), undecided=undecided(playbooks))
    if not ledger.exists():
        return grounds, None
    from toolkit.ledger.change_history import astray, righted
    from toolkit.ledger.memory import LedgerMemory

    memory = LedgerMemory(ledger)
    ended = (run.ended for run in memory.runs_of(SAYING) if run.ended and run.ended.statuses)
    known = replace(
        grounds,
        before=stretches(PastStatuses(at=one.at, statuses=one.statuses) for one in ended),
        written={address: one.at for address, one in memory.all().items()},
        righted=righted(ledger),
        astray=astray(ledger),
    )
    return known, next((entry.at for _, entry in ledger.entries()), None)


_NAMES, _NONE = "names", "none"


def nameless(playbooks: Playbooks) -> Playbooks:
    """Give the playbooks with every `names: listed` as if nothing were said."""
    changed: dict[int, ControlEntry] = {}

    def entry(one: ControlEntry) -> ControlEntry:
        if getattr(one.settings, _NAMES, _NONE) != _NONE:
            changed[id(one)] = replace(one, settings=one.settings.model_copy(update={_NAMES: _NONE}))
        return changed.get(id(one), one)

    def playbook(one: Playbook) -> Playbook:
        return replace(one, controls=tuple(map(entry, one.controls)))

    kept = tuple(map(playbook, playbooks.playbooks))
    departures = tuple(replace(one, entry=changed.get(id(one.entry), one.entry)) for one in playbooks.departures)
    return replace(playbooks, playbooks=kept, departures=departures)
