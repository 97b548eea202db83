"""Render due changes and reminders as text and JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.due_change import DueChange
from toolkit.render.line import Line, Tone, row
from toolkit.render.values_text import count_text, format_duration, format_first_names
from toolkit.sdk.lending import object_name
from toolkit.sdk.reason import Reason, admin_text
from toolkit.sdk.resource import Address
from toolkit.values import Body, Json

_NAMED = 3
_LACKING = "people who are away and have no automatic reply"


def reminder_lines(number: int) -> Iterator[Line]:
    """Yield a line with the number of people whom a run will remind."""
    if number:
        yield Line(f"> {count_text(number, 'message')} to {_LACKING}", Tone.CHANGED)


def due_reminder_lines(number: int) -> Iterator[Line]:
    """Yield a line with the number of people who are due a reminder."""
    if number:
        yield Line(f"! due: {count_text(number, 'message')} to {_LACKING}", Tone.WARNING)


def sent_lines(number: int, unsent: Sequence[str]) -> Iterator[Line]:
    """Yield a line with the number of reminders that were sent, and a line for each that failed."""
    yield from (Line(f"! {text}", Tone.WARNING) for text in unsent)
    if sent := number - len(unsent):
        yield Line(f"> {count_text(sent, 'message')} sent to {_LACKING}", Tone.CHANGED)


def unchecked_people_lines(unseen: Sequence[tuple[str, str, Reason]]) -> Iterator[Line]:
    """Yield a line for each control with people whose replies are unknown."""
    for provider, control, reason in unseen:
        yield Line(f"? {control} on {provider}: people who could not be checked: {admin_text(reason)}", Tone.WARNING)


def missing_mailbox_lines(findings: Sequence[ControlFinding]) -> Iterator[Line]:
    """Yield a line about mailboxes that must reply but do not exist."""
    for finding in findings:
        yield Line(f"! {finding.control}: {admin_text(finding.finding.reason)}", Tone.WARNING)


def due_lines(matters: Sequence[DueChange], now: datetime) -> Iterator[Line]:
    """Yield lines about due changes, with how long they have been overdue and why they are waiting."""
    for matter in matters:
        minutes = matter.minutes_late(now)
        when = f"{format_duration(minutes)} overdue" if minutes else "due"
        where = f" ({matter.origin})" if matter.origin else ""
        objects = f": {count_text(len(matter.addresses), 'object')}" if matter.must_change_together else ""
        yield Line(f"! {when}: {matter.text}{objects}{where}", Tone.WARNING)
        if matter.blocked:
            yield Line(f"    not done by `toolkit due`: {matter.blocked}", Tone.WARNING)


def undue_difference_lines(left: Sequence[Address]) -> Iterator[Line]:
    """Yield a line about differences that are not due, and that `toolkit due` therefore leaves unchanged."""
    if left:
        names = format_first_names([object_name(address) for address in left], _NAMED)
        yield Line(f"= not due: left to `toolkit apply`: {names}", Tone.QUIET)


def due_json(matters: Sequence[DueChange], now: datetime) -> Sequence[Json]:
    """Return the due changes as JSON."""
    return [_matter_json(matter, now) for matter in matters]


def _matter_json(matter: DueChange, now: datetime) -> Body:
    return {
        **row(matter, "what=text", "exception?", "pilot?", "since", "addresses", "blocked?"),
        "provider": matter.addresses[0].provider,
        "overdue_minutes": matter.minutes_late(now),
        "origin": str(matter.origin) if matter.origin else None,
    }
