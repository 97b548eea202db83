"""Realises a control for whom it is now: while it has a pilot for those in it, and from the pilot's day on for all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.planning.audience.exceptions import Moment, realised
from toolkit.planning.audience.pilot_parts import InPilot, outside, shared_by_others, waiting
from toolkit.planning.audience.resolve import Resolved, is_there
from toolkit.planning.expand_control import ControlInPlaybook, ControlRequest, realise
from toolkit.planning.plan import RealisedControl
from toolkit.playbook.entries import ControlEntry, Pilot, pilot_of
from toolkit.sdk.directory import Scope
from toolkit.sdk.part import Part
from toolkit.sdk.resource import Address, Mode
from toolkit.yaml.messages import one_of


def begun(control: ControlInPlaybook, moment: Moment) -> Iterator[ControlRequest]:
    """Turn a control into what it asks of one provider; without `now` no pilot is live."""
    entry, trade = control.entry, control.trade
    pilot = pilot_of(entry, moment.playbooks.school)
    if pilot is None or moment.now is None or (entry.mode is Mode.OFF and not entry.settings.withdraw):
        yield from realised(control, moment)
        return
    base, first = (moment.resolved(role, trade) for role in (entry.settings.audience, pilot.audience))
    scope = Scope(base.audience, pilot=first.audience)

    def of_pilot(entry: ControlEntry, missing: str) -> ControlRequest:
        return realise(replace(control, entry=entry), scope, missing)

    if pilot.live(moment.now):
        asked = of_pilot(entry, base.missing or missing_of(pilot, first, base))
        yield _told(asked, InPilot(pilot.audience, pilot.until, first.audience.reach))
        return
    every = list(realised(control, moment))
    back = of_pilot(_off(entry), base.missing or ("" if is_there(first.audience) else _said(pilot, first)))
    addresses = (*(one.address for one in back.contributions), *(one.address for one in back.absent))
    over = InPilot(pilot.audience, pilot.until, first.audience.reach, over=True, addresses=addresses)
    yield from (_told(asked, over) for asked in every)
    if entry.mode is not Mode.CHECK and not any(asked.unknown for asked in every):
        # Of a group that is not there any more nothing is left to give back.
        yield ControlRequest(contributions=() if first.gone else back.contributions, absent=back.absent)


def missing_of(pilot: Pilot, first: Resolved, base: Resolved) -> str:
    """Return why a pilot is unknown: its group, or a person in it for whom the control is not."""
    return _said(pilot, first) or outside(first.audience, base.audience)


def _said(pilot: Pilot, first: Resolved) -> str:
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
