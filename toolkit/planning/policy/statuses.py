"""The status of a policy clause, from its facts.

The order is fixed: people, then what is undecided, then what is known to fail, then what could not be read. What is
known is never hidden by what is not: both are told, and on two clouds the worse one counts.
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
"""How old what a tenant said may be, and still be said of today."""


_CONDUCT = ReasonCode(
    "kept_by_people",
    admin="this is staff conduct, which no computer can check; lead: {owner}",
    governor="this is staff conduct, which no computer can check",
)
_NOTHING_LOOKS = same_words("nothing_looks_yet", "it is not checked yet")()
_TOO_OLD = same_words("looked_at_too_long_ago", "last looked at on {day}, too long ago: {found}")


class ClauseStanding(StrEnum):
    """How a clause stands."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not met"
    EXCEPTED = "exception accepted"
    ON_FILE = "evidence on file"
    NOT_TECHNICAL = "not technical"
    NOT_CHECKED = "not checked"
    UNDECIDED = "decision needed"


_WORST = (
    ClauseStanding.NOT_MET,
    ClauseStanding.PARTLY,
    ClauseStanding.NOT_CHECKED,
    ClauseStanding.EXCEPTED,
    ClauseStanding.ON_FILE,
    ClauseStanding.MET,
)
"""Of two clouds: what is known to fail says most, then what may be failing unseen."""

_FAILED = frozenset({ClauseStanding.NOT_MET, ClauseStanding.PARTLY})
_WRONG = frozenset({*_FAILED, ClauseStanding.NOT_CHECKED})
_FAILS = frozenset({FactVerdict.FAILS, FactVerdict.IN_PART})

PASSING = frozenset({ClauseStanding.MET, ClauseStanding.ON_FILE, ClauseStanding.EXCEPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStatuses:
    """The statuses of all clauses in an earlier run."""

    at: datetime
    statuses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The latest status of a clause, and the date since which every run has had the same status."""

    status: str
    since: datetime
    last: datetime  # when the latest run said so


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusGrounds:
    """The grounds of statuses in addition to the facts."""

    now: datetime
    providers: Sequence[str]  # the school's clouds
    undecided: Mapping[str, Reason] = field(default_factory=dict)  # by clause, the decision that it waits for
    before: Mapping[str, Stretch] = field(default_factory=dict)  # by clause
    written: Mapping[Address, datetime] = field(default_factory=dict)  # when a run last had to put an object right
    righted: Mapping[Address, datetime] = field(default_factory=dict)  # when one was last seen to be right again
    astray: Mapping[Address, datetime] = field(default_factory=dict)  # when one that is wrong was first seen so

    def wrong(self, address: Address) -> datetime | None:
        """Say since when an object that is wrong has been seen so; not before a run put it right."""
        seen, written = self.astray.get(address), self.written.get(address)
        return seen if seen and not (written and written >= seen) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseStatus:
    """How one clause stands, why, and who says so."""

    clause: Clause
    status: ClauseStanding
    because: tuple[Reason, ...]
    says: tuple[Reason, ...]
    since: datetime  # in this status, as far back as the evidence reaches without a break
    evidence: tuple[Fact, ...]
    by_provider: Mapping[str, ClauseStanding] = field(default_factory=dict)  # where clouds have facts of their own

    @property
    def lacking_of(self) -> Mapping[About, FactVerdict]:
        """Give how each thing stands that does not hold, by what it is about."""
        fine = (FactVerdict.HOLDS, FactVerdict.EXCEPTED)
        return {fact.about: fact.verdict for fact in self.evidence if fact.about and fact.verdict not in fine}

    @property
    def lacking(self) -> Mapping[str, str]:
        """Give the same as the ledger records it."""
        return {admin_text(about): str(verdict) for about, verdict in self.lacking_of.items()}


def status_of(clause: Clause, facts: Iterable[Fact], grounds: StatusGrounds) -> ClauseStatus:
    """Say how a clause stands."""
    current = tuple(_age_fact(fact, grounds) for fact in facts)
    by_provider: Mapping[str, ClauseStanding] = {}
    explaining: Sequence[Fact] = ()
    because: tuple[Reason, ...]
    if clause.of_class is ClauseClass.PEOPLE:
        status = ClauseStanding.NOT_TECHNICAL
        because = (_CONDUCT(owner=clause.owner),)
        explaining = [fact for fact in current if fact.verdict is FactVerdict.HOLDS]
    elif waits := grounds.undecided.get(clause.name):
        status, because = ClauseStanding.UNDECIDED, (waits,)
    else:
        by_provider = _by_provider(clause, current, grounds.providers)
        status = _worse_of_clouds(by_provider, current)
        clouds = {name for name, standing in by_provider.items() if standing is status or status in _WRONG}
        explaining = _explaining_facts(status, [fact for fact in current if fact.provider in {*clouds, SCHOOL}])
        because = _once(fact.reason for fact in explaining) or (_NOTHING_LOOKS,)
    return ClauseStatus(
        clause=clause,
        status=status,
        because=because,
        says=_once(fact.says for fact in explaining),
        since=_since(clause.name, status, current, grounds),
        evidence=current,
        by_provider={name: standing for name, standing in by_provider.items() if name != SCHOOL},
    )


def stretches(runs: Iterable[PastStatuses]) -> Mapping[str, Stretch]:
    """Go back over what runs recorded, the last first, and no further than one clause is still as it was."""
    stretches_of: dict[str, Stretch] = {}
    unbroken: set[str] | None = None
    for run in runs:
        if unbroken is None:
            unbroken = set(run.statuses)
            stretches_of = {name: Stretch(status, run.at, run.at) for name, status in run.statuses.items()}
        unbroken = {name for name in unbroken if run.statuses.get(name) == stretches_of[name].status}
        if not unbroken:
            break
        stretches_of |= {
            name: replace(stretches_of[name], since=min(stretches_of[name].since, run.at)) for name in unbroken
        }
    return stretches_of


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))


def _by_provider(clause: Clause, facts: Sequence[Fact], providers: Sequence[str]) -> Mapping[str, ClauseStanding]:
    """Give the status on each cloud that has facts of its own; what is the school's own counts on each."""
    clouds = [name for name in providers if any(fact.provider == name for fact in facts)] or [SCHOOL]
    return {name: _standing(clause, [fact for fact in facts if fact.provider in {name, SCHOOL}]) for name in clouds}


def _age_fact(fact: Fact, grounds: StatusGrounds) -> Fact:
    """Take what a tenant said too long ago for something that could not be read."""
    if fact.seen is None or grounds.now - fact.seen <= _MAX_AGE:
        return fact
    reason = _TOO_OLD(day=f"{fact.seen:%d.%m.%Y}", found=fact.reason)
    return replace(fact, outcome=PartOutcome.UNKNOWN, reason=reason)


def _standing(clause: Clause, facts: Sequence[Fact]) -> ClauseStanding:
    """Sum up the facts of one cloud, as the table in toolkit/planning/verdicts/judge.py says.

    A clause of which something fails and something else could not be read is not known to be wholly unmet.
    """
    verdicts = {fact.verdict for fact in facts}
    known_wrong, some = verdicts & _FAILS, verdicts & {FactVerdict.HOLDS, FactVerdict.IN_PART}
    if known_wrong:
        whole = not some and FactVerdict.UNREAD not in verdicts
        return ClauseStanding.NOT_MET if whole else ClauseStanding.PARTLY
    if FactVerdict.OPEN in verdicts:
        return ClauseStanding.PARTLY if some else ClauseStanding.NOT_CHECKED
    if FactVerdict.UNREAD in verdicts or not any(fact.needed for fact in facts):
        return ClauseStanding.NOT_CHECKED
    if FactVerdict.EXCEPTED in verdicts:
        return ClauseStanding.EXCEPTED
    return ClauseStanding.ON_FILE if clause.of_class is ClauseClass.SUPPORTED else ClauseStanding.MET


def _worse_of_clouds(by_provider: Mapping[str, ClauseStanding], facts: Sequence[Fact]) -> ClauseStanding:
    """Take the worse of two clouds; what one of them is known to lack, and the other has, holds in part."""
    status = min(by_provider.values(), key=_WORST.index)
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


def _explaining_facts(status: ClauseStanding, facts: Sequence[Fact]) -> list[Fact]:
    """Choose the facts that explain a status: the failing ones first, what holds only where all does.

    Of those that fail in part, the first are those that most people or devices lack.
    """
    order = _TELLING.get(status, _TELLING_OF_WRONG)
    by_number = sorted(facts, key=lambda fact: fact.count.ok - fact.count.of if fact.count else 0)
    return [
        fact
        for verdict in order
        for fact in (by_number if verdict is FactVerdict.IN_PART else facts)
        if fact.verdict is verdict
    ]


def _since(name: str, status: ClauseStanding, facts: Sequence[Fact], grounds: StatusGrounds) -> datetime:
    """Give the beginning of the stretch in which all runs say the same: never earlier than the first of them.

    What passes does so since nothing was wrong or had to be written, though the runs on both sides of that say the
    same. What has begun to fail does so since a drift first saw it, as far as no run said otherwise after that.
    """
    before = grounds.before.get(name)
    if before and before.status == status:
        since = min(grounds.now, before.since)
    elif status in _FAILED:
        failing = [address for fact in facts if fact.verdict in _FAILS for address in fact.addresses]
        first = min([grounds.now, *(seen for address in failing if (seen := grounds.wrong(address)))])
        since = max(first, before.last) if before else first
    else:
        since = grounds.now
    addresses = {address for fact in facts for address in fact.addresses}
    touched = [when[address] for when in (grounds.written, grounds.righted) for address in addresses if address in when]
    return max([since, *touched]) if status in PASSING else since
