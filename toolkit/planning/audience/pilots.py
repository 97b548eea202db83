"""Realises a control for whom it is now: while it has a pilot for those in it, and from the pilot's day on for all.

And for whom an exception makes it different.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.controls.blocking import Blocking
from toolkit.planning.audience.pilot_parts import InPilot, outside, shared_by_others, waiting
from toolkit.planning.audience.resolve import KnownAudience, is_there, resolve
from toolkit.planning.audience.unresolved import UnresolvedException
from toolkit.planning.expand_control import CloudCatalogue, ControlInPlaybook, ControlRequest, realise
from toolkit.planning.plan_details import RealisedControl
from toolkit.playbook.entries import ControlEntry, ControlIdentity, Departure, Pilot, Playbooks, pilot_of
from toolkit.records import dataclass
from toolkit.sdk.directory import Audience, Directory, Scope, UseCount
from toolkit.sdk.part import Part
from toolkit.sdk.resource import Address, Mode
from toolkit.sdk.signals import Signals
from toolkit.yaml.messages import one_of


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known when the playbooks are written out; without `now` no exception is live."""

    playbooks: Playbooks
    directories: Mapping[str, Directory] | None = None
    signals: Mapping[str, Mapping[ControlIdentity, Signals]] | None = None  # by provider
    now: datetime | None = None

    def resolved(self, role: str | None, trade: CloudCatalogue) -> KnownAudience:
        """Find the people of a role on one provider."""
        return resolve(self.playbooks.school, role, trade.name, self.directories)

    def departures(self, entry: ControlEntry) -> Sequence[Departure]:
        """List the exceptions that shape a control.

        Controls that close apps for the same people share the lists of browsers. Where a group is taken out of one of
        them it is out of the lists, so that each of the others goes on for the group in lists of its own.
        """
        every = self.playbooks.departures
        return [one for one in every if one.entry is entry] + [
            _shared(entry, one) for one in every if one.entry is not entry and _share(entry, one.entry)
        ]


def realised(control: ControlInPlaybook, moment: Moment) -> Iterator[ControlRequest]:
    """Turn a control into what it asks of one provider, with all its exceptions."""
    entry, trade = control.entry, control.trade
    base = moment.resolved(entry.settings.audience, trade)
    if base.elsewhere:
        yield _for_no_one(realise(control, Scope(base.audience), ""), base)
        return
    departures = [one for one in moment.departures(entry) if not moment.resolved(one.audience, trade).elsewhere]
    live = [one for one in departures if moment.now is not None and one.live(moment.now) and entry.mode is not Mode.OFF]
    groups = {one.name: moment.resolved(one.audience, trade) for one in departures}
    doubts = {name: UnresolvedException(name, found, trade) for name, found in groups.items() if found.missing}
    signals = (moment.signals or {}).get(trade.name, {}).get(entry.identity, Signals())

    def made(entry: ControlEntry, scope: Scope, missing: str, exception: str = "") -> ControlRequest:
        return realise(replace(control, entry=entry), scope, missing, signals, exception)

    if entry.name not in trade.excepting:
        whole = made(entry, Scope(base.audience), base.missing)
        yield _stays(whole, live) if live else whole
        return
    yield _for_others(lambda some: made(entry, _scope(base.audience, some, groups), base.missing), live, doubts)
    for one in departures:
        if one in live and one.name in doubts and one in moment.playbooks.departures:  # said once where it is shared
            yield ControlRequest(unknown=(doubts[one.name].unknown(entry.name),))
        looked_at = one in live or entry.mode is not Mode.CHECK  # what is only checked is not taken back either
        if one.settings is not None and moment.now is not None and looked_at:
            scope = Scope(groups[one.name].audience, departs_from=base.audience)
            missing = groups[one.name].missing if one in live or not is_there(scope.audience) else ""
            asked = made(_of(one, live=one in live), scope, missing, one.name)
            asked = doubts[one.name].give_way(asked) if missing else asked
            # Of a group that is not there any more nothing is left to give back; what was made for it goes by its name.
            over = one.ends <= moment.now and groups[one.name].gone
            yield ControlRequest(absent=asked.absent) if over else asked


def _for_no_one(request: ControlRequest, audience: KnownAudience) -> ControlRequest:
    """Ask for nothing on a cloud on which a role has no group, and say so of each part."""
    use = UseCount(role=audience.audience.name)
    return ControlRequest(controls=tuple(replace(control, use=use) for control in request.controls))


def _for_others(
    made: Callable[[Sequence[Departure]], ControlRequest],
    live: Sequence[Departure],
    doubts: Mapping[str, UnresolvedException],
) -> ControlRequest:
    """Return what a control asks of everyone without an exception; `made` makes it with some exceptions."""
    resolved = [one for one in live if one.name not in doubts]
    asked = made(resolved)
    for one in live:
        if one.name in doubts:
            asked = doubts[one.name].spare(made([*resolved, one]), asked)
    return asked if len(resolved) == len(live) else replace(asked, controls=made(live).controls)


def _scope(audience: Audience, live: Sequence[Departure], groups: Mapping[str, KnownAudience]) -> Scope:
    excepted = {one.audience: groups[one.name].audience for one in live}
    freed = {one.audience: groups[one.name].audience for one in live if one.settings is None}
    return Scope(audience, excepted=tuple(excepted.values()), freed=tuple(freed.values()))


def _of(one: Departure, *, live: bool) -> ControlEntry:
    """Write an exception as the control that it is for its group; one that is not live is taken back."""
    settings = one.settings or one.entry.settings
    if live:
        return replace(one.entry, settings=settings, origin=one.origin, lines=one.lines)
    settings = settings.model_copy(update={"mode": Mode.OFF, "withdraw": True})
    return replace(one.entry, settings=settings, origin=one.origin, lines=one.lines, mode=Mode.OFF)


def _share(one: ControlEntry, other: ControlEntry) -> bool:
    """Say whether two controls fill the same lists."""
    block = isinstance(one.settings, Blocking) and isinstance(other.settings, Blocking)
    return block and one.settings.audience == other.settings.audience and one.mode is other.mode


def _shared(entry: ControlEntry, departure: Departure) -> Departure:
    """Give an exception from another control as what it is to this one: the same, in lists of the group's own."""
    own = entry.read({**entry.written, "for": departure.audience})
    return replace(departure, entry=entry, settings=own)


def _stays(asked: ControlRequest, live: Sequence[Departure]) -> ControlRequest:
    """Say of every part that it knows no groups of people."""
    cannot = tuple(f"{one.audience}: stays as it is here, which knows no exceptions ({one.name})" for one in live)
    controls = [
        replace(
            control,
            realisation=replace(
                control.realisation, parts=tuple(_with(part, cannot) for part in control.realisation.parts)
            ),
        )
        for control in asked.controls
    ]
    return replace(asked, controls=tuple(controls))


def _with(part: Part, cannot: tuple[str, ...]) -> Part:
    return replace(part, cannot=(*part.cannot, *cannot)) if part.resources else part


def begun(control: ControlInPlaybook, moment: Moment) -> Iterator[ControlRequest]:
    """Turn a control into what it asks of one provider; without `now` no pilot is live."""
    entry, trade = control.entry, control.trade
    pilot = pilot_of(entry, moment.playbooks.school)
    if pilot is None or moment.now is None or (entry.mode is Mode.OFF and not entry.settings.withdraw):
        yield from realised(control, moment)
        return
    base, first = (moment.resolved(role, trade) for role in (entry.settings.audience, pilot.audience))
    if base.elsewhere:
        yield from realised(control, moment)
        return
    scope = Scope(base.audience, pilot=first.audience)

    def of_pilot(entry: ControlEntry, missing: str) -> ControlRequest:
        return realise(replace(control, entry=entry), scope, missing)

    if pilot.live(moment.now):
        asked = of_pilot(entry, base.missing or missing_of(pilot, first, base))
        asked = _for_no_one(asked, first) if first.elsewhere else asked
        yield _told(asked, InPilot(pilot.audience, pilot.until, first.audience.reach))
        return
    every = list(realised(control, moment))
    back = of_pilot(_off(entry), base.missing or ("" if is_there(first.audience) else _said(pilot, first)))
    addresses = (*(one.address for one in back.contributions), *(one.address for one in back.absent))
    over = InPilot(pilot.audience, pilot.until, first.audience.reach, over=True, addresses=addresses)
    yield from (_told(asked, over) for asked in every)
    if entry.mode is not Mode.CHECK and not any(asked.unknown for asked in every):
        # Of a group that is not there any more nothing is left to give back.
        nothing_left = first.gone or first.elsewhere
        yield ControlRequest(contributions=() if nothing_left else back.contributions, absent=back.absent)


def missing_of(pilot: Pilot, first: KnownAudience, base: KnownAudience) -> str:
    """Return why a pilot is unknown: its group, or a person in it for whom the control is not."""
    return _said(pilot, first) or outside(first.audience, base.audience)


def _said(pilot: Pilot, first: KnownAudience) -> str:
    return f"its pilot is {pilot.audience}: {first.missing}" if first.missing else ""


def _told(asked: ControlRequest, pilot: InPilot) -> ControlRequest:
    controls = tuple(one if one.exception else replace(one, pilot=pilot) for one in asked.controls)
    return replace(asked, controls=controls)


def _off(entry: ControlEntry) -> ControlEntry:
    settings = entry.settings.model_copy(update={"mode": Mode.OFF, "withdraw": True})
    return replace(entry, settings=settings, mode=Mode.OFF)


def apart(asked: Sequence[ControlRequest]) -> list[ControlRequest]:
    """Let wait what a control in a pilot would share with controls that reach others: one object has one audience."""
    shared = shared_by_others(one for each in asked for one in each.contributions)
    return [_apart(each, shared) for each in asked] if shared else list(asked)


def _apart(asked: ControlRequest, shared: Mapping[Address, Sequence[str]]) -> ControlRequest:
    dropped = {
        address
        for control in asked.controls
        for part in control.realisation.parts
        if (addresses := _addresses(part, control)) & shared.keys()
        for address in addresses
    }
    if not any(one.pilot and one.address in dropped for one in asked.contributions):
        return asked
    return replace(
        asked,
        contributions=tuple(one for one in asked.contributions if not (one.pilot and one.address in dropped)),
        controls=tuple(_waiting(one, shared) for one in asked.controls),
    )


def _waiting(control: RealisedControl, shared: Mapping[Address, Sequence[str]]) -> RealisedControl:
    if control.pilot is None or control.pilot.over:
        return control
    parts = []
    for part in control.realisation.parts:
        sharing = {name for one in _addresses(part, control) & shared.keys() for name in shared[one]}
        others = sorted(sharing - {control.control}) or ["another entry of its own"]
        why = f"it shares what it sets with {one_of(others, 'and')}, which others have"
        parts.append(waiting(part, control.pilot.until, why) if sharing else part)
    return replace(control, realisation=replace(control.realisation, parts=tuple(parts)))


def _addresses(part: Part, control: RealisedControl) -> set[Address]:
    return {Address(control.provider, one.kind, one.name, one.label) for one in part.resources}
