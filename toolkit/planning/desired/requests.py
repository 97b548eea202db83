"""Work out the objects that a control needs on a cloud for its whole audience: people without an exception,
exceptions and pilots.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolkit.errors import Problem, UnusableModule
from toolkit.planning.audience.pilot_parts import InPilot
from toolkit.planning.desired.control_request import ControlInPlaybook, ControlRequest
from toolkit.planning.desired.realise_slice import realise_control, realise_control_for_report
from toolkit.planning.desired.slices import AudienceSlices, PilotSlice, Slice, SliceInputs, Treatment, slice_audience
from toolkit.planning.plan_details import Unknown
from toolkit.playbook.entries import Departure
from toolkit.school.signals import Signals
from toolkit.sdk.part import Part
from toolkit.sdk.providers import broken_realisation
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Mode


def list_control_requests(control: ControlInPlaybook, inputs: SliceInputs) -> Sequence[ControlRequest]:
    """Return the objects that a control needs on a cloud, for every slice of its audience.

    If a module that the control needs is broken, return a problem. If disabled entries are included, to find all
    objects that the playbooks mention, return the objects of the broken entry as unknown instead.
    """
    entry, catalogue = control.entry, control.trade
    if broken := broken_realisation(catalogue.name, entry.name):
        return [_refuse_broken_module(control, str(broken), inputs)]
    try:
        requests = list(_requests_for_slices(control, inputs))
        for contribution in (contribution for request in requests for contribution in request.contributions):
            catalogue.kinds[contribution.address.kind]
    except UnusableModule as error:
        return [_refuse_broken_module(control, str(error), inputs)]
    return requests


def _refuse_broken_module(control: ControlInPlaybook, error: str, inputs: SliceInputs) -> ControlRequest:
    entry, catalogue = control.entry, control.trade
    if inputs.includes_off:
        return ControlRequest(unknown=(Unknown(entry.name, COULD_NOT_BE_READ(text=error), provider=catalogue.name),))
    text = f"{entry.name} cannot be used on {catalogue.title}. {error}"
    return ControlRequest(problems=(Problem(entry.origin.path, entry.origin.line, text),))


def _requests_for_slices(control: ControlInPlaybook, inputs: SliceInputs) -> Iterator[ControlRequest]:
    slices = slice_audience(control.entry, control.trade, inputs)
    signals = (inputs.signals or {}).get(control.trade.name, {}).get(control.entry.identity)
    if slices.pilot is None:
        yield from _requests_without_pilot(control, slices, signals)
    elif not slices.pilot.pilot_slice.is_over:
        yield _request_for_pilot(control, slices.pilot)
    else:
        yield from _requests_after_pilot(control, slices, slices.pilot, signals)


def _request_for_pilot(control: ControlInPlaybook, pilot: PilotSlice) -> ControlRequest:
    request = (
        _request_for_no_one(control, pilot.pilot_slice)
        if pilot.first.is_elsewhere
        else realise_control(control, pilot.pilot_slice)
    )
    return _mark_as_pilot(request, InPilot(pilot.pilot.audience, pilot.pilot.until, pilot.first.audience.reach))


def _requests_after_pilot(
    control: ControlInPlaybook, slices: AudienceSlices, pilot: PilotSlice, signals: Signals | None
) -> Iterator[ControlRequest]:
    """Yield the objects for the whole audience after a pilot, and the objects to remove because only the pilot needed
    them. Nothing is removed if the control is only checked, or if any of its parts is unknown.
    """
    requests = list(_requests_without_pilot(control, slices, signals))
    withdrawal = realise_control(control, pilot.pilot_slice)
    addresses = (
        *(contribution.address for contribution in withdrawal.contributions),
        *(contribution.address for contribution in withdrawal.absent),
    )
    over = InPilot(
        pilot.pilot.audience, pilot.pilot.until, pilot.first.audience.reach, is_over=True, addresses=addresses
    )
    yield from (_mark_as_pilot(request, over) for request in requests)
    if pilot.pilot_slice.mode is not Mode.CHECK and not any(request.unknown for request in requests):
        yield ControlRequest(
            contributions=() if pilot.pilot_slice.has_no_group else withdrawal.contributions, absent=withdrawal.absent
        )


def _mark_as_pilot(request: ControlRequest, pilot: InPilot) -> ControlRequest:
    controls = tuple(control if control.exception else replace(control, pilot=pilot) for control in request.controls)
    return replace(request, controls=controls)


def _requests_without_pilot(
    control: ControlInPlaybook, slices: AudienceSlices, signals: Signals | None
) -> Iterator[ControlRequest]:
    if slices.is_elsewhere:
        yield _request_for_no_one(control, slices.rest)
    elif slices.not_supported:
        yield _add_unsupported_exceptions(realise_control(control, slices.rest, signals), slices.not_supported)
    else:
        yield _request_without_exceptions(control, slices, signals)
        for exception in slices.exceptions:
            yield from _requests_for_exception(control, exception, signals)


def _request_for_no_one(control: ControlInPlaybook, audience_slice: Slice) -> ControlRequest:
    if audience_slice.mode is Mode.OFF:
        return ControlRequest()
    return realise_control_for_report(control, audience_slice, audience_slice.scope.current_audience.name)


def _request_without_exceptions(
    control: ControlInPlaybook, slices: AudienceSlices, signals: Signals | None
) -> ControlRequest:
    """Return the objects that a control needs for everyone without an exception.

    If the people of an exception's group are unknown, the objects' lists exclude the group.
    """
    request = realise_control(control, slices.rest, signals)
    for unresolved in slices.unresolved_rests:
        whole = realise_control(control, unresolved.rest, signals)
        request = unresolved.exception.request_for_everyone_else(whole, request)
    if slices.without_any is None:
        return request
    if slices.without_any != slices.unresolved_rests[-1].rest:
        whole = realise_control(control, slices.without_any, signals)
    return replace(request, controls=whole.controls)


def _requests_for_exception(
    control: ControlInPlaybook, exception: Slice, signals: Signals | None
) -> Iterator[ControlRequest]:
    unresolved, is_live = exception.unresolved_exception, not exception.is_over
    if unresolved and is_live and not exception.is_shared:
        yield ControlRequest(unknown=(unresolved.to_unknown(control.entry.name),))
    if exception.treatment is Treatment.SPARE:
        return
    request = realise_control(control, exception, signals)
    if unresolved and exception.missing:
        request = unresolved.mark_as_replaceable(request)
    yield ControlRequest(absent=request.absent) if exception.has_no_group else request


def _add_unsupported_exceptions(request: ControlRequest, current_exceptions: Sequence[Departure]) -> ControlRequest:
    """Add a note to each part of a control if this cloud does not support some of the current exceptions.

    Parts without objects get no note.
    """
    cannot = tuple(
        f"{exception.audience}: no change, because this cloud does not support the exception {exception.name}"
        for exception in current_exceptions
    )
    controls = [
        replace(
            control,
            realisation=replace(
                control.realisation, parts=tuple(_add_limitations(part, cannot) for part in control.realisation.parts)
            ),
        )
        for control in request.controls
    ]
    return replace(request, controls=tuple(controls))


def _add_limitations(part: Part, limitations: tuple[str, ...]) -> Part:
    return replace(part, cannot=(*part.cannot, *limitations)) if part.resources else part
