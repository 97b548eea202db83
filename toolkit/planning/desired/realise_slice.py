"""Work out the objects that a control needs on a cloud for one slice of the control's audience."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import ValidationError

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control, ControlSettings
from toolkit.errors import Problem
from toolkit.planning.audience.pilot_parts import limit_to_pilot
from toolkit.planning.audience.resolve import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN, KnownAudience, has_empty_group
from toolkit.planning.contribution import Contribution, describe_invalid_settings
from toolkit.planning.desired.control_request import CloudCatalogue, ControlInPlaybook, ControlRequest
from toolkit.planning.desired.slices import Slice, Treatment
from toolkit.planning.plan_details import RealisedControl, Refusal, Unknown
from toolkit.playbook.entries import ControlEntry
from toolkit.school.signals import Signals
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, MembershipSource, Scope, UseCount
from toolkit.sdk.kind import Kind
from toolkit.sdk.part import SCHOOL, ControlContext, Level, Realisation, Resource, manual
from toolkit.sdk.reason import ReasonCode
from toolkit.sdk.resource import Absent, Address, Handling, Mode

_NOT_ON_RECORD = "stays as it is, because the ledger has no record of its former value"
_IMPOSSIBLE = ReasonCode("control_not_possible", admin="{text}", governor="it cannot be set up with these settings")


def realise_control(
    control: ControlInPlaybook, audience_slice: Slice, signals: Signals | None = None
) -> ControlRequest:
    """Return the objects that a control needs for one slice (part) of its audience.

    If the people in the slice are unknown, the objects are unknown. If an exception spares these people, no objects are
    needed.
    """
    if audience_slice.treatment is Treatment.SPARE:
        return ControlRequest()
    resolved = _audience_of_slice(audience_slice)
    try:
        realisation = _realise_for_slice(control, audience_slice, signals or Signals())
    except ValidationError as invalid:
        about = f"{control.entry.name} on {control.trade.title}"
        wrong = (f"{about}: {text}" for text in describe_invalid_settings(invalid))
        at = audience_slice.origin
        return ControlRequest(problems=tuple(Problem(at.path, at.line, text) for text in wrong))
    except ValueError as impossible:
        reason = _IMPOSSIBLE(text=str(impossible))
        return ControlRequest(unknown=(Unknown(control.entry.name, reason, provider=control.trade.name),))
    if audience_slice.treatment is Treatment.WITHDRAW:
        return _request_to_withdraw(control, audience_slice, realisation, resolved)
    return _request_to_apply(control, audience_slice, realisation, resolved)


def realise_control_for_report(control: ControlInPlaybook, audience_slice: Slice, role: str) -> ControlRequest:
    """Return a control's parts, for a report, if the role has no group on this cloud.

    The parts have no people and no objects.
    """
    request = realise_control(control, replace(audience_slice, treatment=Treatment.APPLY))
    use = UseCount(role=role)
    return ControlRequest(controls=tuple(replace(realised, use=use) for realised in request.controls))


def _audience_of_slice(audience_slice: Slice) -> KnownAudience:
    scope, missing = audience_slice.scope, audience_slice.missing
    return KnownAudience(scope.current_audience, missing, empty=bool(missing) and has_empty_group(scope))


def _realise_for_slice(control: ControlInPlaybook, audience_slice: Slice, signals: Signals) -> Realisation:
    scope, school, pilot = audience_slice.scope, control.school, audience_slice.settings.pilot
    context = ControlContext(school, scope, school.protected.mailboxes, signals, control.now)
    realisation = _add_evaluation_note(_realise_on_cloud(control, audience_slice.settings, context), scope)
    if not (scope.pilot and pilot):
        return realisation
    return limit_to_pilot(
        realisation, scope, pilot.until, _adopted_names(audience_slice.settings, control.trade, realisation)
    )


def _request_to_apply(
    control: ControlInPlaybook, audience_slice: Slice, realisation: Realisation, audience: KnownAudience
) -> ControlRequest:
    missing, scope, exception = audience_slice.missing, audience_slice.scope, audience_slice.exception
    use = UseCount(unknown=missing) if missing else scope.audience.use_count
    clauses = _served_clauses(control.control, control.clauses)
    realised = _to_realised_control(
        control.entry.name, control.trade.name, clauses, realisation, audience_slice.settings, exception=exception
    )
    contributions = _to_contributions(control, audience_slice, realisation, audience)
    return ControlRequest(
        contributions=tuple(contributions),
        controls=(replace(realised, use=use),),
        unknown=(
            Unknown(
                control.entry.name,
                (AUDIENCE_EMPTY if audience.empty else AUDIENCE_UNKNOWN)(why=audience.missing),
                for_whom=True,
                provider=control.trade.name,
            ),
        )
        if audience.missing and not contributions and not exception  # the exception itself is reported as unknown
        else (),
        problems=_problems_with_required_level(control, audience_slice, realisation),
    )


_AS_OF = {
    MembershipSource.BY_RULE: "{name} has a membership rule, so its members are from the rule's last evaluation",
    MembershipSource.PAUSED: "{name} has a paused membership rule, so its members are from before the pause",
}


def _add_evaluation_note(realisation: Realisation, scope: Scope) -> Realisation:
    """Return the control's parts.

    If a rule decides who is in the group, each part has a note on when the service last evaluated the rule.
    """
    audiences = (scope.audience, scope.pilot, *scope.excepted_audiences)
    groups = dict.fromkeys(audience.group for audience in audiences if audience and audience.group)
    limits = tuple(
        _AS_OF[group.membership_source].format(name=group.name) for group in groups if group.membership_source in _AS_OF
    )
    if not limits:
        return realisation
    return Realisation(tuple(replace(part, limits=(*part.limits, *limits)) for part in realisation.parts))


def _adopted_names(
    settings: ControlSettings, catalogue: CloudCatalogue, realisation: Realisation
) -> Mapping[tuple[str, str], str]:
    """Return the names of existing objects that the control takes over, by kind and by the object's name in the
    playbook.
    """
    resources = _all_resources(realisation)
    handled = (
        (resource, _handling_of_resource(settings, resource, catalogue.kinds[resource.kind], resources).adopt)
        for resource in resources
    )
    return {(resource.kind, resource.name): adopt for resource, adopt in handled if adopt}


def request_for_parts_left_to_people(entry: ControlEntry, control: Control, clauses: Sequence[str]) -> ControlRequest:
    """Return the parts of a control that people in the school look after, because no cloud can."""
    if entry.mode is Mode.OFF or not control.by_people:
        return ControlRequest()
    realised = _to_realised_control(
        entry.name, SCHOOL, _served_clauses(control, clauses), Realisation(control.by_people), entry.settings
    )
    return ControlRequest(controls=(realised,))


def _served_clauses(control: Control, clauses: Sequence[str]) -> tuple[str, ...]:
    return tuple(clause for clause in clauses if clause in control.clauses) or tuple(clauses)


def _to_realised_control(
    name: str,
    provider: str,
    clauses: tuple[str, ...],
    realisation: Realisation,
    settings: ControlSettings,
    *,
    exception: str = "",
) -> RealisedControl:
    apps = _apps_to_show(settings, exception=bool(exception)) if isinstance(settings, Blocking) else ()
    return RealisedControl(name, provider, clauses, realisation, settings.audience or EVERYONE, apps, exception)


def _apps_to_show(settings: Blocking, *, exception: bool) -> tuple[str, ...]:
    """Return the apps that the coverage table shows.

    These are the blocked apps or, for an exception, the apps that are open.
    """
    apps = settings.allowed_apps if exception else (*settings.apps, *settings.allowed_apps)
    return tuple(app.title for app in apps)


def _realise_on_cloud(control: ControlInPlaybook, settings: ControlSettings, context: ControlContext) -> Realisation:
    if cloud_control := control.trade.realisations.get(control.entry.name):
        return cloud_control.realise(settings, context)
    reason = f"toolkit cannot set up {control.control.name} on {control.trade.title} yet"
    return Realisation((manual("not realised here", control.control.title, reason),))


def _problems_with_required_level(
    control: ControlInPlaybook, audience_slice: Slice, realisation: Realisation
) -> tuple[Problem, ...]:
    """Return a problem if the playbook requires a control to be enforced and the cloud cannot enforce it.

    The problem lists the possible levels.
    """
    if audience_slice.settings.require != "enforced" or realisation.level is Level.ENFORCED:
        return ()
    weakest = "; ".join(
        f"{part.name}: {part.level}, {part.reason or part.covers}"
        for part in realisation.parts
        if part.needed and part.level is not Level.ENFORCED
    )
    possible = ", ".join(part.name for part in realisation.parts if part.level is Level.ENFORCED) or "none"
    text = (
        f"{control.entry.name} cannot be enforced on {control.trade.title}: its level there is {realisation.level} "
        f"({weakest}). Parts that can be enforced: {possible}. Leave out `require`, or ask for less"
    )
    origin = audience_slice.origin
    return (Problem(origin.path, audience_slice.lines.get("require", origin.line), text),)


def _to_contributions(
    control: ControlInPlaybook, audience_slice: Slice, realisation: Realisation, audience: KnownAudience
) -> list[Contribution]:
    resources, settings = _all_resources(realisation), audience_slice.settings
    first = audience_slice.scope.pilot
    pilot = f"{first.name} until {settings.pilot.until}" if first and settings.pilot else ""
    return [
        replace(
            _to_contribution(control, audience_slice, resource, audience),
            handling=_handling_of_resource(settings, resource, control.trade.kinds[resource.kind], resources),
            reviewed=resource.reviewed,
            pilot=pilot,
        )
        for resource in resources
    ]


def _to_contribution(
    control: ControlInPlaybook, audience_slice: Slice, resource: Resource, audience: KnownAudience
) -> Contribution:
    return Contribution(
        address=_resource_address(control.trade, resource),
        settings=resource.settings,
        origins=dict.fromkeys(resource.settings, audience_slice.origin),
        origin=audience_slice.origin,
        mode=audience_slice.mode,
        made_by=control.entry.name,
        unknown=audience.missing,
        lost_group=bool(audience.missing) and audience.audience.is_lost,
        empty=audience.empty,
        reach=resource.reach or audience.audience.reach,
    )


def _request_to_withdraw(
    control: ControlInPlaybook, audience_slice: Slice, realisation: Realisation, audience: KnownAudience
) -> ControlRequest:
    """Return a request to undo a control: to delete the objects that the control created, and to restore the
    settings that it changed.
    """
    absent: list[Absent] = []
    restored: list[Contribution] = []
    not_restored: list[Refusal] = []
    name, exception, origin = control.entry.name, audience_slice.exception, audience_slice.origin
    why = f"created for the exception {exception}, which does not apply now" if exception else f"{name} is withdrawn"
    for resource in _all_resources(realisation):
        kind, address = control.trade.kinds[resource.kind], _resource_address(control.trade, resource)
        if not kind.fixed and not kind.read_only:
            absent.append(Absent(address, why, origin, (name,)))
        elif withdrawn_settings := resource.withdrawn_settings or kind.lifecycle.withdrawn(resource.settings):
            contribution = _to_contribution(control, audience_slice, resource, audience)
            restored.append(
                replace(
                    contribution,
                    settings=withdrawn_settings,
                    origins=dict.fromkeys(withdrawn_settings, origin),
                    mode=Mode.ENFORCE,
                    withdrawn=True,
                )
            )
        elif not kind.read_only:
            not_restored.append(Refusal(address, _NOT_ON_RECORD, origin, made_by=(name,)))
    return ControlRequest(contributions=tuple(restored), absent=tuple(absent), not_restored=tuple(not_restored))


def _all_resources(realisation: Realisation) -> list[Resource]:
    return [resource for part in realisation.parts for resource in part.resources]


def _resource_address(catalogue: CloudCatalogue, resource: Resource) -> Address:
    return Address(catalogue.name, resource.kind, resource.name, resource.label)


def _handling_of_resource(
    settings: ControlSettings, resource: Resource, kind: Kind[Connection], resources: Sequence[Resource]
) -> Handling:
    """Return how a run treats look-alikes and contested settings of a control's object.

    A decision on look-alikes applies only to objects that the control creates.
    """
    if kind.fixed:
        return Handling(beside=settings.beside, leave=settings.leave, ours=settings.ours)
    adopt = settings.adopt
    if isinstance(adopt, str):
        first = next(other.name for other in resources if other.kind == resource.kind)
        adopt = {first: adopt}
    return Handling((adopt or {}).get(resource.name), settings.beside, settings.leave, settings.ours)
