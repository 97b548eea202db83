"""Shares of people and of devices: in words, and as bars."""

from collections.abc import Iterator

from toolkit.board_report.plain_language import capital, named, place_plainly, plainly
from toolkit.controls.lost_devices import LOST_WIPE, PRACTICE, LostPractice
from toolkit.engine.policy import PolicyReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.records import dataclass
from toolkit.sdk.check import Status
from toolkit.sdk.devices_seen import DeviceStates
from toolkit.sdk.reason import About, Share, Things

NOT_KNOWN = "not known"
_DEVICES = "device.compliance"


def share_text(share: Share | None) -> str:
    """Return how many of some people; of a small group whether it is all, and "not known" where it may be all."""
    if share is None or not share.of or (share.small and share.unknown and not share.lacking):
        return NOT_KNOWN
    text = share.for_governors
    return f"{text} ({share.unknown} {NOT_KNOWN})" if share.unknown and not share.small else text


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBar:
    """A number as a bar of page one, and in words. Without a number it has only words."""

    what: str
    number: int | None
    of: int | None
    unknown: int
    shown: str
    told: str


def bar(what: str, counted: Share | Things | None) -> NumberBar:
    """Return a share as a bar; of a small group of people, and where nothing is known, it has words and no number."""
    text = str(counted) if isinstance(counted, Things) else share_text(counted)
    hidden = counted is None or not counted.of or (isinstance(counted, Share) and counted.small)
    return NumberBar(
        what=what,
        number=None if counted is None or hidden else counted.count,
        of=None if counted is None or hidden else counted.of,
        unknown=counted.unknown if isinstance(counted, Share) and not hidden else 0,
        shown=text,
        told=f"{capital(what)}: {text}.",
    )


def devices(report: PolicyReport) -> list[NumberBar]:
    """Return a bar for each kind of device that was counted, and for each that could not be read."""
    found = [each for each in report.looked.findings if each.control == _DEVICES]
    return [each for finding in found for each in _of_finding(finding)]


@dataclass(frozen=True, slots=True)
class PracticeLine:
    """When the procedure for a lost device was last practised on a cloud."""

    what: str
    told: str


def lost_devices(report: PolicyReport) -> list[PracticeLine]:
    """Return for each cloud when the procedure for a lost device was last used or practised, with counts only."""
    found = [each for each in report.looked.findings if (each.control, each.finding.subject) == (LOST_WIPE, PRACTICE)]
    return [
        PracticeLine(named(each.provider), f"{capital(plainly(each.finding.reason))}.")
        for each in found
        if isinstance(practice := each.finding.measurement, LostPractice) and practice.last
    ]


def _of_finding(found: ControlFinding) -> Iterator[NumberBar]:
    states = found.finding.measurement
    what = place_plainly(About(found.finding.subject, "", named(found.provider)))
    if isinstance(states, DeviceStates) and states.devices:
        yield bar(f"{what}, {states.measure}", Things(states.fine, states.devices))
    elif found.finding.status is Status.UNKNOWN:
        yield bar(what, None)
