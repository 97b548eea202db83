"""What the calendar makes due on each tenant, and which exceptions a run made begin or end."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from toolkit.controls.replies import CLOSURE_REPLIES, OUT_OF_OFFICE
from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.extension import Expand, RunReads
from toolkit.errors import PlaybookError
from toolkit.ledger.entries import Turned
from toolkit.planning.expand import Expansion
from toolkit.planning.matching import Known
from toolkit.planning.matter import NEVER, AppliedPast, Matter, PastOf
from toolkit.planning.plan import Plan
from toolkit.planning.select import askable_names
from toolkit.replies.due import DueOccasion, EarlierWish, History, Wanted, due_replies
from toolkit.replies.due_exceptions import Turning, due_exceptions
from toolkit.replies.model import reply_in
from toolkit.sdk.resource import Absent, Address, Desired

SOURCES: tuple[Callable[[DueOccasion], Iterable[Matter]], ...] = (due_exceptions, due_replies)
"""Where changes come from that the calendar makes due: a further one is one function more."""

REPLIES = (OUT_OF_OFFICE, CLOSURE_REPLIES)


def due_matters(reads: RunReads, plan: Plan, past: Callable[[str, str], PastOf]) -> Sequence[Matter]:
    """List what is due and not done on every tenant; nothing is written out again where nothing has turned."""
    playbooks, known, kinds, now = reads.playbooks, reads.known, reads.kinds, reads.now
    turning: list[Turning] = [*playbooks.departures, *playbooks.pilots]
    if not turning and not any(kind.lent for kind in kinds.values()):
        return ()
    found: list[Matter] = []
    wanted = _wanted(reads.expansion)
    names = {**{address: _makers(one) for address, one in wanted.items()}, **askable_names(plan)}
    for provider in playbooks.school.tenants:
        past_of = past(playbooks.digest, provider)
        pasts = {
            address: _given_back(words, known[address], past_of, now)
            if address in known and address not in wanted and kinds[address.of_kind].lent
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


def _makers(one: Desired | Absent) -> set[str]:
    return {str(one.address), *(one.made_by or "").split(", ")}


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
                written[live] = _wanted(expand(moment))
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


def turned(due: Sequence[Matter], outcomes: Sequence[Outcome], now: datetime) -> Sequence[Turned]:
    """List the exceptions of which a run made every change that was missing."""
    return list(_turned(due, {one.address for one in outcomes if one.result is Result.DONE}, now))


def _turned(due: Sequence[Matter], done: set[Address], now: datetime) -> Iterator[Turned]:
    for one in due:
        if one.exception and one.since and one.since <= now and done.issuperset(one.addresses):
            provider, minutes = one.addresses[0].provider, int((now - one.since).total_seconds() // 60)
            yield Turned(exception=one.exception, provider=provider, ended=one.ended, minutes=minutes)
