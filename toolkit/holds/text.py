"""Renders legal holds as text and JSON, for people who have the register's key."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from toolkit.errors import Exit
from toolkit.holds.model import (
    FAILED,
    PEOPLE,
    PLACED,
    WANTED,
    Case,
    ChangedHold,
    CloudHold,
    Custodian,
    HoldsSeen,
    HoldState,
    LostCover,
    ServiceRecord,
)
from toolkit.holds.search_text import search_lines, search_row, signed_text
from toolkit.render.audit_text import format_minute
from toolkit.render.line import Line, Tone, row, rows, to_body
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.legal_holds import HoldStatus, Service
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import admin_text
from toolkit.values import Body, Json

_WORDS = {
    WANTED: "may not be placed, because the run that places it did not finish. Run `toolkit hold confirm`",
    FAILED: "FAILED",
    HoldStatus.ABSENT: "NOT HELD",
    HoldStatus.REQUESTED: "requested, and not yet shown as working by the service",
    HoldStatus.CONFIRMED: "confirmed",
    HoldStatus.WEAKER: "KEEPS LESS than an unlimited hold",
    HoldStatus.UNAVAILABLE: "unavailable",
}
_SIGNS = {HoldStatus.CONFIRMED: "=", HoldStatus.REQUESTED: "~", HoldStatus.UNAVAILABLE: "*"}
_BEYOND = {
    "microsoft365": "not covered here: shared sites, and content of teams' channels and group mailboxes",
    "google_workspace": "not covered here: groups that are joined later, sites and notes",
}


_STATES = {
    HoldState.NONE: "none from `toolkit hold`",
    HoldState.AS_WANTED: "all in place",
    HoldState.NOT_AS_WANTED: "not all in place (critical), see `toolkit hold list`",
    HoldState.PENDING: "pending",
    HoldState.UNKNOWN: "unknown",
}


def state_line(seen: HoldsSeen) -> Line:
    """Return the line about the state of all holds, with the reasons."""
    parts = [_STATES[seen.state], *map(admin_text, seen.reasons)]
    quiet = seen.state.exit is Exit.AS_WANTED and not seen.reasons
    return Line(f"holds: {'; '.join(parts)}", Tone.PLAIN if quiet else Tone.WARNING, essential=not quiet)


def overdue_line(copies: int) -> Line:
    """Return the line that says how many copies of evidence are past their review date."""
    text = f"copies of evidence past their review date: {copies}, see `toolkit custody list`"
    return Line(text, Tone.WARNING)


def state_answer(seen: HoldsSeen) -> Body:
    """Return the state of all holds as JSON."""
    return {"holds": str(seen.state), "holds_reasons": list(map(admin_text, seen.reasons))}


def case_lines(case: Case, now: datetime) -> Iterator[Line]:
    """Yield lines about a case and the people on hold in it."""
    yield Line(f"Case {case.name}, called {case.matter} in the clouds", Tone.HEADING)
    if case.released:
        yield Line(f"  released {format_minute(case.released)}: {', '.join(case.people)}", Tone.QUIET)
        yield from _left_lines(case)
    if case.review:
        due = " (overdue)" if case.review <= now.date() and not case.released else ""
        yield Line(f"  to be reviewed on {day(case.review)}{due}; the hold does not end on that date")
    for consent in case.consents:
        yield Line(f"  release requested by {signed_text(consent)}")
    signed = len({consent.by for consent in case.consents if consent.verified and consent.evidence})
    if case.consents and signed < PEOPLE and not case.released:
        text = f"not released: {signed} of {PEOPLE} people have signed in with `toolkit hold release`"
        yield Line(f"  {text}", Tone.WARNING)
    for search in case.searches:
        yield from search_lines(search)
    for custodian in case.people.values() if not case.released else ():
        yield from _person_lines(custodian)


def _left_lines(case: Case) -> Iterator[Line]:
    """Yield lines about holds that stayed in place when a case was released, and about data that was not read."""
    for person in case.people.values():
        for provider, held in person.clouds.items():
            if held.unread:
                yield Line(f"  ! {person.address}, {cloud_title(provider)}: {held.unread}", Tone.WARNING)
            for service, part in held.parts.items():
                if part.standing == HoldStatus.CONFIRMED:
                    yield Line(f"  = {person.address}, {cloud_title(provider)}, {service}: {part.reason}")


def register_lines(cases: Iterable[Case], now: datetime) -> Iterator[Line]:
    """Yield lines about all cases in the register."""
    shown = list(cases)
    if not shown:
        yield Line("The register has no cases.", Tone.QUIET)
    for case in shown:
        yield from case_lines(case, now)


def unread_lines(failed: Mapping[str, str]) -> Iterator[Line]:
    """Yield a line for each cloud that could not be read."""
    for provider, reason in failed.items():
        yield Line(f"! {cloud_title(provider)}: {reason}", Tone.WARNING)


def lost_cover_lines(lost: Mapping[str, LostCover]) -> Iterator[Line]:
    """Yield a line for each cloud with the accounts that a hold placed by others no longer covers."""
    for provider, cover in lost.items():
        holds = count_text(cover.holds, "hold")
        ended = "the hold itself was removed, and the ledger does not show who was on hold: check the service's own log"
        who = f"moved out of the unit on hold, or taken off: {', '.join(cover.people)}" if cover.people else ended
        yield Line(f"! {cloud_title(provider)}: {holds} that others placed no longer there: {who}", Tone.WARNING)


def lines_about_other_holds(accounts: Mapping[str, int]) -> Iterator[Line]:
    """Yield a line for each cloud in which others have placed holds, with the number of accounts."""
    for provider, number in accounts.items():
        if number:
            text = f"others hold data of {count_text(number, 'account')}, which `toolkit drift` watches"
            yield Line(f"{cloud_title(provider)}: {text}", Tone.QUIET)


def changed_lines(changed: Iterable[ChangedHold]) -> Iterator[Line]:
    """Yield a line for each fact about a person on hold that was confirmed and has ended."""
    for change in changed:
        yield Line(f"! {change.address}, {admin_text(change.reason)}", Tone.WARNING)


def _person_lines(custodian: Custodian) -> Iterator[Line]:
    yield Line(f"  {custodian.address}, since {format_minute(custodian.since)}")
    for provider, held in sorted(custodian.clouds.items(), reverse=True):
        unread = f": could not be read: {held.unread}" if held.unread else ""
        yield Line(f"    {cloud_title(provider)}{unread}", Tone.WARNING if unread else Tone.PLAIN)
        nothing = not held.unread and all(part.standing == HoldStatus.UNAVAILABLE for part in held.parts.values())
        if held.id or not nothing:
            yield from (_service_line(service, held.parts[service]) for service in Service if service in held.parts)
            if provider == "microsoft365":
                yield _teams_chat_line(held)
            yield Line(f"      {_BEYOND.get(provider, '')}".rstrip(), Tone.QUIET)
        else:
            yield Line("      * nothing to hold, because this cloud has no such account")
    if custodian.is_nowhere:
        yield Line("    ! no cloud has this account, so nothing is on hold: check the address", Tone.WARNING)


def _teams_chat_line(held: CloudHold) -> Line:
    """Return the line about Teams chats, which are on hold if the mailboxes of the people in a chat are.

    See https://learn.microsoft.com/microsoftteams/legal-hold
    """
    services = (held.parts.get(service) for service in (Service.MAILBOX, Service.MAIL))
    standings = {part.standing for part in services if part}
    if HoldStatus.CONFIRMED in standings:
        return Line("      = Teams chat is covered with the mailbox, but standard and shared channels are not")
    if HoldStatus.REQUESTED in standings:
        return Line(
            "      ~ Teams chat is covered once the mailbox is on hold, but standard and shared channels are not"
        )
    return Line("      ! Teams chat not covered, because no hold on the mailbox was requested", Tone.WARNING)


def _service_line(service: Service, part: ServiceRecord) -> Line:
    sign = _SIGNS.get(HoldStatus(part.standing), "!") if part.standing in set(HoldStatus) else "!"
    if part.lost and sign != "~":
        sign = "!"
    why = "; ".join(filter(None, (part.lost, part.reason)))
    reason = f" ({why})" if why else ""
    if part.standing in PLACED and part.since and part.existed:
        reason += f", on hold since {day(part.since)}"
    tone = Tone.WARNING if sign == "!" else Tone.PLAIN
    return Line(f"      {sign} {service.value:8} {_WORDS[part.standing]}{reason}", tone)


FORMAT = 1


def holds_json(
    cases: Iterable[Case],
    target: str,
    failed: Mapping[str, str],
    lost: Mapping[str, LostCover],
    others: Mapping[str, int],
) -> Mapping[str, Json]:
    """Return cases, people and the status of each of their holds as JSON."""
    gone = {name: {"holds": cover.holds, "people": cover.people} for name, cover in lost.items()}
    body = {"cases": [_case_row(case) for case in cases], "unread": failed, "lost_with_units": gone}
    body |= {"accounts_of_others": others} if others else {}
    return to_body({"format": FORMAT, "target": target, **body})


def _case_row(case: Case) -> Mapping[str, object]:
    return {
        **row(case, "case=name", "matter", "review", "released"),
        "consents": rows(case.consents, "by", "at", "verified?"),
        "people": [
            {
                **row(custodian, "address", "since"),
                "clouds": {provider: _hold_row(held) for provider, held in custodian.clouds.items()},
            }
            for custodian in case.people.values()
        ],
        "searches": [search_row(search) for search in case.searches],
    }


def _hold_row(held: CloudHold) -> Mapping[str, object]:
    holds = [{"service": name, **row(part, "standing", "reason?", "lost?")} for name, part in held.parts.items()]
    return {**row(held, "id?", "unread?"), "holds": holds}
