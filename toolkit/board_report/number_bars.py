"""Show shares of people and devices in words and as bars."""

from collections.abc import Iterator

from toolkit.board_report.plain_language import capital, governor_text, place_plainly, title_of
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
    """Return a share of a group in words. For a small group, the text has no numbers, but a word such as "all"."""
    if share is None or not share.of or (share.is_small and share.unknown and not share.lacking):
        return NOT_KNOWN
    text = share.for_governors
    return f"{text} ({share.unknown} {NOT_KNOWN})" if share.unknown and not share.is_small else text


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBar:
    """A number as a bar on the first page, and in words. An unknown number has only words."""

    what: str
    number: int | None
    of: int | None
    unknown: int
    shown: str
    told: str


def number_bar(what: str, counted: Share | Things | None) -> NumberBar:
    """Return a share as a bar.

    A small group of people or an unknown number has only words.
    """
    text = str(counted) if isinstance(counted, Things) else share_text(counted)
    hidden = counted is None or not counted.of or (isinstance(counted, Share) and counted.is_small)
    return NumberBar(
        what=what,
        number=None if counted is None or hidden else counted.count,
        of=None if counted is None or hidden else counted.of,
        unknown=counted.unknown if isinstance(counted, Share) and not hidden else 0,
        shown=text,
        told=f"{capital(what)}: {text}.",
    )


def device_bars(report: PolicyReport) -> list[NumberBar]:
    """Return a bar for each type of device that was counted or could not be read."""
    findings = [control_finding for control_finding in report.looked.findings if control_finding.control == _DEVICES]
    return [number_bar for finding in findings for number_bar in _device_bars(finding)]


@dataclass(frozen=True, slots=True)
class PracticeLine:
    """The date when the school last practised the procedure for a lost device on a cloud."""

    what: str
    told: str


def practice_lines(report: PolicyReport) -> list[PracticeLine]:
    """Return when the procedure for a lost device was last used or practised on each cloud.

    The result has only counts and no names.
    """
    findings = [
        control_finding
        for control_finding in report.looked.findings
        if (control_finding.control, control_finding.finding.subject) == (LOST_WIPE, PRACTICE)
    ]
    return [
        PracticeLine(title_of(control_finding.provider), f"{capital(governor_text(control_finding.finding.reason))}.")
        for control_finding in findings
        if isinstance(practice := control_finding.finding.measurement, LostPractice) and practice.last
    ]


def _device_bars(control_finding: ControlFinding) -> Iterator[NumberBar]:
    states = control_finding.finding.measurement
    what = place_plainly(About(control_finding.finding.subject, "", title_of(control_finding.provider)))
    if isinstance(states, DeviceStates) and states.devices:
        yield number_bar(f"{what}, {states.measure}", Things(states.fine, states.devices))
    elif control_finding.finding.status is Status.UNKNOWN:
        yield number_bar(what, None)
