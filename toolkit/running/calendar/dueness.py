"""Asks of each tenant what the calendar makes due."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from toolkit.errors import PlaybookError
from toolkit.planning.calendar.due import Earlier, Matter, Occasion, Past
from toolkit.planning.calendar.due_exceptions import Turning, due_exceptions
from toolkit.planning.calendar.due_replies import due_replies
from toolkit.planning.expand import Expansion
from toolkit.planning.known import Known
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import Playbooks
from toolkit.tenant.address import Address
from toolkit.tenant.connector import Connection
from toolkit.tenant.kind import Kind
from toolkit.tenant.resource import Absent, Desired

SOURCES: tuple[Callable[[Occasion], Iterable[Matter]], ...] = (due_exceptions, due_replies)
"""Where changes come from that the calendar makes due: a further one is one function more."""

Expand = Callable[[datetime], Expansion]
"""Writes out what the playbooks want at another moment, of the same people."""


def matters(
    playbooks: Playbooks,
    plan: Plan,
    expansion: Expansion,
    expand: Expand,
    past: Callable[[str, str], Past],
    *,
    known: Mapping[Address, Known],
    kinds: Mapping[str, Kind[Connection]],
    now: datetime,
) -> Sequence[Matter]:
    """List what is due and not done on every tenant; nothing is written out again where nothing has turned."""
    turning: list[Turning] = [*playbooks.departures, *playbooks.pilots]
    if not turning and not any(kind.lent for kind in kinds.values()):
        return ()
    found: list[Matter] = []
    wanted = _wanted(expansion)
    for provider in playbooks.school.tenants:
        before = past(playbooks.digest, provider)
        occasion = Occasion(
            provider=provider,
            now=now,
            plan=plan,
            wanted=wanted,
            earlier=tuple(_earlier(turning, before.moments, expand, now)),
            hindrance=before.hindrance,
            departures=playbooks.departures,
            pilots=playbooks.pilots,
            known=known,
            kinds=kinds,
        )
        found += [matter for source in SOURCES for matter in source(occasion)]
    return found


def _earlier(
    turning: Sequence[Turning], moments: Sequence[datetime], expand: Expand, now: datetime
) -> Iterator[Earlier]:
    """Write out each moment at which other exceptions and pilots were live than now, the last of those alike."""
    seen = {_live(turning, now)}
    for moment in moments:
        live = _live(turning, moment)
        if live not in seen:
            seen.add(live)
            with suppress(PlaybookError):  # what could not be written out then was not applied then
                yield Earlier(moment, _wanted(expand(moment)))


def _live(turning: Sequence[Turning], moment: datetime) -> frozenset[str]:
    return frozenset(one.name for one in turning if one.live(moment))


def _wanted(expansion: Expansion) -> Mapping[Address, Desired | Absent]:
    return {one.address: one for one in expansion.wanted}
