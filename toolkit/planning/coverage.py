"""App coverage: for each app that a control blocks, how completely each way to reach the app is blocked.

A way counts as blocked only as far as the verdict on the control's part confirms. If the same way exists on two clouds,
the worse result counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.verdicts.object_reasons import MAY_NOT_WORK
from toolkit.records import dataclass
from toolkit.sdk.part import SCHOOL, SURFACES, Closing, Closure, Level, Part
from toolkit.sdk.reason import admin_text
from toolkit.sdk.verdict import PartKey, PartOutcome, Verdict, WordEvidence, worst_outcome

_BEST = (
    Closing.CLOSED,
    Closing.ATTESTED,
    Closing.WRITTEN,
    Closing.NOT_YET,
    Closing.NOT_LOOKED_AT,
    Closing.OPEN,
    Closing.NOT_SEEN,
)
"""Of two parts on a cloud, the part that is earlier here counts."""
_WORST = (
    Closing.OPEN,
    Closing.NOT_YET,
    Closing.NOT_SEEN,
    Closing.NOT_LOOKED_AT,
    Closing.WRITTEN,
    Closing.ATTESTED,
    Closing.CLOSED,
)
"""Of two clouds, the cloud that is earlier here counts."""
_OF_OUTCOMES = {
    PartOutcome.DIFFERS: Closing.NOT_YET,
    PartOutcome.IN_PART: Closing.NOT_YET,
    PartOutcome.UNKNOWN: Closing.NOT_SEEN,
    PartOutcome.NOT_LOOKED_AT: Closing.NOT_LOOKED_AT,
}
_SOUND = frozenset({PartOutcome.IN_PLACE, PartOutcome.CONFIRMED, PartOutcome.OFF, PartOutcome.NOT_USED})
_NOT_MADE = frozenset({PartOutcome.REFUSED, PartOutcome.FAILED})
"""The verdicts on an exception's part after which its people have the same access as the others."""
_OFF_NETWORK = ("managed_browser", "other_browser", "windows_app", "chromeos_app", "supervised_ipad")
"""Ways on the school's devices, which the filter closes while they are on the school's network."""


@dataclass(frozen=True, slots=True)
class AccessRoute:
    """A way to reach an app, how completely the way is blocked, and the condition or reason."""

    surface: str  # in words
    closing: Closing
    condition: str = ""
    clouds: tuple[tuple[str, Closing], ...] = ()  # on each cloud that has it


@dataclass(frozen=True, slots=True)
class Coverage:
    """Apps of a control that are blocked in the same ways, and the audience for which they are blocked."""

    control: str
    audience: str
    apps: tuple[str, ...]
    ways: tuple[AccessRoute, ...]
    exception: str = ""  # the name of the exception that opens them


def compute_coverage(controls: Iterable[RealisedControl], verdicts: Iterable[Verdict]) -> list[Coverage]:
    """Return, for each blocked app, how completely every way to reach the app is blocked.

    Apps with equal results share a row.
    """
    rows: list[Coverage] = []
    all_controls, judged = tuple(controls), {verdict.key: verdict for verdict in verdicts}
    of_school = [control for control in all_controls if control.provider == SCHOOL]
    for (control, audience, exception), realised in _group_by_control(all_controls).items():
        shown = realised
        if exception:  # the school's own parts are for everyone
            shown = [
                *_applied_controls(realised, all_controls, judged),
                *(school_control for school_control in of_school if school_control.control == control),
            ]
        table = _Table(shown, judged)
        apps_by_ways: dict[tuple[AccessRoute, ...], list[str]] = {}
        for app in dict.fromkeys(app for control in realised for app in control.apps):
            apps_by_ways.setdefault(table.access_routes(app), []).append(app)
        rows += [Coverage(control, audience, tuple(apps), ways, exception) for ways, apps in apps_by_ways.items()]
    return rows


def _applied_controls(
    exceptions: Iterable[RealisedControl], all_controls: Iterable[RealisedControl], verdicts: Mapping[PartKey, Verdict]
) -> Iterator[RealisedControl]:
    """Yield the exceptions that are applied.

    If a cloud does not support an exception, yield the control itself instead.
    """
    for exception in exceptions:
        keys = (
            PartKey(exception.control, exception.audience, exception.exception, exception.provider, part.name)
            for part in exception.realisation.parts
        )
        if not any(verdicts[key].outcome in _NOT_MADE for key in keys if key in verdicts):
            yield exception
            continue
        yield from (
            other
            for other in all_controls
            if not other.exception and (other.control, other.provider) == (exception.control, exception.provider)
        )


def _group_by_control(controls: Iterable[RealisedControl]) -> Mapping[tuple[str, str, str], list[RealisedControl]]:
    together: dict[tuple[str, str, str], list[RealisedControl]] = {}
    for control in controls:
        together.setdefault((control.control, control.audience, control.exception), []).append(control)
    return together


class _Table:
    """For each app that a control blocks for an audience, the ways to reach the app."""

    def __init__(self, controls: Sequence[RealisedControl], verdicts: Mapping[PartKey, Verdict]) -> None:
        self._realised = controls
        self._judged = verdicts

    def access_routes(self, app: str) -> tuple[AccessRoute, ...]:
        """Return every way to reach an app, with how completely the way is blocked.

        If only the school's network filter blocks a way, the result says so.
        """
        ways = {surface: self._access_route(surface, app) for surface in SURFACES}
        network = ways["network"]
        for surface in _OFF_NETWORK if network.closing is Closing.ATTESTED else ():
            way = ways[surface]
            if way.closing is Closing.OPEN:
                outside = (
                    "away from the school's network, because only the network's filter blocks the app "
                    f"({network.condition})"
                )
                ways[surface] = replace(way, condition="; ".join(filter(None, [outside, way.condition])))
        return tuple(ways.values())

    def _access_route(self, surface: str, app: str) -> AccessRoute:
        words, otherwise = SURFACES[surface]
        by_cloud = {
            provider: min(
                closures, key=lambda closure: _BEST.index(closure.closing), default=Closure(surface, (), otherwise)
            )
            for provider, closures in self._closures_by_cloud(surface, app).items()
        }
        if not by_cloud:
            return AccessRoute(words, otherwise)
        provider, worst = min(by_cloud.items(), key=lambda item: _WORST.index(item[1].closing))
        clouds = tuple((name, closure.closing) for name, closure in by_cloud.items())
        differ = len({closing for _, closing in clouds}) > 1
        given = ": ".join(filter(None, [f"on {provider}" if differ else "", worst.given]))
        return AccessRoute(words, worst.closing, given, clouds)

    def _closures_by_cloud(self, surface: str, app: str) -> Mapping[str, list[Closure]]:
        """Return, for each cloud, how its parts block a way to reach an app."""
        closures: dict[str, list[Closure]] = {}
        for control in self._realised:
            for part in control.realisation.parts:
                if part.closes == surface or any(closure.surface == surface for closure in part.closures):
                    closures.setdefault(control.provider, []).extend(self._closures(surface, app, part, control))
        return closures

    def _closures(self, surface: str, app: str, part: Part, control: RealisedControl) -> Iterator[Closure]:
        verdicts = self._verdicts(part, control)
        if part.closes == surface:
            words = [g.evidence for v in verdicts for g in v.grounds if g.outcome is PartOutcome.CONFIRMED]
            for confirmation in (evidence for evidence in words if isinstance(evidence, WordEvidence)):
                yield Closure(
                    surface, (), Closing.ATTESTED, f"confirmed by {confirmation.role}, until {confirmation.until}"
                )
        for closure in part.closures:
            if closure.surface == surface and app in closure.apps:
                yield _limit_to_verdict(closure, verdicts)

    def _verdicts(self, part: Part, control: RealisedControl) -> Sequence[Verdict]:
        """Return the verdicts on a part of a control.

        If the part belongs to an exception, include the verdicts on the control itself.
        """
        key = PartKey(control.control, control.audience, control.exception, control.provider, part.name)
        own = [self._judged[key]] if key in self._judged else []
        if not control.exception:
            return own
        others = (verdict for verdict in self._judged.values() if not verdict.key.exception)
        whole = (control.control, control.provider, part.name)
        return [
            *own,
            *(verdict for verdict in others if (verdict.key.control, verdict.key.provider, verdict.key.part) == whole),
        ]


def _limit_to_verdict(closure: Closure, verdicts: Sequence[Verdict]) -> Closure:
    """Return how completely a part of a control blocks a way to reach an app, limited to the outcome of the
    part's verdict.
    """
    outcome = worst_outcome(verdict.outcome for verdict in verdicts)
    if outcome in _SOUND or closure.closing in {Closing.OPEN, Closing.NOT_SEEN}:
        return closure
    worst = next(verdict.worst for verdict in verdicts if verdict.outcome is outcome)
    why = admin_text(worst.reason) if worst and outcome is not PartOutcome.NOT_LOOKED_AT else ""
    maybe = worst is not None and worst.reason.has(MAY_NOT_WORK)
    closing = Closing.WRITTEN if maybe else _OF_OUTCOMES.get(outcome, Closing.OPEN)
    return Closure(closure.surface, closure.apps, closing, why)


def mark_unavailable_parts(
    controls: Iterable[RealisedControl], unavailable_kinds: Mapping[str, str]
) -> tuple[RealisedControl, ...]:
    """Return the controls with each part marked as unavailable if the school's licences do not include the
    part's objects.
    """
    return tuple(_mark_unlicensed_parts(control, unavailable_kinds) for control in controls)


def _mark_unlicensed_parts(control: RealisedControl, unavailable_kinds: Mapping[str, str]) -> RealisedControl:
    parts = tuple(
        _mark_unlicensed_part(part, control.provider, unavailable_kinds) for part in control.realisation.parts
    )
    return replace(control, realisation=replace(control.realisation, parts=parts))


def _mark_unlicensed_part(part: Part, provider: str, unavailable_kinds: Mapping[str, str]) -> Part:
    reasons = [unavailable_kinds.get(f"{provider}.{resource.kind}", "") for resource in part.resources]
    reason = next(filter(None, reasons), "")
    return replace(part, level=Level.UNAVAILABLE, reason=reason) if reason else part
