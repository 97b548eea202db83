"""Find out the state of single objects in a plan: correct, different, refused, failed, accepted, left to others, or
unread.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import AcceptedDrift, RealisedControl, Remark
from toolkit.planning.plan_states import (
    ACCEPTED,
    ACCEPTED_LOOK_ALIKE,
    LOOK_ALIKE,
    MATCHING,
    OVERRIDDEN,
    UNCERTAIN,
    UNCERTAIN_UNREAD,
    UNUSED,
)
from toolkit.planning.policy.page import FOUND, NOBODY
from toolkit.planning.verdicts.differences import concerns_control, describe_difference
from toolkit.planning.verdicts.object_reasons import (
    ACCEPTED_AS_IT_IS,
    ACCEPTED_BY,
    AS_THE_PLAYBOOKS_SAY,
    FAILED,
    KEPT_FROM_IT,
    KEPT_FROM_SOME,
    LEFT_TO,
    MAY_NOT_WORK,
    NO_ONE_USES_IT,
    NOT_READ_HERE,
    NOT_TAKEN_BACK,
    SOME_DIFFER,
    SOME_UNREAD,
)
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.part import Part
from toolkit.sdk.reason import About, Reason, Share, Things
from toolkit.sdk.resource import EVERY, Address
from toolkit.sdk.verdict import Count, Ground, PartOutcome, WireEvidence, worst_outcome
from toolkit.values import Json


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """The result of a change to an object, as read from the tenant after the change."""

    outcome: PartOutcome
    why: str = ""


class PlanLookup:
    """Finds the state of single objects in a plan and in the results of an apply."""

    def __init__(self, plan: Plan, results: Mapping[Address, ChangeResult] | None = None) -> None:
        self._wanted = plan.desired_controls
        self._results = results or {}
        done = {address for address, result in self._results.items() if result.outcome is PartOutcome.IN_PLACE}
        changes = (change for change in (*plan.changes, *plan.checked_changes) if change.address not in done)
        self._changes = {change.address: change for change in changes}
        self._matching = frozenset((*plan.select(MATCHING), *done))
        self._unknown: dict[str | Address, Reason] = {}
        for unknown in plan.unknown:
            self._unknown.setdefault(unknown.address or unknown.kind, unknown.reason)
        self._refused = {refusal.address: refusal.reason for refusal in plan.refused}
        self._refused |= {
            look_alike.desired.address: f"{look_alike.observed.remote.name} already does the same job"
            for look_alike in plan.select(LOOK_ALIKE)
        }
        self._remarks: dict[Address, list[Remark]] = {}
        self._maybes: dict[Address, list[Remark]] = {}
        for remark in (
            remark for remark in plan.select(OVERRIDDEN, UNCERTAIN, UNCERTAIN_UNREAD) if not remark.is_fulfilled
        ):
            (self._remarks if remark.sure else self._maybes).setdefault(remark.address, []).append(remark)
        self._unused = {unknown.address: unknown.reason for unknown in plan.select(UNUSED) if unknown.address}
        self._accepted: dict[Address, list[AcceptedDrift]] = {}
        for accepted in plan.select(ACCEPTED):
            self._accepted.setdefault(accepted.address, []).append(accepted)
        self._left = {
            look_alike.desired.address: look_alike.observed.remote.name
            for look_alike in plan.select(ACCEPTED_LOOK_ALIKE)
        }

    def part_grounds(
        self, part: Part, control: RealisedControl, about: About, source: Reason, read_at: datetime
    ) -> Iterator[Ground]:
        """Yield the grounds for the verdict on a control's part that follow from the state of the part's objects."""
        written = _settings_by_address(part, control.provider)
        yield from self.object_grounds(
            list(written), about, source, read_at, control=control.control, settings_by_address=written
        )

    def ground_for_kept_objects(
        self, controls: Sequence[RealisedControl], source: Reason, read_at: datetime
    ) -> Ground | None:
        """Return a ground that says that objects still exist although a control no longer requires them.

        Return None if there are none.
        """
        control, provider = controls[0].control, controls[0].provider
        named = [
            address
            for realised_control in controls
            for part in realised_control.realisation.parts
            for address in _settings_by_address(part, provider)
        ]
        expected = {expanded for address in named for expanded in self._expand_address(address, control)}
        unasked = [
            address
            for address, makers in self._wanted.items()
            if address.provider == provider and control in makers and address not in expected
        ]
        left = [address for address in unasked if self._find_fault(address, None, About())]
        reason = NOT_TAKEN_BACK(
            control=About(control=control), count=_count_objects(left, len(unasked), without_total=True)
        )
        outcome, evidence = PartOutcome.DIFFERS, WireEvidence(read_at)
        return Ground(outcome=outcome, reason=reason, says=source, evidence=evidence) if left else None

    def object_grounds(
        self,
        addresses: Sequence[Address],
        about: About,
        source: Reason,
        read_at: datetime,
        *,
        control: str = "",
        settings_by_address: Mapping[Address, Mapping[str, Json]] | None = None,
    ) -> Iterator[Ground]:
        """Yield a ground for each state that the objects of a control's part have."""
        own = {
            address: (settings_by_address or {}).get(given)
            for given in addresses
            for address in self._expand_address(given, control)
        }
        named = list(own)
        every = [address for address in named if address not in self._unused]
        if named and not every:
            yield self._ground_not_used(named, about, source, read_at)
        unread = {address: reason for address in every if (reason := self._reason_unread(address))}
        there = [address for address in every if address not in unread and self._is_in_plan(address)]
        wrong = {address: fault for address in there if (fault := self._find_fault(address, own[address], about))}
        count = Count(len(there) - len(wrong), len(unread) + len(there), len(unread))
        yield from self._accepted_grounds(every, about, read_at)
        for other in [self._left[address] for address in every if address in self._left][:1]:
            yield Ground(outcome=PartOutcome.UNDECIDED, reason=LEFT_TO(about=about, name=other), says=NOBODY)
        if there:
            outcomes = [outcome for outcome, _ in wrong.values()] or [PartOutcome.IN_PLACE]
            outcome, some = worst_outcome(outcomes), count.ok or PartOutcome.IN_PART in outcomes
            yield Ground(
                outcome=PartOutcome.IN_PART if outcome is PartOutcome.DIFFERS and some else outcome,
                reason=_join_faults({address: reason for address, (_, reason) in wrong.items()}, len(there), about),
                says=source,
                evidence=WireEvidence(
                    read_at, tuple(address for address in there if not address.label)
                ),  # people's objects change weekly
                count=count,
            )
        sound = [address for address in there if address not in wrong]
        yield from self._grounds_for_uncertain_objects(sound, about, source, read_at)
        if unread:
            yield _ground_for_unread_objects(unread, count, about, read_at)
        elif any(not self._has_row(address) for address in every):
            yield Ground(outcome=PartOutcome.NOT_LOOKED_AT, reason=NOT_READ_HERE(about=about), says=NOBODY)

    def _grounds_for_uncertain_objects(
        self, object_addresses: Sequence[Address], about: About, source: Reason, read_at: datetime
    ) -> Iterator[Ground]:
        """Yield grounds for objects that have the desired settings but may not work for everyone."""
        remarks = [remark for address in object_addresses for remark in self._maybes.get(address, ())]
        for whole in sorted({remark.whole for remark in remarks}):
            alike = [remark for remark in remarks if remark.whole is whole]
            why = "; ".join(dict.fromkeys(remark.text for remark in alike))
            yield Ground(
                outcome=PartOutcome.UNKNOWN if whole else PartOutcome.IN_PART,
                reason=MAY_NOT_WORK(about=about, why=why),
                says=source,
                evidence=WireEvidence(read_at, tuple(object_addresses)),
                count=next((remark.count for remark in alike if remark.count), None),
            )

    def _ground_not_used(self, addresses: Sequence[Address], about: About, source: Reason, read_at: datetime) -> Ground:
        """Return the ground "not used": none of the objects' owners has an active account or a mailbox."""
        reason = NO_ONE_USES_IT(
            about=about,
            count=_count_objects(addresses, len(addresses), without_total=True),
            why=self._unused[addresses[0]],
        )
        evidence, count = WireEvidence(read_at), Count(0, len(addresses))
        return Ground(outcome=PartOutcome.NOT_USED, reason=reason, says=source, evidence=evidence, count=count)

    def _is_in_plan(self, address: Address) -> bool:
        sources = (self._matching, self._changes, self._refused, self._remarks, self._results)
        return any(address in source for source in sources)

    def _has_row(self, address: Address) -> bool:
        """Return whether a plan has a row about an object.

        For an address that means every object of a kind, return True.
        """
        sources = (self._left, self._accepted, self._unused)
        return self._is_in_plan(address) or address.name == EVERY or any(address in source for source in sources)

    def _accepted_grounds(self, addresses: Sequence[Address], about: About, read_at: datetime) -> Iterator[Ground]:
        for accepted in (accepted for address in addresses for accepted in self._accepted.get(address, ())):
            last = (
                accepted.ends.astimezone(read_at.tzinfo) - datetime.resolution
            )  # an end at midnight is on the day before
            setting = f" ({accepted.path})" if accepted.path else ""
            yield Ground(
                outcome=PartOutcome.EXCEPTED,
                reason=ACCEPTED_AS_IT_IS(about=about, setting=setting, until=day(last.date()), why=accepted.reason),
                says=ACCEPTED_BY(by=accepted.by),
                evidence=WireEvidence(read_at),
            )

    def _expand_address(self, address: Address, control: str) -> list[Address]:
        """Return the address itself or, if the address means every object of a kind, the address of each of
        these objects.
        """
        if address.name != EVERY:
            return [address]
        return [
            wanted_address
            for wanted_address, makers in self._wanted.items()
            if wanted_address.kind_path == address.kind_path and control in makers
        ] or [address]

    def _reason_unread(self, address: Address) -> Reason | None:
        reasons = (self._unknown.get(what) for what in (address, address.kind_path, address.provider))
        return next((reason for reason in reasons if reason), None)

    def _find_fault(
        self, address: Address, own_settings: Mapping[str, Json] | None, about: About
    ) -> tuple[PartOutcome, Reason] | None:
        result = self._results.get(address)
        if result and result.outcome is not PartOutcome.IN_PLACE:
            return result.outcome, FAILED(about=about, why=result.why)
        if why := self._refused.get(address):
            return PartOutcome.REFUSED, KEPT_FROM_IT(about=about, why=why)
        change, remarks = self._changes.get(address), self._remarks.get(address, ())
        if change and concerns_control(change, own_settings) and not any(remark.whole for remark in remarks):
            return PartOutcome.DIFFERS, describe_difference(change, about)
        if not remarks:
            return None
        why = "; ".join(
            f"{remark.by} comes first, and {remark.text}" if remark.by else remark.text for remark in remarks
        )
        whole = any(remark.whole for remark in remarks)
        outcome, code = (PartOutcome.DIFFERS, KEPT_FROM_IT) if whole else (PartOutcome.IN_PART, KEPT_FROM_SOME)
        return outcome, code(about=about, why=why)


def _settings_by_address(part: Part, provider: str) -> Mapping[Address, Mapping[str, Json]]:
    return {
        Address(provider, resource.kind, resource.name, resource.label): resource.settings
        for resource in part.resources
    }


def _join_faults(reason_by_address: Mapping[Address, Reason], total: int, about: About) -> Reason:
    if not reason_by_address:
        return AS_THE_PLAYBOOKS_SAY(about=about)
    return (
        next(iter(reason_by_address.values()))
        if total == 1
        else SOME_DIFFER(about=about, wrong=_count_objects(reason_by_address, total))
    )


def _count_objects(addresses: Collection[Address], total: int, *, without_total: bool = False) -> Share | Things:
    """Return the number of objects as a count, or the number of people if each object belongs to a person."""
    if any(address.label for address in addresses):
        return Share(len(addresses), total, alone=without_total, amiss=True)
    return Things(len(addresses), None if without_total else total)


def _ground_for_unread_objects(
    reason_by_address: Mapping[Address, Reason], count: Count, about: About, read_at: datetime
) -> Ground:
    """Return the ground "could not be read" for objects, with the reason."""
    why = next(iter(reason_by_address.values()))
    some, none = (
        SOME_UNREAD(about=about, unread=_count_objects(reason_by_address, count.of), why=why),
        FOUND(about=about, found=why),
    )
    reason = some if count.of > len(reason_by_address) else none
    return Ground(outcome=PartOutcome.UNKNOWN, reason=reason, says=NOBODY, evidence=WireEvidence(read_at), count=count)
