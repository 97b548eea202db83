"""Find the exceptions, pilots and replies with due changes on each tenant, and the exceptions that a run began or
ended.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from toolkit.controls.replies import CLOSURE_REPLIES, OUT_OF_OFFICE
from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.extension import Expand, RunReads
from toolkit.errors import PlaybookError
from toolkit.ledger.entries import Transition
from toolkit.planning.change import Change, Create, Delete, Update
from toolkit.planning.diff import exclude_former_entries, find_fixable_differences
from toolkit.planning.draft import AnyKind
from toolkit.planning.due_change import LEFT, NEVER, ApplyTimes, DueChange, PastOf
from toolkit.planning.expand import Expansion
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import LOOK_ALIKE
from toolkit.planning.select import selectable_names
from toolkit.playbook.entries import Departure, Pilot
from toolkit.replies.due import DesiredObjects, DueOccasion, EarlierDesired, History, find_due_replies
from toolkit.replies.model import reply_in
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Absent, Address, Desired, Observed

TimedPeriod: TypeAlias = Departure | Pilot
"""An entry that changes the desired state with time."""

BY_HAND = f"it was changed after toolkit set it: {LEFT}"


def find_due_exceptions(occasion: DueOccasion) -> Iterator[DueChange]:
    """Yield each exception that began or ended, and each pilot that ended.

    Its changes on a tenant are made together.
    """
    periods: list[TimedPeriod] = [*occasion.departures, *occasion.pilots]
    turned = [
        period
        for period in periods
        if any(period.live(earlier.at) is not period.live(occasion.now) for earlier in occasion.earlier)
    ]
    reasons = {
        address: reason or _changed_by_hand_reason(address, occasion)
        for address, reason in _reasons_not_to_change(occasion).items()
        if _has_changed_with_time(address, occasion)
    }
    objects = {period.name: [a for a in reasons if _affects_object(period, a, occasion)] for period in turned}
    blocked = _spread_reasons(objects, {address: reason for address, reason in reasons.items() if reason})
    for period in turned:
        if any(occasion.history(address).was_applied for address in objects[period.name]):
            matter = _create_due_exception(period, objects[period.name], blocked.get(period.name, ""), occasion)
            yield replace(matter, has_unknown=any(_is_unknown(address, occasion.plan) for address in matter.addresses))


def _create_due_exception(
    period: TimedPeriod, addresses: Sequence[Address], blocked: str, occasion: DueOccasion
) -> DueChange:
    if isinstance(period, Pilot):
        return DueChange(
            text=f"{period.name} ended {period.until} on {occasion.provider}",
            since=period.ends,
            origin=period.origin,
            addresses=tuple(addresses),
            blocked=blocked,
            pilot=period.name,
        )
    ended = occasion.now >= period.ends
    at = period.ends if ended else period.begins
    return DueChange(
        text=f"exception {period.name} {'ended' if ended else 'began'} {at:%Y-%m-%d %H:%M} on {occasion.provider}",
        since=at,
        origin=period.origin,
        addresses=tuple(addresses),
        blocked=blocked,
        exception=period.name,
        ended=ended,
    )


def _is_unknown(address: Address, plan: Plan) -> bool:
    return any(
        unknown.address == address or (unknown.address is None and unknown.kind == address.kind_path)
        for unknown in plan.unknown
    )


def _reasons_not_to_change(occasion: DueOccasion) -> Mapping[Address, str]:
    """Return the objects that differ or are unknown, with the reason why an object cannot be changed, or ""."""
    plan = occasion.plan
    unread = {unknown.kind: admin_text(unknown.reason) for unknown in plan.unknown if unknown.address is None}
    reasons = {
        address: f"it is unknown: {unread[address.kind_path]}"
        for address in occasion.desired
        if address.kind_path in unread
    }
    reasons |= {
        unknown.address: f"it is unknown: {admin_text(unknown.reason)}" for unknown in plan.unknown if unknown.address
    }
    reasons |= {
        look_alike.desired.address: f"{look_alike.observed.remote.name!r} does the same job"
        for look_alike in plan.select(LOOK_ALIKE)
    }
    reasons |= {refusal.address: refusal.reason for refusal in plan.refused}
    reasons |= {change.address: "" for change in plan.changes}
    return {address: reason for address, reason in reasons.items() if address.provider == occasion.provider}


def _has_changed_with_time(address: Address, occasion: DueOccasion) -> bool:
    """Return whether only time has changed the desired state of an object."""
    now = _desired_settings(occasion.desired.get(address))
    earlier = occasion.history(address).earlier or occasion.earlier  # any moment for an object that was never applied
    return any(_desired_settings(past.desired.get(address)) != now for past in earlier)


def _desired_settings(desired: Desired | Absent | None) -> object:
    return desired.settings if isinstance(desired, Desired) else None


def _affects_object(period: TimedPeriod, address: Address, occasion: DueOccasion) -> bool:
    """Return whether an exception affects an object. An object without a control belongs to every exception."""
    moments = [occasion.desired, *(earlier.desired for earlier in occasion.earlier)]
    versions = [desired_objects[address] for desired_objects in moments if address in desired_objects]
    makers = {name for desired in versions for name in desired.made_by}
    return period.entry.name in makers or not makers


def _spread_reasons(objects: Mapping[str, Sequence[Address]], reasons: Mapping[Address, str]) -> Mapping[str, str]:
    """Return the reason for each blocked exception. An exception that shares an object with it is also blocked."""
    of_objects = {address: f"{address.display_text}: {reason}" for address, reason in reasons.items()}
    blocked: dict[str, str] = {}
    for _ in objects:  # the longest chain has as many links
        for name, addresses in objects.items():
            if reason := next((of_objects[address] for address in addresses if address in of_objects), ""):
                blocked.setdefault(name, reason)
                of_objects = {**dict.fromkeys(addresses, reason), **of_objects}
    return blocked


def _changed_by_hand_reason(address: Address, occasion: DueOccasion) -> str:
    """Return why a due change is not made because the object was changed by someone else, or ""."""
    history = occasion.history(address)
    if history.hindrance:
        return history.hindrance
    change = next(candidate for candidate in occasion.plan.changes if candidate.address == address)
    known_object, kind = occasion.known_objects.get(address), occasion.kinds[address.kind_path]
    since = [
        past
        for past in history.earlier
        if known_object is None or known_object.at is None or past.at >= known_object.at
    ]
    return (
        ""
        if any(_has_earlier_settings(change, past.desired.get(address), known_object, kind) for past in since)
        else BY_HAND
    )


def _has_earlier_settings(
    change: Change, earlier: Desired | Absent | None, known_object: LastApplied | None, kind: AnyKind
) -> bool:
    """Return whether an object still has the settings that the playbooks required earlier."""
    match change, earlier:
        case Create(), Desired():
            return kind.lifecycle.only_where_there
        case Create(), _:
            return known_object is None
        case Update(desired=desired, observed=observed), None:  # no playbook asked for this unmanaged object then
            return (
                _is_unchanged(observed, known_object)
                if known_object
                else kind.fixed or desired.handling.adopt is not None
            )
        case Update(observed=observed), Desired():
            return not find_fixable_differences(
                kind, exclude_former_entries(earlier, known_object, kind.spec), observed, known_object
            )
        case Delete(observed=observed), Desired():
            return known_object is not None and not find_fixable_differences(
                kind, exclude_former_entries(earlier, known_object, kind.spec), observed, known_object
            )
        case _:
            return False


def _is_unchanged(observed: Observed, known_object: LastApplied) -> bool:
    return bool(known_object.returned) and all(
        observed.settings.get(name) == value for name, value in known_object.returned.items()
    )


SOURCES: tuple[Callable[[DueOccasion], Iterable[DueChange]], ...] = (find_due_exceptions, find_due_replies)
"""The sources of due changes. A new source is a new function."""

REPLIES = (OUT_OF_OFFICE, CLOSURE_REPLIES)


def find_due_changes(reads: RunReads, plan: Plan, past: Callable[[str, str], PastOf]) -> Sequence[DueChange]:
    """Return everything on the tenants that is due and not done yet: exceptions, pilots and automatic replies."""
    playbooks, known_objects, kinds, now = reads.playbooks, reads.known_objects, reads.kinds, reads.now
    periods: list[TimedPeriod] = [*playbooks.departures, *playbooks.pilots]
    if not periods and not any(kind.temporary for kind in kinds.values()):
        return ()
    matters: list[DueChange] = []
    desired = _desired_by_address(reads.expansion)
    names = {
        **{address: {str(address), *desired_object.made_by} for address, desired_object in desired.items()},
        **selectable_names(plan),
    }
    for provider in playbooks.school.tenants:
        past_of = past(playbooks.digest, provider)
        pasts = {
            address: _past_of_ended_reply(words, known_objects[address], past_of, now)
            if address in known_objects and address not in desired and kinds[address.kind_path].temporary
            else past_of(words, known_objects.get(address, LastApplied()).run)
            for address, words in names.items()
            if address.provider == provider
        }
        histories = _earlier_desired_states(pasts, periods, reads.expand, now)
        occasion = DueOccasion(
            provider=provider,
            now=now,
            plan=plan,
            desired=desired,
            histories={address: histories[past] for address, past in pasts.items()},
            earlier=[earlier for history in histories.values() for earlier in history.earlier],
            departures=playbooks.departures,
            pilots=playbooks.pilots,
            known_objects=known_objects,
            kinds=kinds,
        )
        matters += [matter for source in SOURCES for matter in source(occasion)]
    schedule = playbooks.school.schedule
    return [replace(matter, interval=schedule.due_interval) for matter in matters] if schedule else matters


def _past_of_ended_reply(
    names: Collection[str], known_object: LastApplied, past_of: PastOf, now: datetime
) -> ApplyTimes:
    """Return when a run applied a reply that no playbook requires any more. Its control is unknown.

    A reply that has ended is due if any control of replies was applied in its present form. A reply that would still be
    on is due only if none of these controls was edited since, because the edit may have ended it.
    """
    pasts = [past_of([*names, control.name], known_object.run) for control in REPLIES]
    applied = [past for past in pasts if past.hindrance != NEVER]
    ends = reply_in(known_object.sent).ends
    is_over = ends is not None and ends <= now
    return min(applied, key=lambda past: bool(past.hindrance) is is_over, default=ApplyTimes())


def _earlier_desired_states(
    pasts: Mapping[Address, ApplyTimes], periods: Sequence[TimedPeriod], expand: Expand, now: datetime
) -> Mapping[ApplyTimes, History]:
    """Return the earlier desired states for each entry of the ledger. Equal entries are worked out once."""
    written: dict[frozenset[str], DesiredObjects | None] = {}

    def desired_at(moment: datetime) -> DesiredObjects | None:
        live = _live_periods(periods, moment)
        if live not in written:
            written[live] = None
            with suppress(PlaybookError):  # playbooks that could not be expanded were not applied
                written[live] = _desired_by_address(expand(now=moment))
        return written[live]

    def history(past: ApplyTimes) -> History:
        last = {live: moment for moment in reversed(past.moments) if (live := _live_periods(periods, moment)) != today}
        earlier = ((moment, desired_at(moment)) for moment in last.values())
        return History(
            [
                EarlierDesired(moment, desired_objects)
                for moment, desired_objects in earlier
                if desired_objects is not None
            ],
            past.hindrance,
        )

    today = _live_periods(periods, now)
    return {past: history(past) for past in dict.fromkeys(pasts.values())}


def _live_periods(periods: Sequence[TimedPeriod], moment: datetime) -> frozenset[str]:
    return frozenset(period.name for period in periods if period.live(moment))


def _desired_by_address(expansion: Expansion) -> Mapping[Address, Desired | Absent]:
    return {desired.address: desired for desired in expansion.wanted}


def finished_transitions(due: Sequence[DueChange], outcomes: Sequence[Outcome], now: datetime) -> Sequence[Transition]:
    """Return the exceptions that a run began or ended, because it made all their missing changes."""
    return list(
        _finished_transitions(due, {outcome.address for outcome in outcomes if outcome.result is Result.DONE}, now)
    )


def _finished_transitions(due: Sequence[DueChange], done: set[Address], now: datetime) -> Iterator[Transition]:
    for matter in due:
        if matter.exception and matter.since and matter.since <= now and done.issuperset(matter.addresses):
            provider, minutes = matter.addresses[0].provider, int((now - matter.since).total_seconds() // 60)
            yield Transition(exception=matter.exception, provider=provider, ended=matter.ended, minutes=minutes)
