"""Work out the status of a policy clause from the facts about the clause.

Manual clauses are decided first, then undecided clauses, known failures and unread facts. An unread fact never hides a
known failure, because both are reported. If a clause has a different status on two clouds, the worse status counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from toolkit.planning.policy.page import Fact
from toolkit.playbook.policy_entries import Clause, ClauseClass
from toolkit.records import dataclass
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import About, Reason, ReasonCode, admin_text, same_words
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import FactVerdict, PartOutcome

_MAX_AGE = timedelta(days=1)
"""The maximum age of a fact from a tenant. An older fact is unknown."""


_CONDUCT = ReasonCode(
    "kept_by_people",
    admin="this is staff conduct, which no computer can check. Lead: {owner}",
    governor="this is staff conduct, which no computer can check",
)
_NOTHING_LOOKS = same_words("nothing_looks_yet", "it is not checked yet")()
_TOO_OLD = same_words("looked_at_too_long_ago", "last checked on {day}, which is too long ago: {found}")


class ClauseStanding(StrEnum):
    """The possible statuses of a policy clause."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not met"
    EXCEPTED = "exception accepted"
    ON_FILE = "evidence on file"
    NOT_TECHNICAL = "not technical"
    NOT_CHECKED = "not checked"
    UNDECIDED = "decision needed"


WORST_FIRST = (
    ClauseStanding.NOT_MET,
    ClauseStanding.PARTLY,
    ClauseStanding.NOT_CHECKED,
    ClauseStanding.EXCEPTED,
    ClauseStanding.ON_FILE,
    ClauseStanding.MET,
)
"""Of two clouds, the status that is earlier here counts: first known failures, then unchecked clauses."""

_FAILED = frozenset({ClauseStanding.NOT_MET, ClauseStanding.PARTLY})
_WRONG = frozenset({*_FAILED, ClauseStanding.NOT_CHECKED})
_FAILS = frozenset({FactVerdict.FAILS, FactVerdict.IN_PART})

PASSING = frozenset({ClauseStanding.MET, ClauseStanding.ON_FILE, ClauseStanding.EXCEPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStatuses:
    """The statuses that an earlier run reported for all policy clauses."""

    at: datetime
    statuses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatusPeriod:
    """The latest status of a policy clause, and the date since which every run has reported this status."""

    status: str
    since: datetime
    last: datetime  # when the latest run reported it


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusGrounds:
    """The dates and decisions that affect the status of a policy clause in addition to the facts."""

    now: datetime
    providers: Sequence[str]  # the school's clouds
    pending_decisions: Mapping[str, Reason] = field(default_factory=dict)  # by clause, the decision that it waits for
    before: Mapping[str, StatusPeriod] = field(default_factory=dict)  # by clause
    last_corrected: Mapping[Address, datetime] = field(default_factory=dict)  # when a run last corrected an object
    last_resolved: Mapping[Address, datetime] = field(default_factory=dict)  # when an object was last resolved
    oldest_open_finding: Mapping[Address, datetime] = field(
        default_factory=dict
    )  # when an open difference was first found

    def differs_since(self, address: Address) -> datetime | None:
        """Return the time since which an object has differed from the playbooks, or None if a run has
        corrected it since then.
        """
        seen, written = self.oldest_open_finding.get(address), self.last_corrected.get(address)
        return seen if seen and not (written and written >= seen) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseStatus:
    """The status of a policy clause, with the reasons for it and their sources."""

    clause: Clause
    status: ClauseStanding
    because: tuple[Reason, ...]
    says: tuple[Reason, ...]
    since: datetime  # since when all runs report this status
    evidence: tuple[Fact, ...]
    by_provider: Mapping[str, ClauseStanding] = field(default_factory=dict)  # if clouds have facts of their own

    @property
    def failed_verdicts(self) -> Mapping[About, FactVerdict]:
        """Return the verdict of each failed fact, by the subject of the fact."""
        fine = (FactVerdict.HOLDS, FactVerdict.EXCEPTED)
        return {fact.subject: fact.verdict for fact in self.evidence if fact.subject and fact.verdict not in fine}

    @property
    def failed_verdict_texts(self) -> Mapping[str, str]:
        """Return the verdict of each failed fact, by its subject, as the ledger stores both."""
        return {admin_text(about): str(verdict) for about, verdict in self.failed_verdicts.items()}


def work_out_status(clause: Clause, facts: Iterable[Fact], grounds: StatusGrounds) -> ClauseStatus:
    """Return the status of a policy clause, with the facts that explain it."""
    current = tuple(_mark_outdated(fact, grounds) for fact in facts)
    by_provider: Mapping[str, ClauseStanding] = {}
    explaining: Sequence[Fact] = ()
    because: tuple[Reason, ...]
    if clause.of_class is ClauseClass.PEOPLE:
        status = ClauseStanding.NOT_TECHNICAL
        because = (_CONDUCT(owner=clause.owner),)
        explaining = [fact for fact in current if fact.verdict is FactVerdict.HOLDS]
    elif waits := grounds.pending_decisions.get(clause.name):
        status, because = ClauseStanding.UNDECIDED, (waits,)
    else:
        by_provider = _status_by_provider(clause, current, grounds.providers)
        status = _worst_status(by_provider, current)
        clouds = {name for name, standing in by_provider.items() if standing is status or status in _WRONG}
        explaining = _select_explaining_facts(status, [fact for fact in current if fact.provider in {*clouds, SCHOOL}])
        because = _unique_reasons(fact.reason for fact in explaining) or (_NOTHING_LOOKS,)
    return ClauseStatus(
        clause=clause,
        status=status,
        because=because,
        says=_unique_reasons(fact.says for fact in explaining),
        since=_status_since(clause.name, status, current, grounds),
        evidence=current,
        by_provider={name: standing for name, standing in by_provider.items() if name != SCHOOL},
    )


def find_status_periods(runs: Iterable[PastStatuses]) -> Mapping[str, StatusPeriod]:
    """Return since when each policy clause has had its latest status. `runs` begins with the latest run."""
    stretches_of: dict[str, StatusPeriod] = {}
    unbroken: set[str] | None = None
    for run in runs:
        if unbroken is None:
            unbroken = set(run.statuses)
            stretches_of = {name: StatusPeriod(status, run.at, run.at) for name, status in run.statuses.items()}
        unbroken = {name for name in unbroken if run.statuses.get(name) == stretches_of[name].status}
        if not unbroken:
            break
        stretches_of |= {
            name: replace(stretches_of[name], since=min(stretches_of[name].since, run.at)) for name in unbroken
        }
    return stretches_of


def _unique_reasons(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))


def _status_by_provider(
    clause: Clause, facts: Sequence[Fact], providers: Sequence[str]
) -> Mapping[str, ClauseStanding]:
    """Return a clause's status on each cloud that has facts of its own. The school's facts count on every cloud."""
    clouds = [name for name in providers if any(fact.provider == name for fact in facts)] or [SCHOOL]
    return {
        name: _status_on_cloud(clause, [fact for fact in facts if fact.provider in {name, SCHOOL}]) for name in clouds
    }


def _mark_outdated(fact: Fact, grounds: StatusGrounds) -> Fact:
    """Return a fact that was read from a tenant. If it was read too long ago, it is marked as unread."""
    if fact.read_at is None or grounds.now - fact.read_at <= _MAX_AGE:
        return fact
    reason = _TOO_OLD(day=f"{fact.read_at:%d.%m.%Y}", found=fact.reason)
    return replace(fact, outcome=PartOutcome.UNKNOWN, reason=reason)


def _status_on_cloud(clause: Clause, facts: Sequence[Fact]) -> ClauseStanding:
    """Return a clause's status on one cloud, by the table in toolkit/planning/verdicts/judge.py.

    If one fact fails and another fact could not be read, the clause is partly met, because the unread fact may be true.
    """
    verdicts = {fact.verdict for fact in facts}
    known_wrong, some = verdicts & _FAILS, verdicts & {FactVerdict.HOLDS, FactVerdict.IN_PART}
    if known_wrong:
        whole = not some and FactVerdict.UNREAD not in verdicts
        return ClauseStanding.NOT_MET if whole else ClauseStanding.PARTLY
    if FactVerdict.OPEN in verdicts:
        return ClauseStanding.PARTLY if some else ClauseStanding.NOT_CHECKED
    if FactVerdict.UNREAD in verdicts or not any(fact.is_needed for fact in facts):
        return ClauseStanding.NOT_CHECKED
    if FactVerdict.EXCEPTED in verdicts:
        return ClauseStanding.EXCEPTED
    return ClauseStanding.ON_FILE if clause.of_class is ClauseClass.SUPPORTED else ClauseStanding.MET


def _worst_status(status_by_provider: Mapping[str, ClauseStanding], facts: Sequence[Fact]) -> ClauseStanding:
    """Return the worse of the statuses on two clouds. A clause that only one cloud meets is partly met."""
    status = min(status_by_provider.values(), key=WORST_FIRST.index)
    verdicts = {fact.verdict for fact in facts}
    gap = status is ClauseStanding.NOT_CHECKED and {FactVerdict.OPEN, FactVerdict.HOLDS} <= verdicts
    return ClauseStanding.PARTLY if gap else status


_TELLING: Mapping[ClauseStanding, Sequence[FactVerdict]] = {
    ClauseStanding.MET: [FactVerdict.HOLDS],
    ClauseStanding.ON_FILE: [FactVerdict.HOLDS],
    ClauseStanding.EXCEPTED: [FactVerdict.EXCEPTED],
}
_TELLING_OF_WRONG = (
    FactVerdict.FAILS,
    FactVerdict.IN_PART,
    FactVerdict.UNREAD,
    FactVerdict.OPEN,
    FactVerdict.EXCEPTED,
)


def _select_explaining_facts(status: ClauseStanding, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that explain a clause's status, failures first.

    Of facts that fail in part, the facts that most people or devices lack come first.
    """
    order = _TELLING.get(status, _TELLING_OF_WRONG)
    by_number = sorted(facts, key=lambda fact: fact.count.ok - fact.count.of if fact.count else 0)
    return [
        fact
        for verdict in order
        for fact in (by_number if verdict is FactVerdict.IN_PART else facts)
        if fact.verdict is verdict
    ]


def _status_since(name: str, status: ClauseStanding, facts: Sequence[Fact], grounds: StatusGrounds) -> datetime:
    """Return since when all runs have reported a clause's status, never earlier than the first of these runs.

    A passing status begins after the last correction of an object, even if the runs before and after the correction
    report the same status. A failing status begins when a drift run first found the difference, unless a later run
    reported another status.
    """
    before = grounds.before.get(name)
    if before and before.status == status:
        since = min(grounds.now, before.since)
    elif status in _FAILED:
        failing = [address for fact in facts if fact.verdict in _FAILS for address in fact.addresses]
        first = min([grounds.now, *(seen for address in failing if (seen := grounds.differs_since(address)))])
        since = max(first, before.last) if before else first
    else:
        since = grounds.now
    addresses = {address for fact in facts for address in fact.addresses}
    touched = [
        when[address]
        for when in (grounds.last_corrected, grounds.last_resolved)
        for address in addresses
        if address in when
    ]
    return max([since, *touched]) if status in PASSING else since
