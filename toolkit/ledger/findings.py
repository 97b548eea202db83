"""What a drift saw: the findings whose state is another than at the drift before."""

from typing import Literal

from pydantic import AwareDatetime

from toolkit.planning.finding_state import Ending, FindingState
from toolkit.records import dataclass


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
    """What a drift saw. Open findings that it does not name are unchanged; a quiet night names none."""

    run: str
    at: AwareDatetime
    found: tuple[Sighting, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    unseen: tuple[str, ...] = ()  # open findings of what could not be read, or was not asked for
    kind: Literal["seen"] = "seen"
