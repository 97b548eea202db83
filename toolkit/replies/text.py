"""What the calendar makes due, as an admin reads it and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.ledger.entries import Turned
from toolkit.planning.matter import Matter
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted, duration
from toolkit.sdk.address import Address
from toolkit.values import Body, Json

_NAMED = 3


def due_lines(matters: Sequence[Matter], now: datetime) -> Iterator[Line]:
    """Say what is due and not done, for how long, and what stands in the way."""
    for one in matters:
        minutes = one.overdue(now)
        when = f"{duration(minutes)} overdue" if minutes else "due"
        where = f" ({one.origin})" if one.origin else ""
        objects = f": {counted(len(one.addresses), 'object')}" if one.turns else ""
        yield Line(f"! {when}: {one.text}{objects}{where}", Tone.WARNING)
        if one.blocked:
            yield Line(f"    not done by `toolkit due`: {one.blocked}", Tone.WARNING)


def left_lines(left: Sequence[Address]) -> Iterator[Line]:
    """Name what differs for another reason, which a run for what is due does not touch."""
    if left:
        names = ", ".join(address.told for address in left[:_NAMED])
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        yield Line(f"= not due: left to `toolkit apply`: {names}{more}", Tone.QUIET)


def turned_lines(turned: Sequence[Turned]) -> Iterator[Line]:
    """Say which exceptions a run made begin or end, and how late."""
    for one in turned:
        word = "ended" if one.ended else "began"
        late = f"{duration(one.minutes)} late" if one.minutes else "on time"
        yield Line(f"  exception {one.exception} {word} on {one.provider}, {late}", Tone.QUIET)


def due_answer(matters: Sequence[Matter], now: datetime) -> Sequence[Json]:
    """Give what is due and not done when a run looked."""
    return [_matter(one, now) for one in matters]


def turned_answer(turned: Sequence[Turned]) -> Sequence[Json]:
    """Give the exceptions that a run made begin or end; of one that ended late the minutes are its overstay."""
    return [
        {"exception": one.exception, "provider": one.provider, "ended": one.ended, "minutes_late": one.minutes}
        for one in turned
    ]


def _matter(one: Matter, now: datetime) -> Body:
    return {
        "what": one.text,
        "exception": one.exception or None,
        "pilot": one.pilot or None,
        "provider": one.addresses[0].provider,
        "since": one.since.isoformat() if one.since else None,
        "overdue_minutes": one.overdue(now),
        "addresses": [str(address) for address in one.addresses],
        "blocked": one.blocked or None,
        "origin": str(one.origin) if one.origin else None,
    }
