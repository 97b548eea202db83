"""What a plan shows of single objects: right, wrong, refused, failed, accepted, left to others, or not read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.plan import Accepted, Plan, RealisedControl
from toolkit.planning.policy.fact import FOUND, NOBODY
from toolkit.sdk.address import EVERY, Address
from toolkit.sdk.part import Part
from toolkit.sdk.reason import About, Reason, ReasonCode, same_words
from toolkit.sdk.verdict import Count, Ground, PartOutcome, WireEvidence, worst_outcome
from toolkit.values import Json, Value, entries
from toolkit.yaml.messages import day

_NOT_TAKEN_BACK = ReasonCode(
    "not_taken_back",
    admin="{control}: {count} of what it does not ask for any more is not taken back",
    governor="{count} of its settings that are no longer asked for are still there",
)
_LEFT_TO = ReasonCode(
    "left_to_another",
    admin="{about}: the playbooks leave it to {name}, which no one checks",
    governor="{about}: the playbooks leave it to {name}, which nothing checks",
)
_ACCEPTED = ReasonCode(
    "accepted_as_it_is",
    admin="{about}{setting} accepted as it is until {until}: {why}",
    governor="{about} accepted as it is until {until}: {why}",
)
_ACCEPTED_BY = same_words("accepted_by", "accepted by {by}")
_AS_THE_PLAYBOOKS_SAY = same_words("as_the_playbooks_say", "{about} as the playbooks say")
_SOME_DIFFER = same_words("some_differ", "{about} not as the playbooks say: {wrong} of {all}")
_MISSING = ReasonCode("object_missing", admin="{about} is missing", governor="{about} is not set up")
_DIFFERS = ReasonCode(
    "object_differs",
    admin="{about} is not as the playbooks say ({settings})",
    governor="{about} is not as the playbooks say",
)
_UNWANTED = same_words("object_unwanted", "{about} is there, and should not be")
_MISPLACED = ReasonCode(
    "object_misplaced", admin="{about} is in the wrong place", governor="{about} is in the wrong place"
)
_KEPT_FROM_IT = ReasonCode(
    "object_kept_from_it",
    admin="{about} is not as the playbooks say: {why}",
    governor="{about} is not as the playbooks say",
)


_SOME_UNREAD = same_words("some_unread", "{about}: {unread} of {all} could not be read: {why}")
_NOT_READ_HERE = same_words("not_read_here", "{about}: not looked at")
_FAILED = ReasonCode(
    "object_failed",
    admin="{about}: the change failed: {why}",
    governor="{about} is not as the playbooks say: the change failed",
)


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """What an apply made of one object, as it was read back."""

    outcome: PartOutcome
    why: str = ""


class Sight:
    """A plan that can be asked about objects; after an apply with what became of each change."""

    def __init__(self, plan: Plan, results: Mapping[Address, ChangeResult] | None = None) -> None:
        self._wanted = plan.wanted
        self._results = results or {}
        done = {address for address, one in self._results.items() if one.outcome is PartOutcome.IN_PLACE}
        changes = (change for change in (*plan.changes, *plan.watched) if change.address not in done)
        self._changes = {change.address: change for change in changes}
        self._matching = frozenset((*plan.matching, *done))
        self._unknown: dict[str | Address, Reason] = {}
        for unknown in plan.unknown:
            self._unknown.setdefault(unknown.address or unknown.kind, unknown.reason)
        self._refused = {one.address: one.reason for one in plan.refused}
        self._refused |= {one.desired.address: f"{one.observed.remote.name} does its job" for one in plan.look_alikes}
        self._defeated = {one.address: one.text for one in plan.remarks}
        self._accepted: dict[Address, list[Accepted]] = {}
        for accepted in plan.accepted:
            self._accepted.setdefault(accepted.address, []).append(accepted)
        self._left = {one.desired.address: one.observed.remote.name for one in plan.left}

    def of_part(
        self, part: Part, control: RealisedControl, about: About, says: Reason, seen: datetime
    ) -> Iterator[Ground]:
        """Give what was seen of a part of a control; nothing of one that has no objects."""
        written = _written(part, control.provider)
        yield from self.of_objects(list(written), about, says, seen, control=control.control, written=written)

    def taken_back(self, realised: Sequence[RealisedControl], says: Reason, seen: datetime) -> Ground | None:
        """Give what a control does not ask for any more, as after an exception, and is there still; on one cloud."""
        control, provider = realised[0].control, realised[0].provider
        named = [one for each in realised for part in each.realisation.parts for one in _written(part, provider)]
        asked = {each for one in named for each in self._every(one, control)}
        left = [
            address
            for address, makers in self._wanted.items()
            if address.provider == provider
            and control in makers
            and address not in asked
            and self._wrong(address, None, About())
        ]
        reason = _NOT_TAKEN_BACK(control=About(control=control), count=len(left))
        outcome, evidence = PartOutcome.DIFFERS, WireEvidence(seen)
        return Ground(outcome=outcome, reason=reason, says=says, evidence=evidence) if left else None

    def of_objects(
        self,
        addresses: Sequence[Address],
        about: About,
        says: Reason,
        seen: datetime,
        *,
        control: str = "",
        written: Mapping[Address, Mapping[str, Json]] | None = None,
    ) -> Iterator[Ground]:
        """Give what was seen of some objects that are one part, as one ground for each way they stand."""
        every = [each for one in addresses for each in self._every(one, control)]
        unread = {one: reason for one in every if (reason := self._unread(one))}
        there = [one for one in every if one not in unread and self._is_there(one)]
        wrong = {one: found for one in there if (found := self._wrong(one, (written or {}).get(one), about))}
        count = Count(len(there) - len(wrong), len(unread) + len(there), len(unread))
        yield from self._excepted(every, about, seen)
        for one in every:
            if one in self._left:
                reason = _LEFT_TO(about=about, name=self._left[one])
                yield Ground(outcome=PartOutcome.UNDECIDED, reason=reason, says=NOBODY)
                break
        if there:
            outcome = worst_outcome(outcome for outcome, _ in wrong.values()) if wrong else PartOutcome.IN_PLACE
            yield Ground(
                outcome=PartOutcome.IN_PART if outcome is PartOutcome.DIFFERS and count.ok else outcome,
                reason=_together([reason for _, reason in wrong.values()], len(there), about),
                says=says,
                evidence=WireEvidence(seen, tuple(one for one in there if not one.label)),  # a person's change weekly
                count=count,
            )
        if unread:
            why = next(iter(unread.values()))
            all_of_it = FOUND(about=about, found=why)
            reason = _SOME_UNREAD(about=about, unread=len(unread), all=count.of, why=why) if there else all_of_it
            evidence = WireEvidence(seen)
            yield Ground(outcome=PartOutcome.UNKNOWN, reason=reason, says=NOBODY, evidence=evidence, count=count)
        elif any(not self._is_spoken_of(one) for one in every):
            yield Ground(outcome=PartOutcome.NOT_LOOKED_AT, reason=_NOT_READ_HERE(about=about), says=NOBODY)

    def _is_there(self, address: Address) -> bool:
        known = (self._matching, self._changes, self._refused, self._defeated, self._results)
        return any(address in one for one in known)

    def _is_spoken_of(self, address: Address) -> bool:
        """Return whether the plan says anything of an object; of "every object" where there is none."""
        return self._is_there(address) or address in self._left or address in self._accepted or address.name == EVERY

    def _excepted(self, addresses: Sequence[Address], about: About, seen: datetime) -> Iterator[Ground]:
        for one in (accepted for address in addresses for accepted in self._accepted.get(address, ())):
            last = one.ends.astimezone(seen.tzinfo) - datetime.resolution  # what ends at midnight ends with the day
            setting = f" ({one.path})" if one.path else ""
            yield Ground(
                outcome=PartOutcome.EXCEPTED,
                reason=_ACCEPTED(about=about, setting=setting, until=day(last.date()), why=one.reason),
                says=_ACCEPTED_BY(by=one.by),
                evidence=WireEvidence(seen),
            )

    def _every(self, address: Address, control: str) -> list[Address]:
        """Give the objects for which an address speaks: itself, or all that are found of its kind."""
        if address.name != EVERY:
            return [address]
        return [
            one for one, makers in self._wanted.items() if one.of_kind == address.of_kind and control in makers
        ] or [address]

    def _unread(self, address: Address) -> Reason | None:
        found = (self._unknown.get(what) for what in (address, address.of_kind, address.provider))
        return next((reason for reason in found if reason), None)

    def _wrong(
        self, address: Address, own: Mapping[str, Json] | None, about: About
    ) -> tuple[PartOutcome, Reason] | None:
        result = self._results.get(address)
        if result and result.outcome is not PartOutcome.IN_PLACE:
            return result.outcome, _FAILED(about=about, why=result.why)
        if why := self._refused.get(address):
            return PartOutcome.REFUSED, _KEPT_FROM_IT(about=about, why=why)
        if why := self._defeated.get(address):
            return PartOutcome.DIFFERS, _KEPT_FROM_IT(about=about, why=why)
        change = self._changes.get(address)
        if change is None or not _touches(change, own):
            return None
        return PartOutcome.DIFFERS, _said(change, about)


def _written(part: Part, provider: str) -> Mapping[Address, Mapping[str, Json]]:
    return {Address(provider, one.kind, one.name, one.label): one.settings for one in part.resources}


def _together(wrong: Sequence[Reason], of: int, about: About) -> Reason:
    if not wrong:
        return _AS_THE_PLAYBOOKS_SAY(about=about)
    return wrong[0] if of == 1 else _SOME_DIFFER(about=about, wrong=len(wrong), all=of)


def _said(change: Change, about: About) -> Reason:
    match change:
        case Create():
            return _MISSING(about=about)
        case Update(fields=fields):
            return _DIFFERS(about=about, settings=", ".join(field.path for field in fields))
        case Delete():
            return _UNWANTED(about=about)
        case Move():
            return _MISPLACED(about=about)


def _touches(change: Change, own: Mapping[str, Json] | None) -> bool:
    """Say whether a change is about what one control asks of an object that several share.

    Of a list that several fill, what another one misses is not missing to this one.
    """
    if own is None or not isinstance(change, Update):
        return True
    words = {word.casefold() for word in _words(own.values())}
    return any(_concerns(change.desired.settings.get(f.path), f.before, words) for f in change.fields)


def _concerns(wanted: Value, before: Value, own: set[str]) -> bool:
    listed = {entry.casefold() for entry in entries(wanted)}
    missing = listed - {entry.casefold() for entry in entries(before)}
    return not (missing and listed & own) or bool(missing & own)


def _words(values: Iterable[Json]) -> Iterator[str]:
    for value in values:
        match value:
            case str():
                yield value
            case Mapping():
                yield from _words(value.values())
            case [*items]:
                yield from _words(items)
