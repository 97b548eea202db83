"""Makes of one control on one provider what it asks of the tenant's objects."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from pydantic import ValidationError

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control
from toolkit.errors import Problem
from toolkit.planning.audience.pilot_parts import for_pilot
from toolkit.planning.audience.resolve import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN, KnownAudience, lacks_only_people
from toolkit.planning.contribution import Contribution, wrong_settings
from toolkit.planning.plan_details import RealisedControl, Refusal, Unknown
from toolkit.playbook.entries import ControlEntry
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, Scope, UseCount, WorkedOut
from toolkit.sdk.kind import Kind
from toolkit.sdk.part import SCHOOL, CloudControl, ControlContext, Level, Realisation, Resource, manual
from toolkit.sdk.reason import Reason, ReasonCode
from toolkit.sdk.resource import Absent, Address, Handling, Mode, Reach
from toolkit.sdk.school import School
from toolkit.sdk.signals import Signals
from toolkit.values import Json

_IMPOSSIBLE = ReasonCode(
    "control_not_possible", admin="{text}", governor="this cannot be set up as the playbooks ask for it"
)


@dataclass(frozen=True, slots=True)
class CloudCatalogue:
    """What one provider brings: its kinds, and what it makes of controls."""

    name: str
    title: str
    kinds: Mapping[str, Kind[Connection]]
    realisations: Mapping[str, CloudControl]

    @property
    def excepting(self) -> frozenset[str]:
        """Return the controls that it can keep away from a group."""
        return frozenset(name for name, control in self.realisations.items() if control.excepts)


@dataclass(frozen=True, slots=True)
class ControlInPlaybook:
    """A control as an entry of a playbook asks for it, on one provider."""

    entry: ControlEntry
    control: Control
    trade: CloudCatalogue
    school: School
    clauses: Sequence[str]  # of the playbook
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """What one control asks of one provider."""

    contributions: tuple[Contribution, ...] = ()
    absent: tuple[Absent, ...] = ()
    controls: tuple[RealisedControl, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    kept: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def realise(
    asked: ControlInPlaybook, scope: Scope, missing: str, signals: Signals | None = None, exception: str = ""
) -> ControlRequest:
    """Turn a control into contributions; one of whose audience something is missing keeps its objects, unknown."""
    entry, trade = asked.entry, asked.trade
    resolved = KnownAudience(scope.reached, missing, empty=bool(missing) and lacks_only_people(scope))
    if entry.mode is Mode.OFF and not entry.settings.withdraw:
        return ControlRequest()
    spared = asked.school.protected.mailboxes
    context = ControlContext(asked.school, scope, spared, signals or Signals(), asked.now)
    try:
        realisation = _realisation(entry, asked.control, trade, context)
    except ValidationError as invalid:
        about = f"{entry.name} on {trade.title}"
        wrong = (f"{about}: {text}" for text in wrong_settings(invalid))
        return ControlRequest(problems=tuple(Problem(entry.origin.path, entry.origin.line, text) for text in wrong))
    except ValueError as impossible:
        return ControlRequest(unknown=(Unknown(entry.name, _IMPOSSIBLE(text=str(impossible)), provider=trade.name),))
    realisation = _as_of_last_evaluation(realisation, scope)
    if scope.pilot and entry.settings.pilot:
        adopting = _adopting(entry, trade, realisation)
        realisation = for_pilot(realisation, scope, entry.settings.pilot.until, adopting)
    if entry.mode is Mode.OFF:
        return _withdrawn(entry, trade, realisation, resolved, exception)
    use = UseCount(unknown=missing) if missing else scope.audience.counted
    realised = _realised(entry, asked.control, trade.name, asked.clauses, realisation, exception=exception)
    contributions = _contributions(entry, trade, realisation, resolved)
    if scope.pilot and entry.settings.pilot:
        pilot = f"{scope.pilot.name} until {entry.settings.pilot.until}"
        contributions = [replace(one, pilot=pilot) for one in contributions]
    return ControlRequest(
        contributions=tuple(contributions),
        controls=(replace(realised, use=use),),
        unknown=(Unknown(entry.name, _reason(resolved), for_whom=True, provider=trade.name),)
        if resolved.missing and not contributions and not exception  # which is itself said to be unknown
        else (),
        problems=_required(entry, trade.title, realisation),
    )


def _reason(resolved: KnownAudience) -> Reason:
    return (AUDIENCE_EMPTY if resolved.empty else AUDIENCE_UNKNOWN)(why=resolved.missing)


_AS_OF = {
    WorkedOut.BY_RULE: "{name} follows a rule: who is in it is as of the last time that the cloud worked it out",
    WorkedOut.PAUSED: "{name} follows a rule that is paused: who is in it is as of the day when it was paused",
}


def _as_of_last_evaluation(realisation: Realisation, scope: Scope) -> Realisation:
    """Return for every part for whom it is, where a rule says who is in a group."""
    audiences = (scope.audience, scope.pilot, *scope.excepted)
    groups = dict.fromkeys(one.group for one in audiences if one and one.group)
    limits = tuple(_AS_OF[one.worked_out].format(name=one.name) for one in groups if one.worked_out in _AS_OF)
    if not limits:
        return realisation
    return Realisation(tuple(replace(part, limits=(*part.limits, *limits)) for part in realisation.parts))


def _adopting(entry: ControlEntry, trade: CloudCatalogue, realisation: Realisation) -> Mapping[tuple[str, str], str]:
    """Give what takes over an object that others made, with the name of that one."""
    resources = _resources(realisation)
    found = ((one, _handling(entry, one, trade.kinds[one.kind], resources).adopt) for one in resources)
    return {(one.kind, one.name): adopt for one, adopt in found if adopt}


def left_to_school(entry: ControlEntry, control: Control, clauses: Sequence[str]) -> ControlRequest:
    """Name what no cloud holds of a control."""
    if entry.mode is Mode.OFF or not control.by_people:
        return ControlRequest()
    return ControlRequest(controls=(_realised(entry, control, SCHOOL, clauses, Realisation(control.by_people)),))


def _realised(
    entry: ControlEntry,
    control: Control,
    provider: str,
    clauses: Sequence[str],
    realisation: Realisation,
    *,
    exception: str = "",
) -> RealisedControl:
    settings = entry.settings
    return RealisedControl(
        entry.name,
        provider,
        tuple(clause for clause in clauses if clause in control.clauses) or tuple(clauses),
        realisation,
        settings.audience or EVERYONE,
        _apps(settings, exception=bool(exception)) if isinstance(settings, Blocking) else (),
        exception,
    )


def _apps(settings: Blocking, *, exception: bool) -> tuple[str, ...]:
    """Name the apps of which the ways are told: of an exception those that it opens, since the rest is as for all."""
    apps = settings.spared if exception else (*settings.apps, *settings.spared)
    return tuple(app.title for app in apps)


def _realisation(entry: ControlEntry, control: Control, trade: CloudCatalogue, context: ControlContext) -> Realisation:
    if known := trade.realisations.get(entry.name):
        return known.realise(entry.settings, context)
    reason = f"toolkit does not realise {control.name} on {trade.title} yet"
    return Realisation((manual("not realised here", control.title, reason),))


def _required(entry: ControlEntry, title: str, realisation: Realisation) -> tuple[Problem, ...]:
    """Answer a `require: enforced` that cannot be kept with what is possible instead."""
    if entry.settings.require != "enforced" or realisation.level is Level.ENFORCED:
        return ()
    weakest = "; ".join(
        f"{part.name}: {part.level}, {part.reason or part.covers}"
        for part in realisation.parts
        if part.needed and part.level is not Level.ENFORCED
    )
    possible = ", ".join(part.name for part in realisation.parts if part.level is Level.ENFORCED) or "nothing"
    text = (
        f"{entry.name} cannot be enforced on {title}: its level there is {realisation.level} ({weakest}); "
        f"what can be enforced: {possible}. Leave out `require`, or ask for less"
    )
    return (Problem(entry.origin.path, entry.lines.get("require", entry.origin.line), text),)


def _contributions(
    entry: ControlEntry, trade: CloudCatalogue, realisation: Realisation, resolved: KnownAudience
) -> list[Contribution]:
    resources = _resources(realisation)
    return [
        Contribution(
            address=_address(trade, resource),
            written=resource.settings,
            origins=dict.fromkeys(resource.settings, entry.origin),
            origin=entry.origin,
            mode=entry.mode,
            handling=_handling(entry, resource, trade.kinds[resource.kind], resources),
            made_by=entry.name,
            unknown=resolved.missing,
            lost_group=bool(resolved.missing) and resolved.audience.lost,
            empty=resolved.empty,
            reach=resource.reach or resolved.audience.reach,
            reviewed=resource.reviewed,
        )
        for resource in resources
    ]


def _withdrawn(
    entry: ControlEntry, trade: CloudCatalogue, realisation: Realisation, resolved: KnownAudience, exception: str
) -> ControlRequest:
    """Take back what a control would ask for: what it made goes, what it changed gets back what is known of before."""
    absent: list[Absent] = []
    back: list[Contribution] = []
    kept: list[Refusal] = []
    why = f"made for the exception {exception}, which does not apply now" if exception else f"{entry.name} is withdrawn"
    for resource in _resources(realisation):
        kind, address = trade.kinds[resource.kind], _address(trade, resource)
        if not kind.fixed and not kind.read_only:
            absent.append(Absent(address, why, entry.origin, (entry.name,)))
        elif taken := resource.given_back or kind.lifecycle.withdrawn(resource.settings):
            reach = resource.reach or resolved.audience.reach
            back.append(_given_back(entry, address, taken, reach, resolved))
        elif not kind.read_only:
            kept.append(Refusal(address, "stays as it is: what it was before is not on record here", entry.origin))
    return ControlRequest(contributions=tuple(back), absent=tuple(absent), kept=tuple(kept))


def _given_back(
    entry: ControlEntry, address: Address, settings: Mapping[str, Json], reach: Reach, resolved: KnownAudience
) -> Contribution:
    return Contribution(
        address=address,
        written=settings,
        origins=dict.fromkeys(settings, entry.origin),
        origin=entry.origin,
        mode=Mode.ENFORCE,
        made_by=entry.name,
        unknown=resolved.missing,
        lost_group=bool(resolved.missing) and resolved.audience.lost,
        empty=resolved.empty,
        reach=reach,
        withdrawn=True,
    )


def _resources(realisation: Realisation) -> list[Resource]:
    return [resource for part in realisation.parts for resource in part.resources]


def _address(trade: CloudCatalogue, resource: Resource) -> Address:
    return Address(trade.name, resource.kind, resource.name, resource.label)


def _handling(
    entry: ControlEntry, resource: Resource, kind: Kind[Connection], resources: Sequence[Resource]
) -> Handling:
    """Apply what a control says of look-alikes to the objects that it would create, and of contested ones to all."""
    said = entry.settings
    if kind.fixed:
        return Handling(leave=said.leave, ours=said.ours)
    adopt = said.adopt
    if isinstance(adopt, str):
        first = next(other.name for other in resources if other.kind == resource.kind)
        adopt = {first: adopt}
    return Handling((adopt or {}).get(resource.name), said.beside, said.leave, said.ours)
