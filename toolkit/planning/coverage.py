"""Where apps are closed: for each that a control blocks, every way to it, and how far that way is closed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from toolkit.planning.plan import RealisedControl
from toolkit.playbook.entries import Attestation
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.surface import SURFACES, Closing, Closure

_BEST = (Closing.CLOSED, Closing.ATTESTED, Closing.WRITTEN, Closing.OPEN, Closing.NOT_SEEN)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an app: how far it is closed, and what that rests on or why it is open."""

    surface: str  # in words
    closing: Closing
    given: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Apps of one control for one audience to which the same ways are closed."""

    control: str
    audience: str
    apps: tuple[str, ...]
    ways: tuple[Way, ...]
    exception: str = ""  # the name of the one that opens them


def coverage(controls: Iterable[RealisedControl], attestations: Sequence[Attestation], today: date) -> list[Coverage]:
    """Say of every app that a control blocks how far each way to it is closed; apps with the same ways together."""
    found: list[Coverage] = []
    every = tuple(controls)
    of_school = [one for one in every if one.provider == SCHOOL]
    for (control, audience, exception), realised in _by_control(every).items():
        if exception:  # what the school itself closes, it closes for all
            realised += [one for one in of_school if one.control == control]
        rows: dict[tuple[Way, ...], list[str]] = {}
        for app in dict.fromkeys(app for one in realised if one.exception == exception for app in one.apps):
            rows.setdefault(tuple(_ways(app, realised, attestations, today)), []).append(app)
        found += [Coverage(control, audience, tuple(apps), ways, exception) for ways, apps in rows.items()]
    return found


def _by_control(controls: Iterable[RealisedControl]) -> Mapping[tuple[str, str, str], list[RealisedControl]]:
    together: dict[tuple[str, str, str], list[RealisedControl]] = {}
    for one in controls:
        together.setdefault((one.control, one.audience, one.exception), []).append(one)
    return together


def _ways(
    app: str, realised: Sequence[RealisedControl], attestations: Sequence[Attestation], today: date
) -> Iterator[Way]:
    for surface, (words, otherwise) in SURFACES.items():
        said = [
            *(way for one in realised for way in _said(surface, app, one)),
            *(way for one in realised for way in _confirmed(surface, one, attestations, today)),
        ]
        best = min(said, key=lambda closure: _BEST.index(closure.closing), default=None)
        yield Way(words, best.closing, best.given) if best else Way(words, otherwise)


def _said(surface: str, app: str, one: RealisedControl) -> Iterator[Closure]:
    for part in one.realisation.parts:
        yield from (closure for closure in part.closures if closure.surface == surface and app in closure.apps)


def _confirmed(
    surface: str, one: RealisedControl, attestations: Sequence[Attestation], today: date
) -> Iterator[Closure]:
    for part in one.realisation.parts:
        if part.closes != surface:
            continue
        for other in attestations:
            of_part = (other.control, other.provider, other.part) == (one.control, one.provider, part.name)
            if of_part and other.on <= today <= other.until:
                given = f"confirmed by {other.by}, until {other.until.isoformat()}"
                yield Closure(surface, (), Closing.ATTESTED, given)
