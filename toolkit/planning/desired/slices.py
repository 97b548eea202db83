"""Divide the audience of a control on one cloud into slices.

A slice is a set of people whom the control treats alike for a period. An exception, a pilot, a withdrawal and `mode:
off` each make a slice. The remaining people are a slice too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import ControlSettings
from toolkit.planning.audience.pilot_parts import describe_people_outside
from toolkit.planning.audience.resolve import KnownAudience, group_exists, resolve_audience
from toolkit.planning.audience.unresolved import UnresolvedException
from toolkit.planning.desired.control_request import CloudCatalogue
from toolkit.playbook.entries import ControlEntry, ControlIdentity, Departure, Pilot, Playbooks, pilot_of
from toolkit.records import dataclass
from toolkit.school.signals import Signals
from toolkit.sdk.directory import Audience, Directory, Scope
from toolkit.sdk.resource import Mode, Origin


class Treatment(StrEnum):
    """How a control treats the people in a slice of its audience: apply, spare or withdraw."""

    APPLY = "apply"  # they get the settings of the slice
    SPARE = "spare"  # they get nothing
    WITHDRAW = "withdraw"  # the objects made for them are taken back


@dataclass(frozen=True, slots=True)
class Period:
    """A period from `begins` until just before `ends`. None means that the period has no beginning or no end."""

    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A slice of a control's audience on one cloud: people whom the control treats alike for a period."""

    treatment: Treatment
    scope: Scope
    settings: ControlSettings
    origin: Origin
    lines: Mapping[str, int]  # of each setting
    mode: Mode
    period: Period = field(default_factory=Period)
    missing: str = ""  # why it is not known who the people are: then nothing is written for them
    exception: str = ""  # the name of the exception that the slice is
    is_over: bool = False  # its people are in another slice now: only its own objects are taken back
    has_no_group: bool = False  # a missing group gets no settings back, so its objects are deleted by name
    unresolved_exception: UnresolvedException | None = (
        None  # the exception that the slice is, if it is not known for whom
    )
    is_shared: bool = False  # the exception is from another control, which reports it

    @property
    def people_ids(self) -> frozenset[str]:
        """Return the ids of the people who are in this slice now and have an enabled account."""
        return frozenset() if self.is_over else enabled_member_ids(self.scope)


def enabled_member_ids(scope: Scope) -> frozenset[str]:
    """Return the ids of the people in a scope who have an enabled account."""
    excepted = (_enabled_ids(audience) for audience in scope.excepted_audiences)
    within = _enabled_ids(scope.departs_from) if scope.departs_from else _enabled_ids(scope.audience)
    return _enabled_ids(scope.current_audience).intersection(within).difference(*excepted)


def _enabled_ids(audience: Audience) -> frozenset[str]:
    return frozenset(person.id for person in audience.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotSlice:
    """The slice of the people who get a control first.

    After the pilot's date, the slice is only for the objects that the pilot needed.
    """

    pilot: Pilot
    first: KnownAudience
    pilot_slice: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedRest:
    """The people without an exception, if it is unknown who is in a current exception."""

    exception: UnresolvedException
    rest: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceSlices:
    """The slices of a control's audience on a cloud, at a given time."""

    rest: Slice  # the people for whom no exception and no pilot holds
    is_elsewhere: bool = False  # the role has a group on another cloud only: the control is for no one here
    exceptions: tuple[Slice, ...] = ()
    unresolved_rests: tuple[UnresolvedRest, ...] = ()
    without_any: Slice | None = None  # the rest without all live exceptions, if one of them is unresolved
    not_supported: tuple[Departure, ...] = ()  # live exceptions that this cloud cannot make
    pilot: PilotSlice | None = None

    @property
    def all_slices(self) -> tuple[Slice, ...]:
        """Return every slice of the audience, beginning with the people who have no exception."""
        return (self.rest, *self.exceptions, *([self.pilot.pilot_slice] if self.pilot else []))


@dataclass(frozen=True, slots=True)
class SliceInputs:
    """The directories, exceptions and times from which slices are computed.

    Without `now`, no exception and no pilot counts as current.
    """

    playbooks: Playbooks
    directories: Mapping[str, Directory] | None = None
    signals: Mapping[str, Mapping[ControlIdentity, Signals]] | None = None  # by provider
    now: datetime | None = None
    includes_off: bool = False  # treat a control that is off as if it were only checked

    def resolve_role(self, role: str | None, catalogue: CloudCatalogue) -> KnownAudience:
        """Return the audience of a role on one provider."""
        resolved = resolve_audience(self.playbooks.school, role, catalogue.name, self.directories)
        in_school = self.playbooks.slices.roles.get(role or "")  # the same for each school, as are names of objects
        return replace(resolved, audience=replace(resolved.audience, name=in_school)) if in_school else resolved

    def mode_of(self, entry: ControlEntry) -> Mode:
        """Return the mode in which the control applies to these people: enforce, check or off."""
        return Mode.CHECK if self.includes_off and stays_until_pruned(entry) else entry.mode

    def exceptions_for(self, entry: ControlEntry) -> Sequence[Departure]:
        """Return the exceptions that change a control's objects.

        Controls that block apps for the same people share the browsers' lists. If a group has an exception from one of
        these controls, the group is removed from the shared lists, so the other controls get separate lists for the
        group.
        """
        every, is_woken = self.playbooks.departures, self.mode_of(entry) is not entry.mode
        return [departure for departure in every if departure.entry is entry and not is_woken] + [
            _to_separate_exception(entry, departure)
            for departure in every
            if departure.entry is not entry and self._fill_same_lists(entry, departure.entry)
        ]

    def _fill_same_lists(self, entry: ControlEntry, other: ControlEntry) -> bool:
        block = isinstance(entry.settings, Blocking) and isinstance(other.settings, Blocking)
        return block and entry.settings.audience == other.settings.audience and self.mode_of(entry) is other.mode


def _to_separate_exception(entry: ControlEntry, exception: Departure) -> Departure:
    """Convert an exception from another control to an exception from this control, with separate lists for the
    group.
    """
    own = entry.read({**entry.written, "for": exception.audience})
    return replace(exception, entry=entry, settings=own)


def stays_until_pruned(entry: ControlEntry) -> bool:
    """Return whether a control is disabled, so that its objects stay until an administrator prunes them."""
    return entry.mode is Mode.OFF and not entry.settings.withdraw


def slice_audience(entry: ControlEntry, catalogue: CloudCatalogue, inputs: SliceInputs) -> AudienceSlices:
    """Return the slices of a control's audience on one cloud at the time in `inputs`."""
    base = inputs.resolve_role(entry.settings.audience, catalogue)
    pilot = pilot_of(entry, inputs.playbooks.school)
    rest = _slice_of_remaining_people(entry, inputs, base)
    if base.is_elsewhere:
        return AudienceSlices(rest=replace(rest, treatment=Treatment.SPARE, missing=""), is_elsewhere=True)
    if pilot is None or inputs.now is None or rest.treatment is Treatment.SPARE:
        return _separate_exceptions(entry, catalogue, inputs, rest)
    first = inputs.resolve_role(pilot.audience, catalogue)
    own = _pilot_slice(pilot, first, base, replace(rest, scope=Scope(base.audience, pilot=first.audience)), inputs.now)
    if pilot.live(inputs.now):
        scope = Scope(base.audience, excepted_audiences=(first.audience,))
        waiting = replace(rest, treatment=Treatment.SPARE, period=Period(ends=pilot.ends), scope=scope)
        return AudienceSlices(rest=waiting, pilot=own)
    return replace(_separate_exceptions(entry, catalogue, inputs, rest), pilot=own)


def _slice_of_remaining_people(entry: ControlEntry, inputs: SliceInputs, audience: KnownAudience) -> Slice:
    mode = inputs.mode_of(entry)
    off = Treatment.WITHDRAW if entry.settings.withdraw else Treatment.SPARE
    return Slice(
        treatment=off if mode is Mode.OFF else Treatment.APPLY,
        scope=Scope(audience.audience),
        settings=entry.settings,
        origin=entry.origin,
        lines=entry.lines,
        mode=mode,
        missing=audience.missing,
    )


def _pilot_slice(
    pilot: Pilot, pilot_audience: KnownAudience, audience: KnownAudience, remaining_people: Slice, now: datetime
) -> PilotSlice:
    if pilot.live(now):
        missing = audience.missing or explain_unknown_pilot(pilot, pilot_audience, audience)
        own = replace(remaining_people, period=Period(ends=pilot.ends), missing=missing)
        return PilotSlice(pilot=pilot, first=pilot_audience, pilot_slice=own)
    missing = audience.missing or (
        "" if group_exists(pilot_audience.audience) else _explain_missing_group(pilot, pilot_audience)
    )
    withdrawal = replace(
        remaining_people,
        treatment=Treatment.WITHDRAW,
        period=Period(begins=pilot.ends),
        missing=missing,
        is_over=True,
        has_no_group=pilot_audience.is_gone or pilot_audience.is_elsewhere,
    )
    return PilotSlice(pilot=pilot, first=pilot_audience, pilot_slice=withdrawal)


def explain_unknown_pilot(pilot: Pilot, pilot_audience: KnownAudience, audience: KnownAudience) -> str:
    """Return why it is unknown who is in a pilot: the group is unknown, or has people outside the control's
    audience.
    """
    return _explain_missing_group(pilot, pilot_audience) or describe_people_outside(
        pilot_audience.audience, audience.audience
    )


def _explain_missing_group(pilot: Pilot, pilot_audience: KnownAudience) -> str:
    return (
        f"the people of its pilot, {pilot.audience}, are unknown: {pilot_audience.missing}"
        if pilot_audience.missing
        else ""
    )


def _separate_exceptions(
    entry: ControlEntry, catalogue: CloudCatalogue, inputs: SliceInputs, remaining_people: Slice
) -> AudienceSlices:
    departures = inputs.exceptions_for(entry)
    groups = {departure.name: inputs.resolve_role(departure.audience, catalogue) for departure in departures}
    departures = [departure for departure in departures if not groups[departure.name].is_elsewhere]
    live = [
        departure
        for departure in departures
        if inputs.now and departure.live(inputs.now) and remaining_people.mode is not Mode.OFF
    ]
    if entry.name not in catalogue.controls_with_exceptions:
        return AudienceSlices(rest=remaining_people, not_supported=tuple(live))
    unresolved = {name: UnresolvedException(name, group, catalogue) for name, group in groups.items() if group.missing}
    unresolved_live = [departure for departure in live if departure.name in unresolved]
    resolved = [departure for departure in live if departure.name not in unresolved]

    def slice_without(exceptions: Sequence[Departure]) -> Slice:
        return replace(
            remaining_people, scope=_scope_without_exceptions(remaining_people.scope.audience, exceptions, groups)
        )

    return AudienceSlices(
        rest=slice_without(resolved),
        exceptions=tuple(_exception_slices(departures, groups, unresolved, remaining_people, inputs)),
        unresolved_rests=tuple(
            UnresolvedRest(exception=unresolved[departure.name], rest=slice_without([*resolved, departure]))
            for departure in unresolved_live
        ),
        without_any=slice_without(live) if unresolved_live else None,
    )


def _scope_without_exceptions(
    audience: Audience, current_exceptions: Sequence[Departure], groups: Mapping[str, KnownAudience]
) -> Scope:
    excepted = {departure.audience: groups[departure.name].audience for departure in current_exceptions}
    freed = {
        departure.audience: groups[departure.name].audience
        for departure in current_exceptions
        if departure.settings is None
    }
    return Scope(audience, excepted_audiences=tuple(excepted.values()), exempt=tuple(freed.values()))


def _exception_slices(
    exceptions: Sequence[Departure],
    groups: Mapping[str, KnownAudience],
    unresolved_exceptions: Mapping[str, UnresolvedException],
    remaining_people: Slice,
    inputs: SliceInputs,
) -> Iterator[Slice]:
    """Yield a slice for each exception that is current, or whose objects a run still has to remove."""
    own = {id(departure) for departure in inputs.playbooks.departures}
    if inputs.now is None:
        return
    for departure in exceptions:
        made = _exception_slice(departure, groups[departure.name], remaining_people, inputs.now)
        if made.treatment is not Treatment.WITHDRAW or (
            departure.settings is not None and remaining_people.mode is not Mode.CHECK
        ):
            yield replace(
                made, unresolved_exception=unresolved_exceptions.get(departure.name), is_shared=id(departure) not in own
            )


def _exception_slice(exception: Departure, group: KnownAudience, remaining_people: Slice, now: datetime) -> Slice:
    is_live = exception.live(now) and remaining_people.mode is not Mode.OFF
    treatment = (
        Treatment.WITHDRAW if not is_live else Treatment.APPLY if exception.settings is not None else Treatment.SPARE
    )
    return Slice(
        treatment=treatment,
        scope=Scope(group.audience, departs_from=remaining_people.scope.audience),
        settings=exception.settings or remaining_people.settings,
        origin=exception.origin,
        lines=exception.lines,
        mode=remaining_people.mode,
        period=_exception_period(exception, now),
        missing=group.missing if is_live or not group_exists(group.audience) else "",
        exception=exception.name,
        is_over=not is_live,
        has_no_group=exception.ends <= now and group.is_gone,
    )


def _exception_period(exception: Departure, now: datetime) -> Period:
    if now < exception.begins:
        return Period(ends=exception.begins)
    return Period(exception.begins, exception.ends) if now < exception.ends else Period(begins=exception.ends)
