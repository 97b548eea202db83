"""Render the expiry board, which lists approaching deadlines, as text and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from toolkit.planning.checks.expiry import BoardState, ExpiryEntry
from toolkit.render.line import Line, Tone, to_body
from toolkit.sdk.dates import day
from toolkit.sdk.expiry import ROWS
from toolkit.sdk.reason import admin_text
from toolkit.values import Body

_SHOWN: Mapping[BoardState, tuple[str, str, Tone]] = {
    BoardState.ENDED: ("!", "ended or broken", Tone.REMOVED),
    BoardState.UNKNOWN: ("?", "unknown", Tone.WARNING),
    BoardState.SOON: ("~", "ending soon", Tone.CHANGED),
    BoardState.NOT_RECORDED: ("*", "not recorded", Tone.QUIET),
    BoardState.UNAVAILABLE: ("-", "not available", Tone.QUIET),
    BoardState.LATER: ("=", "later", Tone.ADDED),
}
_URGENT = (BoardState.ENDED, BoardState.UNKNOWN, BoardState.SOON)


def expiry_board_lines(board: Sequence[ExpiryEntry], *, in_short: bool = False) -> Iterator[Line]:
    """Yield lines about the expiry board's entries that have ended, end soon or are unknown, with the person who must
    act. Every other entry has a single line. With `in_short`, the other entries are left out, because the summary line
    counts them.
    """
    shown = [entry for entry in board if not in_short or entry.state in _URGENT]
    if not shown:
        return
    yield Line()
    yield Line("Expiry dates:", Tone.HEADING)
    for entry in shown:
        sign, _, tone = _SHOWN[entry.state]
        yield Line(f"{sign} {_entry_subject(entry)}: {_deadline_text(entry)}", tone)
        if entry.state is BoardState.ENDED or (entry.state is BoardState.SOON and not in_short):
            stops = f": {ROWS[entry.row].stops}" if ROWS[entry.row].stops else ""
            yield Line(f"    -> {entry.acts}{stops}", tone)


def _entry_subject(entry: ExpiryEntry) -> str:
    title = ROWS[entry.row].title
    return entry.what if entry.row == "recorded" or entry.what == title else f"{title}, {entry.what}"


def _deadline_text(entry: ExpiryEntry) -> str:
    when = f"{_days_left_text(entry)}, {day(entry.ends)}" if entry.ends else ""
    why = admin_text(entry.reason) if entry.reason else ""
    where = f" ({entry.provider})" if entry.state is BoardState.UNAVAILABLE else ""
    return ("; ".join(filter(None, (when, why))) or "no end") + where


def _days_left_text(entry: ExpiryEntry) -> str:
    left = entry.days_left or 0
    if left == 0:
        return "ended today" if entry.state is BoardState.ENDED else "ends today"
    days = f"{abs(left)} day{'' if abs(left) == 1 else 's'}"
    return f"in {days}" if left > 0 else f"ended {days} ago"


def expiry_board_summary(board: Sequence[ExpiryEntry]) -> str:
    """Return a sentence with the number of the expiry board's entries in each state, or "" if there are no entries."""
    counted = Counter(entry.state for entry in board)
    numbers = ", ".join(f"{counted[state]} {word}" for state, (_, word, _) in _SHOWN.items() if counted[state])
    return f" Expiry dates: {numbers}." if numbers else ""


def expiry_board_json(board: Sequence[ExpiryEntry]) -> list[Body]:
    return [
        to_body(
            {
                "row": entry.row,
                "provider": entry.provider,
                "what": entry.what,
                "state": entry.state,
                "ends": entry.ends.isoformat() if entry.ends else None,
                "days_left": entry.days_left,
                "within": entry.within,
                "count": entry.count,
                "acts": entry.acts,
                "reason": entry.reason,
                "read": entry.read,
            }
        )
        for entry in board
    ]
