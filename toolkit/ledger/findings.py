"""What a drift saw: the findings whose state is another than at the drift before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import AwareDatetime

from toolkit.ledger.tables import FindingRow
from toolkit.planning.finding_state import Ending, FindingState


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding that is new, has become contested, or of which more is known than before."""

    id: str
    address: str
    path: str
    what: str
    state: FindingState
    since: AwareDatetime
    cause: str
    actor: str | None = None  # an application's name, or a person's pseudonym
    person: bool = False
    changed: AwareDatetime | None = None  # when the tenant's log says that the actor did it


@dataclass(frozen=True, slots=True)
class Fixed:
    """A finding that is none any more."""

    id: str
    how: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSeen:
    """A drift looked: what is open and not named here is as it was; a quiet night names nothing."""

    run: str
    at: AwareDatetime
    found: tuple[Sighting, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    unseen: tuple[str, ...] = ()  # open findings of what could not be read, or was not asked for
    kind: Literal["seen"] = "seen"


def seen(n: int, entry: DriftSeen, before: Sequence[FindingRow]) -> list[FindingRow]:
    """Give the rows of the findings that entry n speaks of, and of all that are still open; `before` are those."""
    rows = {row.id: row for row in before}
    at = entry.at.isoformat()
    changed = {one.id: _found(n, one, at) for one in entry.found}
    for one in (one for one in entry.fixed if one.id in rows):  # two drifts at once may both see the end of one
        changed[one.id] = replace(rows[one.id], state=FindingState.FIXED, fixed=at, how=one.how)
    still = [row for row in before if row.id not in changed and row.id not in entry.unseen]
    return [*changed.values(), *(replace(row, seen=at, n=n) for row in still)]


def _found(n: int, one: Sighting, at: str) -> FindingRow:
    return FindingRow(
        id=one.id,
        address=one.address,
        path=one.path,
        what=one.what,
        state=one.state,
        since=one.since.isoformat(),
        seen=at,
        n=n,
        cause=one.cause,
        actor=one.actor,
        person=int(one.person),
        changed=one.changed.isoformat() if one.changed else None,
    )
