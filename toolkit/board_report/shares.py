"""Shares of people and of devices: in words, and as the bar that a picture draws."""

from collections.abc import Iterator, Mapping

from toolkit.board_report.plain_language import capital, named, place_plainly, plainly
from toolkit.controls.lost_devices import LOST_WIPE, PRACTICE
from toolkit.engine.policy import PolicyReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.sdk.check import Status
from toolkit.sdk.reason import About, Share, Things
from toolkit.values import Json

NOT_KNOWN = "not known"
_DEVICES = "device.compliance"


def share_text(share: Share | None) -> str:
    """Return how many of some people; of a small group whether it is all, and "not known" where it may be all."""
    if share is None or not share.of or (share.small and share.unknown and not share.lacking):
        return NOT_KNOWN
    text = share.for_governors
    return f"{text} ({share.unknown} {NOT_KNOWN})" if share.unknown and not share.small else text


def bar(what: str, counted: Share | Things | None) -> dict[str, Json]:
    """Return a share as a bar; of a small group of people, and where nothing is known, it has words and no number."""
    text = str(counted) if isinstance(counted, Things) else share_text(counted)
    hidden = counted is None or not counted.of or (isinstance(counted, Share) and counted.small)
    return {
        "what": what,
        "number": None if counted is None or hidden else counted.count,
        "of": None if counted is None or hidden else counted.of,
        "unknown": counted.unknown if isinstance(counted, Share) and not hidden else 0,
        "shown": text,
        "told": f"{capital(what)}: {text}.",
    }


def devices(report: PolicyReport) -> list[Json]:
    """Return a bar for each kind of device that was counted, and for each that could not be read."""
    found = [each for each in report.looked.findings if each.control == _DEVICES]
    return [each for finding in found for each in _of_finding(finding)]


def lost_devices(report: PolicyReport) -> list[Json]:
    """Return for each cloud when the procedure for a lost device was last used or practised, with counts alone."""
    found = [each for each in report.looked.findings if (each.control, each.finding.subject) == (LOST_WIPE, PRACTICE)]
    return [
        {"what": named(each.provider), "told": f"{capital(plainly(each.finding.reason))}."}
        for each in found
        if each.finding.evidence.get("last")
    ]


def _of_finding(found: ControlFinding) -> Iterator[dict[str, Json]]:
    known: Mapping[str, Json] = found.finding.evidence
    what = place_plainly(About(found.finding.subject, "", named(found.provider)))
    number, whole = known.get("fine"), known.get("devices")
    if isinstance(number, int) and isinstance(whole, int) and whole:
        yield bar(f"{what}, {known['measure']}", Things(number, whole))
    elif found.finding.status is Status.UNKNOWN:
        yield bar(what, None)
