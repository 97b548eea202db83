"""Find out from the records why the status of a clause changed."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from toolkit.board_report.export import AttributedDifference, Export
from toolkit.board_report.period import EarlierStatuses, FoundChange
from toolkit.board_report.plain_language import governor_text
from toolkit.drift.model import Cause
from toolkit.planning.finding_state import Ending
from toolkit.planning.policy.facts import NO_PLAYBOOK_ASKS
from toolkit.planning.policy.page import NOBODY, PLAYBOOKS_SAY, Fact
from toolkit.planning.policy.statuses import PASSING, ClauseStanding, ClauseStatus
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import FactVerdict

INSIDE, OUTSIDE, RECORDS = "inside the agreed set-up", "outside the agreed set-up", "records and confirmations"
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
"""The origin of a difference, by its cause."""

_FAILING = (FactVerdict.FAILS, FactVerdict.IN_PART)
_WORST = (ClauseStanding.NOT_MET, ClauseStanding.NOT_CHECKED, ClauseStanding.UNDECIDED, ClauseStanding.PARTLY)


@dataclass(frozen=True, slots=True)
class StatusCause:
    """The origin of a status change, and a reason that is worded as the end of a sentence."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """The records of the period since the earlier report."""

    export: Export
    before: EarlierStatuses

    @property
    def playbooks_changed(self) -> bool:
        """Return whether the playbooks have changed since the earlier report."""
        return self.before.playbooks != self.export.report.playbooks.digest

    def day(self, moment: datetime) -> str:
        return day(moment.astimezone(self.export.report.now.tzinfo).date())

    def differences(self, fact: Fact) -> Sequence[AttributedDifference]:
        """Return the current differences of a fact's objects that the earlier report did not have."""
        recorded = self.export.differences
        candidates = [difference for address in fact.addresses for difference in recorded.by_address.get(address, ())]
        candidates += recorded.by_control.get((fact.control, fact.provider), ()) if not fact.addresses else ()
        return [
            difference
            for difference in candidates
            if difference.since > self.before.at or difference.since == self.export.report.now
        ]

    def ended_differences(self, clause_status: ClauseStatus) -> Iterator[FoundChange]:
        """Yield the differences of a clause's objects that ended in the period, latest first."""
        endings = self.export.past.endings
        ended = [endings[address] for address in _clause_addresses(clause_status) if address in endings]
        yield from sorted(ended, key=lambda ending: ending.ended or ending.first_seen, reverse=True)

    def last_write(self, clause_status: ClauseStatus) -> datetime | None:
        """Return when a run last wrote an object of a clause in the period, or None.

        Objects that belong to people are included.
        """
        writes, controls_by_address = self.export.past.last_writes, self.export.report.looked.plan.desired_controls
        controls, addresses = {fact.control for fact in clause_status.evidence}, _clause_addresses(clause_status)
        ours = (
            at
            for address, at in writes.items()
            if address in addresses or _is_requested_by(address, controls, controls_by_address)
        )
        return max(ours, default=None)


def _is_requested_by(
    address: Address, controls: Collection[str], controls_by_address: Mapping[Address, Collection[str]]
) -> bool:
    """Return whether one of the controls asks for an object that belongs to a person.

    Facts do not name these objects.
    """
    return bool(address.label) and any(control in controls for control in controls_by_address.get(address, ()))


def _clause_addresses(clause_status: ClauseStatus) -> frozenset[Address]:
    return frozenset(address for fact in clause_status.evidence for address in fact.addresses)


def find_origin(clause_status: ClauseStatus, was: ClauseStanding | None, period_record: PeriodRecord) -> StatusCause:
    """Return the first origin of a status change that the records show. Each type of evidence is tried in turn."""
    if clause_status.status is ClauseStanding.UNDECIDED:
        return StatusCause(RECORDS, _first_reason(clause_status))
    worse = was is None or rank(clause_status.status) < rank(was)
    explanations: Sequence[_Explanation] = _WORSE if worse else _BETTER
    causes = (explain(clause_status, period_record) for explain in explanations)
    return next(
        filter(None, causes), StatusCause(UNKNOWN, f"{_first_reason(clause_status)}, and nothing on record says why")
    )


def rank(status: ClauseStanding) -> int:
    """Return the position of a status in the order from worst to best."""
    return _WORST.index(status) if status in _WORST else len(_WORST) + (status in PASSING)


def _first_reason(clause_status: ClauseStatus) -> str:
    return governor_text(clause_status.because[0]) if clause_status.because else "it is not checked"


def _explain_unread(clause_status: ClauseStatus, _: PeriodRecord) -> StatusCause | None:
    facts = [fact for fact in clause_status.evidence if fact.verdict is FactVerdict.UNREAD]
    if clause_status.status is not ClauseStanding.NOT_CHECKED or not facts:
        return None
    return StatusCause(UNKNOWN, f"{governor_text(facts[0].reason)}; it is unknown whether anything changed")


def _explain_weaker_playbooks(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    short = [fact for fact in clause_status.evidence if fact.verdict in _FAILING and fact.says == PLAYBOOKS_SAY]
    if not (short and period_record.playbooks_changed):
        return None
    written = period_record.last_write(clause_status)
    followed = f", and a run of the tool followed it on {period_record.day(written)}" if written else ""
    return StatusCause(INSIDE, f"{governor_text(short[0].reason)}; the agreed set-up was changed{followed}")


def _explain_difference(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    """Return the origin of a difference that exists now.

    A change that a person made in a tenant comes first.
    """
    pairs = [
        (fact, difference)
        for fact in clause_status.evidence
        if fact.verdict in _FAILING
        for difference in period_record.differences(fact)
    ]
    if not pairs:
        return None
    fact, difference = min(pairs, key=lambda pair: list(WHERE).index(pair[1].cause))
    by = f" by {difference.by}" if difference.by else ""
    origin = {
        OUTSIDE: f", changed outside the agreed set-up{by} and first seen on {period_record.day(difference.since)}",
        INSIDE: ", since the agreed set-up, or a new version of the tool, asks for a setting that is not made yet",
        CALENDAR: ", since a date in the agreed set-up came or an exception ended",
        UNKNOWN: ", and the cause is not on record",
    }[WHERE[difference.cause]]
    return StatusCause(WHERE[difference.cause], f"{governor_text(fact.reason)}{origin}")


def _explain_readable_again(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    """Return the origin of a status that was unknown before because the tenant could not be read."""
    lacked = (period_record.before.lacking or {}).get(clause_status.clause.name, {})
    if FactVerdict.UNREAD not in lacked.values() or FactVerdict.UNREAD in clause_status.failed_verdict_texts.values():
        return None
    return StatusCause(UNKNOWN, f"it can be read again, which was not possible before; {_first_reason(clause_status)}")


def _explain_ending(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    for ending in period_record.ended_differences(clause_status):
        if WHERE.get(ending.cause, UNKNOWN) in {OUTSIDE, UNKNOWN} and ending.ended and ending.how in _HOW:
            role = period_record.export.differences.roles.get(ending.actor or "", "")
            by = f" by {role}" if role else ""
            seen, ended = period_record.day(ending.since), period_record.day(ending.ended)
            what = f"it had been changed outside the agreed set-up{by}, first seen on {seen}"
            return StatusCause(OUTSIDE, f"{what}, and {_HOW[ending.how]} on {ended}")
    return None


_HOW = {
    Ending.REPAIRED: "a run of the tool put it right",
    Ending.TENANT: "it was put right there without the tool, as was found",
}


def _explain_write(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    written = period_record.last_write(clause_status)
    if written is None:
        return None
    written_on = period_record.day(written)
    return StatusCause(INSIDE, f"a run of the tool put it in place on {written_on}, as agreed")


def _explain_not_desired(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    unrequested = [
        fact for fact in clause_status.evidence if fact.says == NOBODY and fact.control and fact.read_at is None
    ]
    plain = [fact for fact in unrequested if fact.verdict is FactVerdict.OPEN and fact.reason.has(NO_PLAYBOOK_ASKS)]
    return (
        StatusCause(INSIDE, f"{governor_text(plain[0].reason)}; the agreed set-up was changed")
        if plain and period_record.playbooks_changed
        else None
    )


def _explain_exception(clause_status: ClauseStatus, _: PeriodRecord) -> StatusCause | None:
    if clause_status.status is not ClauseStanding.EXCEPTED:
        return None
    return StatusCause(INSIDE, f"an approved exception applies: {_first_reason(clause_status)}")


def _explain_measurement(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    return _explain_shortfall(clause_status, period_record) or _describe_measurement(
        _facts_from_measurements(clause_status), period_record
    )


def _explain_shortfall(clause_status: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    return _describe_measurement(
        [fact for fact in _facts_from_measurements(clause_status) if fact.verdict in _FAILING], period_record
    )


def _facts_from_measurements(clause_status: ClauseStatus) -> list[Fact]:
    return [fact for fact in clause_status.evidence if fact.read_at is not None and not fact.addresses]


def _describe_measurement(counted: Sequence[Fact], period_record: PeriodRecord) -> StatusCause | None:
    if not counted:
        return None
    if period_record.playbooks_changed:
        why = "it is counted in the cloud, the agreed set-up was changed too, and nothing on record says which it was"
        return StatusCause(UNKNOWN, f"{governor_text(counted[0].reason)}; {why}")
    return StatusCause(
        OUTSIDE, f"{governor_text(counted[0].reason)}, which is counted in the cloud and set by no run of the tool"
    )


def _explain_records(clause_status: ClauseStatus, _: PeriodRecord) -> StatusCause | None:
    if any(fact.read_at is None and fact.says != PLAYBOOKS_SAY for fact in clause_status.evidence):
        return StatusCause(RECORDS, _first_reason(clause_status))
    return None


def _explain_playbook_change(_: ClauseStatus, period_record: PeriodRecord) -> StatusCause | None:
    if not period_record.playbooks_changed:
        return None
    return StatusCause(INSIDE, "the agreed set-up was changed, and no run had to change anything")


_Explanation = Callable[[ClauseStatus, PeriodRecord], StatusCause | None]
_WORSE: tuple[_Explanation, ...] = (
    _explain_unread,
    _explain_difference,
    _explain_weaker_playbooks,
    _explain_not_desired,
    _explain_exception,
    _explain_shortfall,
    _explain_records,
)
_BETTER: tuple[_Explanation, ...] = (
    _explain_readable_again,
    _explain_ending,
    _explain_write,
    _explain_exception,
    _explain_difference,
    _explain_measurement,
    _explain_records,
    _explain_playbook_change,
)
