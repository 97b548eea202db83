"""Says where it came from that a clause stands otherwise, or that less of it holds, by what is on record."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from toolkit.board_report.export import AttributedDifference, Export
from toolkit.board_report.period import EarlierStatuses, FoundChange
from toolkit.board_report.plain_language import plainly
from toolkit.drift.model import Cause
from toolkit.planning.finding_state import Ending
from toolkit.planning.policy.facts import NO_PLAYBOOK_ASKS
from toolkit.planning.policy.page import NOBODY, PLAYBOOKS_SAY, Fact
from toolkit.planning.policy.statuses import PASSING, ClauseStanding, ClauseStatus
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import FactVerdict

INSIDE, OUTSIDE, RECORDS = "inside the playbooks", "outside the playbooks", "records and confirmations"
CALENDAR, UNKNOWN = "the calendar", "not known"
WHERE: Mapping[str, str] = {
    Cause.TENANT: OUTSIDE,
    Cause.BOTH: OUTSIDE,
    Cause.FOLLOWED: OUTSIDE,
    Cause.PLAYBOOK: INSIDE,
    Cause.TOOLKIT: INSIDE,
    Cause.TIME: CALENDAR,
    Cause.NOT_KNOWN: UNKNOWN,
}
"""Where a difference came from, by its cause."""

_FAILING = (FactVerdict.FAILS, FactVerdict.IN_PART)
_WORST = (ClauseStanding.NOT_MET, ClauseStanding.NOT_CHECKED, ClauseStanding.UNDECIDED, ClauseStanding.PARTLY)


@dataclass(frozen=True, slots=True)
class StatusCause:
    """Where a move came from, and why, as the end of a sentence."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """What is on record of the time since the clauses stood as before."""

    export: Export
    before: EarlierStatuses

    @property
    def others(self) -> bool:
        """Say whether the playbooks are others than before."""
        return self.before.playbooks != self.export.report.playbooks.digest

    def day(self, moment: datetime) -> str:
        return day(moment.astimezone(self.export.report.now.tzinfo).date())

    def differences(self, fact: Fact) -> Sequence[AttributedDifference]:
        """Give what of a fact's objects differs now, and was not seen so before."""
        known = self.export.differences
        found = [one for address in fact.addresses for one in known.by_address.get(address, ())]
        found += known.of_people.get((fact.control, fact.provider), ()) if not fact.addresses else ()
        return [one for one in found if one.since > self.before.at or one.since == self.export.report.now]

    def endings(self, one: ClauseStatus) -> Iterator[FoundChange]:
        """Give what was different of a clause's objects, and ended meanwhile; the last first."""
        endings = self.export.past.endings
        ended = [endings[address] for address in _addresses(one) if address in endings]
        yield from sorted(ended, key=lambda found: found.ended or found.seen, reverse=True)

    def written(self, one: ClauseStatus) -> datetime | None:
        """Say when a run last wrote an object of a clause meanwhile, what belongs to people included."""
        written, wanted = self.export.past.written, self.export.report.looked.plan.wanted
        asked, named = {fact.control for fact in one.evidence}, _addresses(one)
        ours = (at for address, at in written.items() if address in named or _is_of(address, asked, wanted))
        return max(ours, default=None)


def _is_of(address: Address, asked: Collection[str], wanted: Mapping[Address, Collection[str]]) -> bool:
    """Say whether what belongs to a person is wanted by a control: no fact names it."""
    return bool(address.label) and any(control in asked for control in wanted.get(address, ()))


def _addresses(one: ClauseStatus) -> frozenset[Address]:
    return frozenset(address for fact in one.evidence for address in fact.addresses)


def origin_of(one: ClauseStatus, was: ClauseStanding | None, grounds: PeriodRecord) -> StatusCause:
    """Ask for each sort of evidence in turn; the first that there is says it."""
    if one.status is ClauseStanding.UNDECIDED:
        return StatusCause(RECORDS, _first(one))
    worse = was is None or rank(one.status) < rank(was)
    asked: Sequence[_Evidence] = _WORSE if worse else _BETTER
    found = (evidence(one, grounds) for evidence in asked)
    return next(filter(None, found), StatusCause(UNKNOWN, f"{_first(one)}, and nothing on record says why"))


def rank(status: ClauseStanding) -> int:
    """Order how clauses stand, the worst first."""
    return _WORST.index(status) if status in _WORST else len(_WORST) + (status in PASSING)


def _first(one: ClauseStatus) -> str:
    return plainly(one.because[0]) if one.because else "it is not checked"


def _unread(one: ClauseStatus, _: PeriodRecord) -> StatusCause | None:
    facts = [fact for fact in one.evidence if fact.verdict is FactVerdict.UNREAD]
    if one.status is not ClauseStanding.NOT_CHECKED or not facts:
        return None
    return StatusCause(UNKNOWN, f"{plainly(facts[0].reason)}; it is unknown whether anything changed")


def _asks_less(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    short = [fact for fact in one.evidence if fact.verdict in _FAILING and fact.says == PLAYBOOKS_SAY]
    if not (short and grounds.others):
        return None
    written = grounds.written(one)
    followed = f", and a run of the tool followed them on {grounds.day(written)}" if written else ""
    return StatusCause(INSIDE, f"{plainly(short[0].reason)}; the playbooks were changed{followed}")


def _differs(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    """Give what differs now: what a person did in a tenant says more than the rest."""
    found = [(fact, each) for fact in one.evidence if fact.verdict in _FAILING for each in grounds.differences(fact)]
    if not found:
        return None
    fact, each = min(found, key=lambda pair: list(WHERE).index(pair[1].cause))
    by = f" by {each.by}" if each.by else ""
    told = {
        OUTSIDE: f", changed outside the playbooks{by} and first seen on {grounds.day(each.since)}",
        INSIDE: ", since the playbooks, or what the tool makes of them, ask for something else that is not applied yet",
        CALENDAR: ", since a date in the playbooks came or an exception ended",
        UNKNOWN: ", and nothing on record says who or what changed it",
    }[WHERE[each.cause]]
    return StatusCause(WHERE[each.cause], f"{plainly(fact.reason)}{told}")


def _seen_again(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    """Return what could not be read before and can be read now: it may have been the same all the time."""
    lacked = (grounds.before.lacking or {}).get(one.clause.name, {})
    if FactVerdict.UNREAD not in lacked.values() or FactVerdict.UNREAD in one.lacking.values():
        return None
    return StatusCause(UNKNOWN, f"it can be read again, which was not possible before; {_first(one)}")


def _ended(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    for found in grounds.endings(one):
        if WHERE.get(found.cause, UNKNOWN) in {OUTSIDE, UNKNOWN} and found.ended and found.how in _HOW:
            role = grounds.export.differences.roles.get(found.actor or "", "")
            by = f" by {role}" if role else ""
            seen, ended = grounds.day(found.since), grounds.day(found.ended)
            what = f"it had been changed outside the playbooks{by}, first seen on {seen}"
            return StatusCause(OUTSIDE, f"{what}, and {_HOW[found.how]} on {ended}")
    return None


_HOW = {
    Ending.REPAIRED: "a run of the tool put it right",
    Ending.TENANT: "it was put right there without the tool, as was seen",
}


def _wrote(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    written = grounds.written(one)
    if written is None:
        return None
    return StatusCause(INSIDE, f"a run of the tool put it in place on {grounds.day(written)}, as the playbooks say")


def _not_asked(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    """Give what no playbook asks for any more."""
    asked = [fact for fact in one.evidence if fact.says == NOBODY and fact.control and fact.seen is None]
    plain = [fact for fact in asked if fact.verdict is FactVerdict.OPEN and fact.reason.has(NO_PLAYBOOK_ASKS)]
    return (
        StatusCause(INSIDE, f"{plainly(plain[0].reason)}; the playbooks were changed")
        if plain and grounds.others
        else None
    )


def _excepted(one: ClauseStatus, _: PeriodRecord) -> StatusCause | None:
    if one.status is not ClauseStanding.EXCEPTED:
        return None
    return StatusCause(INSIDE, f"an approved exception applies: {_first(one)}")


def _measured(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    """Give what is counted in a tenant and set by no run."""
    return _falls_short(one, grounds) or _say_counted(_counted(one), grounds)


def _falls_short(one: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    """Give what is counted there and is not as required."""
    return _say_counted([fact for fact in _counted(one) if fact.verdict in _FAILING], grounds)


def _counted(one: ClauseStatus) -> list[Fact]:
    return [fact for fact in one.evidence if fact.seen is not None and not fact.addresses]


def _say_counted(counted: Sequence[Fact], grounds: PeriodRecord) -> StatusCause | None:
    if not counted:
        return None
    if grounds.others:
        why = "it is counted in the cloud, the playbooks were changed too, and nothing on record says which it was"
        return StatusCause(UNKNOWN, f"{plainly(counted[0].reason)}; {why}")
    return StatusCause(
        OUTSIDE, f"{plainly(counted[0].reason)}, which is counted in the cloud and set by no run of the tool"
    )


def _origin_on_record(one: ClauseStatus, _: PeriodRecord) -> StatusCause | None:
    """Give what is in registers or is confirmed, and was not before."""
    if any(fact.seen is None and fact.says != PLAYBOOKS_SAY for fact in one.evidence):
        return StatusCause(RECORDS, _first(one))
    return None


def _others(_: ClauseStatus, grounds: PeriodRecord) -> StatusCause | None:
    if not grounds.others:
        return None
    return StatusCause(INSIDE, "the playbooks were changed, and no run had to write anything for it")


_Evidence = Callable[[ClauseStatus, PeriodRecord], StatusCause | None]
_WORSE: tuple[_Evidence, ...] = (_unread, _differs, _asks_less, _not_asked, _excepted, _falls_short, _origin_on_record)
_BETTER: tuple[_Evidence, ...] = (
    _seen_again,
    _ended,
    _wrote,
    _excepted,
    _differs,
    _measured,
    _origin_on_record,
    _others,
)
