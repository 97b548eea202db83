"""The ledger entry of a drift run, which lists the findings that changed since the previous drift run."""

from typing import Literal

from pydantic import AwareDatetime

from toolkit.planning.finding_state import Ending, FindingState
from toolkit.records import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding that is new or contested, or whose details have changed since the previous drift run."""

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
    schools: tuple[str, ...] = ()  # the schools of a trust that it concerns


@dataclass(frozen=True, slots=True)
class Fixed:
    """A finding that is closed because its object is as desired again."""

    id: str
    how: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSeen:
    """The result of a drift run. Open findings that are not listed here have not changed."""

    run: str
    at: AwareDatetime
    found: tuple[Sighting, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    unseen: tuple[str, ...] = ()  # open findings on objects that were not read
    schools: tuple[str, ...] = ()
    kind: Literal["seen"] = "seen"
