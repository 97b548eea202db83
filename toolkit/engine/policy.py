"""The status of each clause of the policy, from one fresh read that writes nothing and names no one.

And whether the policy document opens at its address.
"""

import hashlib
import ssl
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from toolkit.engine.check import found_out
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.reach import read_directories
from toolkit.engine.refresh import Survey, surveyed
from toolkit.engine.report_json import JsonReport
from toolkit.engine.run_report import worst
from toolkit.engine.runs import recall
from toolkit.engine.tenants import Tenants
from toolkit.errors import Exit, UsageError
from toolkit.planning.checks.findings import ControlFinding, unreached
from toolkit.planning.misplaced import refuse_unknown_parts, unmentioned
from toolkit.planning.policy.facts import RunResults, facts_of, undecided
from toolkit.planning.policy.page import NO_POLICY, NOBODY, Fact, Page, blanks, page_of
from toolkit.planning.policy.statuses import (
    ClauseStanding,
    ClauseStatus,
    PastStatuses,
    StatusGrounds,
    status_of,
    stretches,
)
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.playbook.policy_entries import Clause, Evidence, PolicyDocument
from toolkit.records import dataclass
from toolkit.sdk.connector import Target
from toolkit.sdk.providers import cloud_titles
from toolkit.sdk.reason import About, Reason, admin_text, same_words
from toolkit.sdk.verdict import FactVerdict, PartOutcome
from toolkit.yaml.messages import did_you_mean, quoted

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


_SECONDS = 20.0
_MOST = 20 * 1024 * 1024  # bytes
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSED = frozenset({401, 403})
_GONE = frozenset({404, 410})
_NO_LINK = same_words("no_policy_link", "no address of the policy document is on file")()
_PRACTICE = same_words("policy_link_practice", "a practice run opens addresses of this computer only")()
_SAME = same_words("policy_link_same", "the policy opens at its address and is the ratified file")()
_OTHER = same_words("policy_link_other", "the address of the policy serves another file than the ratified one")()
_NO_SUM = same_words("policy_link_no_sum", "the policy opens, and no checksum of the ratified file is on file")()
_SIGN_IN = same_words("policy_link_sign_in", "the address of the policy asks for a sign-in, so it was not compared")()
_FAILS = same_words("policy_link_gone", "the policy does not open at its address: it answers with {status}")
_NO_ANSWER = same_words("policy_link_unread", "the policy could not be read at its address: {why}")
_SAYS = same_words("policy_link_says", "read from the address of the policy")()


def read_link(document: PolicyDocument | None, target: Target, now: datetime) -> Fact:
    """Return what the address of the document serves today."""
    if document is None or document.link is None:
        outcome, reason = PartOutcome.UNCONFIRMED, _NO_LINK
    elif not target.live and urlsplit(document.link).hostname not in _HERE:
        outcome, reason = PartOutcome.NOT_LOOKED_AT, _PRACTICE
    else:
        outcome, reason = _looked(document.link, document.sha256, target)
    read = outcome in {PartOutcome.IN_PLACE, PartOutcome.DIFFERS}
    return Fact(
        outcome=outcome,
        reason=reason,
        says=_SAYS if read else NOBODY,
        seen=now if read else None,
        about=About("the link"),
    )


def _looked(link: str, ratified: str | None, target: Target) -> tuple[PartOutcome, Reason]:
    try:
        served, host = _opened(link, target)
    except urllib.error.HTTPError as error:
        return _refusal(error.code)
    except (OSError, HTTPException, ValueError) as error:
        return PartOutcome.UNKNOWN, _NO_ANSWER(why=str(getattr(error, "reason", error)))
    if ratified == served:
        return PartOutcome.IN_PLACE, _SAME
    if host != urlsplit(link).hostname:
        return PartOutcome.UNCONFIRMED, _SIGN_IN
    return (PartOutcome.DIFFERS, _OTHER) if ratified else (PartOutcome.UNCONFIRMED, _NO_SUM)


def _refusal(status: int) -> tuple[PartOutcome, Reason]:
    if status in _REFUSED:
        return PartOutcome.UNCONFIRMED, _SIGN_IN
    if status in _GONE:
        return PartOutcome.DIFFERS, _FAILS(status=str(status))
    return PartOutcome.UNKNOWN, _NO_ANSWER(why=f"it answers with {status}")


def _opened(link: str, target: Target) -> tuple[str, str | None]:
    """Return the checksum of what is served, and the host that served it."""
    trusted = ssl.create_default_context(cafile=str(target.ca_file) if target.ca_file else None)
    request = urllib.request.Request(link, headers={"User-Agent": "toolkit"})  # noqa: S310 - the form takes http alone
    with urllib.request.urlopen(request, timeout=_SECONDS, context=trusted) as answer:  # noqa: S310
        served = answer.read(_MOST + 1)
        if len(served) > _MOST:
            raise ValueError(f"it serves more than {_MOST // 1024**2} MB")
        return hashlib.sha256(served).hexdigest(), urlsplit(answer.url).hostname


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
    return read_link(playbooks.policy.document, context.target, now) if asked else None


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
