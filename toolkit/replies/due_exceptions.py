"""Finds the exceptions that began or ended, and the pilots that are over, whose changes are not made."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from toolkit.planning.change import Change, Create, Delete, Update
from toolkit.planning.diff import differences_of, without_former
from toolkit.planning.draft import AnyKind
from toolkit.planning.matching import Known
from toolkit.planning.matter import LEFT, Matter
from toolkit.playbook.entries import Departure, Pilot
from toolkit.replies.due import DueOccasion
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
        if _turned(address, occasion)
    }
    objects = {one.name: [a for a in reasons if _shapes(one, a, occasion)] for one in turned}
    blocked = _spread(objects, {address: reason for address, reason in reasons.items() if reason})
    for one in turned:
        if any(occasion.history(address).was_applied for address in objects[one.name]):
            yield _matter(one, objects[one.name], blocked.get(one.name, ""), occasion)


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


def _pending(occasion: DueOccasion) -> Mapping[Address, str]:
    """List what differs or is unknown, each with what already prevents its change."""
    plan = occasion.plan
    unread = {one.kind: admin_text(one.reason) for one in plan.unknown if one.address is None}
    reasons = {
        address: f"it is unknown: {unread[address.of_kind]}" for address in occasion.wanted if address.of_kind in unread
    }
    reasons |= {one.address: f"it is unknown: {admin_text(one.reason)}" for one in plan.unknown if one.address}
    reasons |= {one.desired.address: f"{one.observed.remote.name!r} does the same job" for one in plan.look_alikes}
    reasons |= {one.address: one.reason for one in plan.refused}
    reasons |= {change.address: "" for change in plan.changes}
    return {address: reason for address, reason in reasons.items() if address.provider == occasion.provider}


def _turned(address: Address, occasion: DueOccasion) -> bool:
    """Say whether time alone has changed what is wanted of an object."""
    now = _as_wanted(occasion.wanted.get(address))
    earlier = occasion.history(address).earlier or occasion.earlier  # of what was never applied, at any moment
    return any(_as_wanted(one.wanted.get(address)) != now for one in earlier)


def _as_wanted(one: Desired | Absent | None) -> object:
    return one.settings if isinstance(one, Desired) else None


def _shapes(one: Turning, address: Address, occasion: DueOccasion) -> bool:
    """Say whether an exception shapes an object; one that no control makes is every one's."""
    moments = [occasion.wanted, *(earlier.wanted for earlier in occasion.earlier)]
    asked = [wanted[address] for wanted in moments if address in wanted]
    makers = {name for desired in asked for name in (desired.made_by or "").split(", ") if name}
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
