"""The result of a drift: the findings whose state differs from the drift before."""

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
    """The result of a drift. Open findings that it does not name are unchanged. It names none after a quiet night."""

    run: str
    at: AwareDatetime
    found: tuple[Sighting, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    unseen: tuple[str, ...] = ()  # open findings on objects that were not read
    kind: Literal["seen"] = "seen"
