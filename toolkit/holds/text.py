"""Legal holds as text and JSON for those who have the register's key."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from toolkit.holds.model import FAILED, WANTED, Case, CloudHold, Custodian, ServiceRecord
from toolkit.render.audit_text import instant
from toolkit.render.line import Line, Tone
from toolkit.render.serialise import to_body
from toolkit.sdk.legal_holds import HoldStatus, Service
from toolkit.sdk.providers import providers
from toolkit.values import Json

_WORDS = {
    WANTED: "wanted, not asked for yet",
    FAILED: "FAILED",
    HoldStatus.ABSENT: "NOT HELD",
    HoldStatus.REQUESTED: "requested; the service has not shown it as working yet",
    HoldStatus.CONFIRMED: "confirmed",
    HoldStatus.WEAKER: "KEEPS LESS than a hold without end",
    HoldStatus.UNAVAILABLE: "unavailable",
}
_SIGNS = {HoldStatus.CONFIRMED: "=", HoldStatus.REQUESTED: "~", HoldStatus.UNAVAILABLE: "*"}
_BEYOND = {
    "microsoft365": "not covered here: shared sites, and what stands in teams' channels and group mailboxes",
    "google_workspace": "not covered here: groups that are joined later, sites and notes",
}


def case_lines(case: Case, now: datetime) -> Iterator[Line]:
    """Show one case with everybody it holds."""
    yield Line(f"Case {case.name}, called {case.matter} in the clouds", Tone.HEADING)
    if case.released:
        yield Line(f"  released {instant(case.released)}: {', '.join(case.people)}", Tone.QUIET)
    if case.review:
        due = " (overdue)" if case.review <= now.date() and not case.released else ""
        yield Line(f"  to be reviewed on {case.review:%d %B %Y}{due}; that date ends nothing")
    for consent in case.consents:
        how = f"signed in to {_title(consent.verified)}" if consent.verified else "named by the operator, not verified"
        yield Line(f"  release asked for by {consent.by}, {how}, {instant(consent.at)}")
    for custodian in case.people.values() if not case.released else ():
        yield from _person(custodian)


def register_lines(cases: Iterable[Case], now: datetime) -> Iterator[Line]:
    """Show all cases; none is said."""
    shown = list(cases)
    if not shown:
        yield Line("The register holds no case.", Tone.QUIET)
    for case in shown:
        yield from case_lines(case, now)


def unread_lines(failed: Mapping[str, str]) -> Iterator[Line]:
    """Say which clouds could not be asked, so that nothing is believed of them."""
    for provider, reason in failed.items():
        yield Line(f"! {_title(provider)}: {reason}", Tone.WARNING)


def _person(custodian: Custodian) -> Iterator[Line]:
    yield Line(f"  {custodian.address}, since {instant(custodian.since)}")
    for provider, held in sorted(custodian.clouds.items(), reverse=True):
        unread = f": could not be read: {held.unread}" if held.unread else ""
        yield Line(f"    {_title(provider)}{unread}", Tone.WARNING if unread else Tone.PLAIN)
        if held.id:
            yield from (_part(service, held.parts[service]) for service in Service if service in held.parts)
            yield Line(f"      {_BEYOND.get(provider, '')}".rstrip(), Tone.QUIET)
        elif not held.unread:
            yield Line("      * nothing to hold: there is no such account here")


def _part(service: Service, part: ServiceRecord) -> Line:
    sign = _SIGNS.get(HoldStatus(part.standing), "!") if part.standing in set(HoldStatus) else "!"
    reason = f" ({part.reason})" if part.reason else ""
    tone = Tone.WARNING if sign == "!" else Tone.PLAIN
    return Line(f"      {sign} {service.value:8} {_WORDS[part.standing]}{reason}", tone)


def _title(provider: str) -> str:
    found = providers().get(provider)
    return found.title if found else provider


FORMAT = 1


def holds_answer(cases: Iterable[Case], target: str, failed: Mapping[str, str]) -> Mapping[str, Json]:
    """Answer with cases, people and how each of their holds stands."""
    return to_body({"format": FORMAT, "target": target, "cases": [_case(case) for case in cases], "unread": failed})


def _case(case: Case) -> Mapping[str, object]:
    return {
        "case": case.name,
        "matter": case.matter,
        "review": case.review,
        "released": case.released,
        "consents": [{"by": one.by, "at": one.at, "verified": one.verified or None} for one in case.consents],
        "people": [
            {
                "address": one.address,
                "since": one.since,
                "clouds": {provider: _held(held) for provider, held in one.clouds.items()},
            }
            for one in case.people.values()
        ],
    }


def _held(held: CloudHold) -> Mapping[str, object]:
    parts = held.parts.items()
    return {
        "id": held.id or None,
        "unread": held.unread or None,
        "holds": [{"service": name, "standing": part.standing, "reason": part.reason or None} for name, part in parts],
    }
