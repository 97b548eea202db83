"""Realises a control together with its exceptions: for everybody else as it is, for each group as it was approved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from toolkit.controls.blocking import Blocking
from toolkit.planning.audience.resolve import Resolved, is_there, resolve
from toolkit.planning.expand_control import ControlInPlaybook, ControlRequest, Trade, realise
from toolkit.playbook.entries import ControlEntry, Departure, Playbooks
from toolkit.sdk.directory import Audience, Directory, Scope
from toolkit.sdk.part import Part
from toolkit.sdk.resource import Mode, Origin
from toolkit.sdk.signals import Signals


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known when the playbooks are written out; without `now` no exception is live."""

    playbooks: Playbooks
    directories: Mapping[str, Directory] | None = None
    signals: Mapping[str, Mapping[Origin, Signals]] | None = None  # by provider and place in the playbooks
    now: datetime | None = None

    def resolved(self, role: str | None, trade: Trade) -> Resolved:
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
    departures = moment.departures(entry)
    live = [one for one in departures if moment.now is not None and one.live(moment.now) and entry.mode is not Mode.OFF]
    groups = {one.name: moment.resolved(one.audience, trade) for one in departures}
    signals = (moment.signals or {}).get(trade.name, {}).get(entry.origin, Signals())

    def made(entry: ControlEntry, scope: Scope, missing: str, exception: str = "") -> ControlRequest:
        return realise(replace(control, entry=entry), scope, missing, signals, exception)

    if entry.name not in trade.excepting:
        whole = made(entry, Scope(base.audience), base.missing)
        yield _stays(whole, live) if live else whole
        return
    missing = base.missing or next((_unresolved(one, groups) for one in live if groups[one.name].missing), "")
    yield made(entry, _scope(base.audience, live, groups), missing)
    for one in departures:
        looked_at = one in live or entry.mode is not Mode.CHECK  # what is only checked is not taken back either
        if one.settings is not None and moment.now is not None and looked_at:
            scope = Scope(groups[one.name].audience, departs_from=base.audience)
            missing = groups[one.name].missing if one in live or not is_there(scope.audience) else ""
            asked = made(_of(one, live=one in live), scope, missing, one.name)
            # Of a group that is not there any more nothing is left to give back; what was made for it goes by its name.
            over = one.ends <= moment.now and groups[one.name].gone
            yield ControlRequest(absent=asked.absent) if over else asked


def _scope(audience: Audience, live: Sequence[Departure], groups: Mapping[str, Resolved]) -> Scope:
    excepted = {one.audience: groups[one.name].audience for one in live}
    freed = {one.audience: groups[one.name].audience for one in live if one.settings is None}
    return Scope(audience, excepted=tuple(excepted.values()), freed=tuple(freed.values()))


def _unresolved(one: Departure, groups: Mapping[str, Resolved]) -> str:
    return f"the exception {one.name} is for {one.audience}: {groups[one.name].missing}"


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
