"""What a plan shows of single objects: as the playbooks say, not as they say, or not to be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.plan import Accepted, Plan, RealisedControl
from toolkit.planning.policy.fact import FOUND, NOBODY, Fact, FactVerdict
from toolkit.sdk.address import EVERY, Address
from toolkit.sdk.part import Part
from toolkit.sdk.reason import About, Reason, ReasonCode, same_words
from toolkit.values import Json, Value, entries
from toolkit.yaml.messages import day

_NOT_TAKEN_BACK = ReasonCode(
    "not_taken_back",
    admin="{control}: {count} of what it does not ask for any more is not taken back",
    governor="{count} of its settings that are no longer asked for are still there",
)
_LEFT_TO = ReasonCode(
    "left_to_another",
    admin="{about}: the playbooks leave it to {name}, at which nobody looks",
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
    "object_misplaced", admin="{about} stands in the wrong place", governor="{about} is in the wrong place"
)
_KEPT_FROM_IT = ReasonCode(
    "object_kept_from_it",
    admin="{about} is not as the playbooks say: {why}",
    governor="{about} is not as the playbooks say",
)


class Sight:
    """A plan that can be asked about objects."""

    def __init__(self, plan: Plan) -> None:
        self._wanted = plan.wanted
        self._changes = {change.address: change for change in (*plan.changes, *plan.watched)}
        self._matching = frozenset(plan.matching)
        self._unknown: dict[str | Address, Reason] = {}
        for unknown in plan.unknown:
            self._unknown.setdefault(unknown.address or unknown.kind, unknown.reason)
        self._refused = {one.address: one.reason for one in plan.refused}
        self._refused |= {one.desired.address: f"{one.observed.remote.name} does its job" for one in plan.look_alikes}
        self._refused |= {one.address: one.text for one in plan.remarks}
        self._accepted: dict[Address, list[Accepted]] = {}
        for accepted in plan.accepted:
            self._accepted.setdefault(accepted.address, []).append(accepted)
        self._left = {one.desired.address: one.observed.remote.name for one in plan.left}

    def of_part(
        self, part: Part, control: RealisedControl, about: About, says: Reason, seen: datetime
    ) -> Iterator[Fact]:
        """Give what was seen of a part of a control; nothing of one that has no objects."""
        written = _written(part, control.provider)
        about = replace(about, exception=control.exception)
        yield from self.of_objects(
            list(written), about, control.provider, says, seen, control=control.control, written=written
        )

    def taken_back(self, realised: Sequence[RealisedControl], says: Reason, seen: datetime) -> Iterator[Fact]:
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
        if left:
            reason = _NOT_TAKEN_BACK(control=About(control=control), count=len(left))
            yield Fact(
                verdict=FactVerdict.FAILS, reason=reason, says=says, provider=provider, control=control, seen=seen
            )

    def of_objects(
        self,
        addresses: Sequence[Address],
        about: About,
        provider: str,
        says: Reason,
        seen: datetime,
        *,
        control: str = "",
        written: Mapping[Address, Mapping[str, Json]] | None = None,
    ) -> Iterator[Fact]:
        """Give what was seen of some objects that are one thing to a clause, as one fact for each way they stand."""
        fact = partial(Fact, provider=provider, control=control, seen=seen, about=about)
        addresses = [each for one in addresses for each in self._every(one, control)]
        unread = [reason for one in addresses if (reason := self._unread(one))]
        if unread:
            yield fact(verdict=FactVerdict.UNREAD, reason=FOUND(about=about, found=unread[0]), says=NOBODY)
            return
        wrong = [said for one in addresses if (said := self._wrong(one, (written or {}).get(one), about))]
        left = [self._left[one] for one in addresses if one in self._left]
        there = [one for one in addresses if one in self._matching or one in self._changes or one in self._refused]
        yield from self._excepted(addresses, about, provider, control, seen)
        if left:
            reason = _LEFT_TO(about=about, name=left[0])
            yield Fact(verdict=FactVerdict.OPEN, reason=reason, says=NOBODY, provider=provider, control=control)
        if there:
            yield fact(
                verdict=_verdict(len(wrong), len(there)),
                reason=_together(wrong, len(there), about),
                says=says,
                addresses=tuple(one for one in there if not one.label),  # what is a person's changes every week
            )

    def _excepted(
        self, addresses: Sequence[Address], about: About, provider: str, control: str, seen: datetime
    ) -> Iterator[Fact]:
        for one in (accepted for address in addresses for accepted in self._accepted.get(address, ())):
            last = one.ends.astimezone(seen.tzinfo) - datetime.resolution  # what ends at midnight ends with the day
            setting = f" ({one.path})" if one.path else ""
            yield Fact(
                verdict=FactVerdict.EXCEPTED,
                reason=_ACCEPTED(about=about, setting=setting, until=day(last.date()), why=one.reason),
                says=_ACCEPTED_BY(by=one.by),
                provider=provider,
                control=control,
                seen=seen,
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

    def _wrong(self, address: Address, own: Mapping[str, Json] | None, about: About) -> Reason | None:
        if why := self._refused.get(address):
            return _KEPT_FROM_IT(about=about, why=why)
        change = self._changes.get(address)
        return None if change is None or not _touches(change, own) else _said(change, about)


def _written(part: Part, provider: str) -> Mapping[Address, Mapping[str, Json]]:
    return {Address(provider, one.kind, one.name, one.label): one.settings for one in part.resources}


def _verdict(wrong: int, of: int) -> FactVerdict:
    if not wrong:
        return FactVerdict.HOLDS
    return FactVerdict.FAILS if wrong == of else FactVerdict.IN_PART


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
