"""Says of controls what the licences of a tenant leave of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from toolkit.planning.plan import RealisedControl
from toolkit.sdk.part import Level, Part


def as_licensed(controls: Iterable[RealisedControl], unavailable: Mapping[str, str]) -> tuple[RealisedControl, ...]:
    """Call every part unavailable that asks for objects of a kind that the licences do not include."""
    return tuple(_licensed(control, unavailable) for control in controls)


def _licensed(control: RealisedControl, unavailable: Mapping[str, str]) -> RealisedControl:
    parts = tuple(_part(part, control.provider, unavailable) for part in control.realisation.parts)
    return replace(control, realisation=replace(control.realisation, parts=parts))


def _part(part: Part, provider: str, unavailable: Mapping[str, str]) -> Part:
    reasons = [unavailable.get(f"{provider}.{resource.kind}", "") for resource in part.resources]
    reason = next(filter(None, reasons), "")
    return replace(part, level=Level.UNAVAILABLE, reason=reason, closures=()) if reason else part
