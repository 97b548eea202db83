"""The digest of a run: what a channel does not know yet, as a message for a person; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from toolkit.ledger.notifications_sent import ONCE, WAITS
from toolkit.notices.digest_entry import FINDING, Noted
from toolkit.render.values_text import counted
from toolkit.sdk.school import School

_MOST_LINES = 20
_MOST_IDS = 3


@dataclass(frozen=True, slots=True)
class Digest:
    """What is to be told, and what a channel knows once it was."""

    critical: Sequence[Noted]
    new: Sequence[Noted]
    over: Sequence[Noted]
    ongoing: int  # open, and told before
    waiting: int  # what the quiet hours hold back
    things: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.critical or self.new or self.over)


def digest(
    noted: Mapping[str, Noted], over: Mapping[str, Noted], told: Mapping[str, str], *, quiet: bool = False
) -> Digest:
    """Leave out what was told; in quiet hours all but what is critical waits."""
    fresh = [one for key, one in noted.items() if told.get(key) != one.state]
    critical = [one for one in fresh if one.critical]
    others = [one for one in fresh if not one.critical]
    ended = [one for key, one in over.items() if key in told]
    waiting = len(others) + len(ended) if quiet else 0
    new, ended = ([], []) if quiet else (others, ended)
    gone = {one.id for one in ended}
    return Digest(
        critical=critical,
        new=new,
        over=ended,
        ongoing=sum(told.get(key) == one.state for key, one in noted.items()),
        waiting=waiting,
        things={
            **{key: state for key, state in told.items() if key not in gone},
            **{one.id: one.state if one.lasting else ONCE for one in (*critical, *new)},
            **{one.id: WAITS for one in others if quiet and not one.lasting},
        },
    )


def subject(found: Digest, school: School, *, live: bool) -> str:
    """Write the line that says whether one has to read on."""
    counts = {"critical": found.critical, "new": found.new, "over": found.over}
    told = ", ".join(f"{len(ones)} {word}" for word, ones in counts.items() if ones)
    still = f"nothing new, {found.ongoing} still open" if found.ongoing else "no drift"
    return f"{'' if live else 'Practice run: '}{school.name}: {told or still}"


def text(found: Digest, school: School, now: datetime, *, live: bool) -> str:
    """Write the message: what, since when and what to do."""
    lines = [f"What toolkit found for {school.name} on {now:%A} {now.day} {now:%B %Y} at {now:%H:%M}."]
    if not live:
        lines.append("This is a practice run on emulated tenants: none of it is real.")
    lines += _section("CRITICAL", found.critical)
    lines += _section("New", found.new)
    lines += _section("Over", found.over)
    if not found:
        lines += ["", "Nothing is new; this message shows that the checks run."]
    if found.ongoing:
        lines += ["", f"Told before and still open: {found.ongoing}. `toolkit drift` shows all of it, and who did it."]
    return "\n".join([*lines, ""])


def _section(title: str, noted: Sequence[Noted]) -> Iterator[str]:
    """Write one after the other what has the same advice, and the advice below; of very many only how many."""
    if not noted:
        return
    yield from ("", f"{title}:")
    lines = list(_lines(noted))
    if len(lines) > _MOST_LINES:
        lines = list(_lines([replace(one, of=one.of.partition("[")[0], what="") for one in noted]))
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"- and more: {counted(len(noted), 'thing')} in all; `toolkit drift` shows them"


def _lines(noted: Iterable[Noted]) -> Iterator[str]:
    ordered = sorted(noted, key=lambda one: (one.advice, one.of, one.phrase, one.what))
    for advice, alike in groupby(ordered, key=lambda one: one.advice):
        for _, same in groupby(alike, key=lambda one: (one.of, one.phrase)):
            yield f"- {_line(list(same))}"
        if advice:
            yield f"  What to do: {advice}."


def _line(same: Sequence[Noted]) -> str:
    first = same[0]
    settings = ", ".join(one.what for one in same if one.what)
    what = settings or (f"{len(same)} times" if len(same) > 1 else "")
    ids = [one.id.removeprefix(FINDING) for one in same if one.id.startswith(FINDING)]
    named = f" [{', '.join(ids)}]" if first.advice and 0 < len(ids) <= _MOST_IDS else ""
    return ": ".join(part for part in (first.of, what, first.phrase) if part) + named
