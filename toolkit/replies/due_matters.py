"""What the calendar makes due on each tenant, and which exceptions a run made begin or end."""

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
from toolkit.planning.diff import differences_of, without_former
from toolkit.planning.draft import AnyKind
from toolkit.planning.expand import Expansion
from toolkit.planning.matching import Known
from toolkit.planning.matter import LEFT, NEVER, AppliedPast, Matter, PastOf
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import LOOK_ALIKE
from toolkit.planning.select import askable_names
from toolkit.playbook.entries import Departure, Pilot
from toolkit.replies.due import DueOccasion, EarlierWish, History, Wanted, due_replies
from toolkit.replies.model import reply_in
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Absent, Address, Desired, Observed

Turning: TypeAlias = Departure | Pilot
"""What makes something else wanted by the clock alone."""

BY_HAND = f"it is not as toolkit left it: {LEFT}"


def due_exceptions(occasion: DueOccasion) -> Iterator[Matter]:
    """List each exception that began or ended and each pilot that is over; on a tenant one is done whole, or not."""
    turning: list[Turning] = [*occasion.departures, *occasion.pilots]
    turned = [
        one
        for one in turning
        if any(one.live(earlier.at) is not one.live(occasion.now) for earlier in occasion.earlier)
    ]
    reasons = {
        address: reason or _hindrance(address, occasion)
        for address, reason in _pending(occasion).items()
        if _has_turned(address, occasion)
    }
    objects = {one.name: [a for a in reasons if _shapes(one, a, occasion)] for one in turned}
    blocked = _spread(objects, {address: reason for address, reason in reasons.items() if reason})
    for one in turned:
        if any(occasion.history(address).was_applied for address in objects[one.name]):
            matter = _matter(one, objects[one.name], blocked.get(one.name, ""), occasion)
            yield replace(matter, unread=any(_is_unknown(address, occasion.plan) for address in matter.addresses))


def _matter(one: Turning, addresses: Sequence[Address], blocked: str, occasion: DueOccasion) -> Matter:
    if isinstance(one, Pilot):
        return Matter(
            text=f"{one.name} ended {one.until} on {occasion.provider}",
            since=one.ends,
            origin=one.origin,
            addresses=tuple(addresses),
            blocked=blocked,
            pilot=one.name,
        )
    ended = occasion.now >= one.ends
    at = one.ends if ended else one.begins
    return Matter(
        text=f"exception {one.name} {'ended' if ended else 'began'} {at:%Y-%m-%d %H:%M} on {occasion.provider}",
        since=at,
        origin=one.origin,
        addresses=tuple(addresses),
        blocked=blocked,
        exception=one.name,
        ended=ended,
    )


def _is_unknown(address: Address, plan: Plan) -> bool:
    return any(one.address == address or (one.address is None and one.kind == address.of_kind) for one in plan.unknown)


def _pending(occasion: DueOccasion) -> Mapping[Address, str]:
    """List what differs or is unknown, each with what already prevents its change."""
    plan = occasion.plan
    unread = {one.kind: admin_text(one.reason) for one in plan.unknown if one.address is None}
    reasons = {
        address: f"it is unknown: {unread[address.of_kind]}" for address in occasion.wanted if address.of_kind in unread
    }
    reasons |= {one.address: f"it is unknown: {admin_text(one.reason)}" for one in plan.unknown if one.address}
    reasons |= {
        one.desired.address: f"{one.observed.remote.name!r} does the same job" for one in plan.select(LOOK_ALIKE)
    }
    reasons |= {one.address: one.reason for one in plan.refused}
    reasons |= {change.address: "" for change in plan.changes}
    return {address: reason for address, reason in reasons.items() if address.provider == occasion.provider}


def _has_turned(address: Address, occasion: DueOccasion) -> bool:
    """Say whether time alone has changed what is wanted of an object."""
    now = _as_wanted(occasion.wanted.get(address))
    earlier = occasion.history(address).earlier or occasion.earlier  # for an object that was never applied: any moment
    return any(_as_wanted(one.wanted.get(address)) != now for one in earlier)


def _as_wanted(one: Desired | Absent | None) -> object:
    return one.settings if isinstance(one, Desired) else None


def _shapes(one: Turning, address: Address, occasion: DueOccasion) -> bool:
    """Say whether an exception shapes an object; one that no control makes is every one's."""
    moments = [occasion.wanted, *(earlier.wanted for earlier in occasion.earlier)]
    asked = [wanted[address] for wanted in moments if address in wanted]
    makers = {name for desired in asked for name in desired.made_by}
    return one.entry.name in makers or not makers


def _spread(objects: Mapping[str, Sequence[Address]], reasons: Mapping[Address, str]) -> Mapping[str, str]:
    """Block every exception of which one object is blocked, and every one that shares an object with such a one."""
    of_objects = {address: f"{address.told}: {reason}" for address, reason in reasons.items()}
    blocked: dict[str, str] = {}
    for _ in objects:  # as many rounds as a chain of them can be long
        for name, addresses in objects.items():
            if reason := next((of_objects[address] for address in addresses if address in of_objects), ""):
                blocked.setdefault(name, reason)
                of_objects = {**dict.fromkeys(addresses, reason), **of_objects}
    return blocked


def _hindrance(address: Address, occasion: DueOccasion) -> str:
    """Say why a change that time asks for is left: another person had a hand in it."""
    history = occasion.history(address)
    if history.hindrance:
        return history.hindrance
    change = next(one for one in occasion.plan.changes if one.address == address)
    known, kind = occasion.known.get(address), occasion.kinds[address.of_kind]
    since = [one for one in history.earlier if known is None or known.at is None or one.at >= known.at]
    return "" if any(_is_as(change, one.wanted.get(address), known, kind) for one in since) else BY_HAND


def _is_as(change: Change, then: Desired | Absent | None, known: Known | None, kind: AnyKind) -> bool:
    """Say whether the object still is as it was wanted then."""
    match change, then:
        case Create(), Desired():
            return kind.lifecycle.only_where_there
        case Create(), _:
            return known is None
        case Update(
            desired=desired, observed=observed
        ), None:  # nobody asked for anything then of what others have made
            return _is_as_left(observed, known) if known else kind.fixed or desired.handling.adopt is not None
        case Update(observed=observed), Desired():
            return not differences_of(kind, without_former(then, known, kind.spec), observed, known)
        case Delete(observed=observed), Desired():
            return known is not None and not differences_of(
                kind, without_former(then, known, kind.spec), observed, known
            )
        case _:
            return False


def _is_as_left(observed: Observed, known: Known) -> bool:
    return bool(known.returned) and all(observed.settings.get(one) == value for one, value in known.returned.items())


SOURCES: tuple[Callable[[DueOccasion], Iterable[Matter]], ...] = (due_exceptions, due_replies)
"""Where changes come from that the calendar makes due: a further one is one function more."""

REPLIES = (OUT_OF_OFFICE, CLOSURE_REPLIES)


def due_matters(reads: RunReads, plan: Plan, past: Callable[[str, str], PastOf]) -> Sequence[Matter]:
    """Return what is due and not done on every tenant; nothing without exceptions, pilots and replies."""
    playbooks, known, kinds, now = reads.playbooks, reads.known, reads.kinds, reads.now
    turning: list[Turning] = [*playbooks.departures, *playbooks.pilots]
    if not turning and not any(kind.temporary for kind in kinds.values()):
        return ()
    found: list[Matter] = []
    wanted = _wanted(reads.expansion)
    names = {**{address: {str(address), *one.made_by} for address, one in wanted.items()}, **askable_names(plan)}
    for provider in playbooks.school.tenants:
        past_of = past(playbooks.digest, provider)
        pasts = {
            address: _given_back(words, known[address], past_of, now)
            if address in known and address not in wanted and kinds[address.of_kind].temporary
            else past_of(words, known.get(address, Known()).run)
            for address, words in names.items()
            if address.provider == provider
        }
        histories = _histories(pasts, turning, reads.expand, now)
        occasion = DueOccasion(
            provider=provider,
            now=now,
            plan=plan,
            wanted=wanted,
            histories={address: histories[past] for address, past in pasts.items()},
            earlier=[earlier for history in histories.values() for earlier in history.earlier],
            departures=playbooks.departures,
            pilots=playbooks.pilots,
            known=known,
            kinds=kinds,
        )
        found += [matter for source in SOURCES for matter in source(occasion)]
    schedule = playbooks.school.schedule
    return [replace(matter, often=schedule.often) for matter in found] if schedule else found


def _given_back(names: Collection[str], known: Known, past_of: PastOf, now: datetime) -> AppliedPast:
    """Return the past of a reply that nothing asks for now, so that the control that set it is not known.

    One that has ended is due if a control of replies was applied as it is; one that would still be on is due only if
    none of them was edited since, since the edit may be why nothing asks for it.
    """
    pasts = [past_of([*names, control.name], known.run) for control in REPLIES]
    applied = [one for one in pasts if one.hindrance != NEVER]
    ends = reply_in(known.sent).ends
    is_over = ends is not None and ends <= now
    return min(applied, key=lambda one: bool(one.hindrance) is is_over, default=AppliedPast())


def _histories(
    pasts: Mapping[Address, AppliedPast], turning: Sequence[Turning], expand: Expand, now: datetime
) -> Mapping[AppliedPast, History]:
    """Write out the playbooks at the moments of each past, once for each that was alike."""
    written: dict[frozenset[str], Wanted | None] = {}

    def wanted_at(moment: datetime) -> Wanted | None:
        live = _live(turning, moment)
        if live not in written:
            written[live] = None
            with suppress(PlaybookError):  # what could not be written out then was not applied then
                written[live] = _wanted(expand(now=moment))
        return written[live]

    def history(past: AppliedPast) -> History:
        last = {live: moment for moment in reversed(past.moments) if (live := _live(turning, moment)) != today}
        earlier = ((moment, wanted_at(moment)) for moment in last.values())
        return History(
            [EarlierWish(moment, wanted) for moment, wanted in earlier if wanted is not None], past.hindrance
        )

    today = _live(turning, now)
    return {past: history(past) for past in dict.fromkeys(pasts.values())}


def _live(turning: Sequence[Turning], moment: datetime) -> frozenset[str]:
    return frozenset(one.name for one in turning if one.live(moment))


def _wanted(expansion: Expansion) -> Mapping[Address, Desired | Absent]:
    return {one.address: one for one in expansion.wanted}


def turned(due: Sequence[Matter], outcomes: Sequence[Outcome], now: datetime) -> Sequence[Transition]:
    """List the exceptions of which a run made every change that was missing."""
    return list(_turned(due, {one.address for one in outcomes if one.result is Result.DONE}, now))


def _turned(due: Sequence[Matter], done: set[Address], now: datetime) -> Iterator[Transition]:
    for one in due:
        if one.exception and one.since and one.since <= now and done.issuperset(one.addresses):
            provider, minutes = one.addresses[0].provider, int((now - one.since).total_seconds() // 60)
            yield Transition(exception=one.exception, provider=provider, ended=one.ended, minutes=minutes)
