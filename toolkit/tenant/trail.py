"""Who changed what, as a tenant's own log tells it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from toolkit.tenant.permission import Permission


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a tenant's own log tells of the objects of a kind."""

    log: str  # the connector's name of the log
    noun: str = ""  # what the log calls such an object; "" where an id says enough
    permissions: tuple[Permission, ...] = ()  # what reading the log needs, and the names of those that it tells of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a person by their address, or an application by its name."""

    name: str
    person: bool

    def __str__(self) -> str:
        return self.name if self.person else f"{self.name} (application)"


@dataclass(frozen=True, slots=True)
class Trace:
    """One change that a log tells of."""

    logged: Logged
    at: datetime
    actor: Actor
    objects: frozenset[str]  # the ids and names by which it tells what was changed, in lower case


@dataclass(frozen=True, slots=True)
class Traces:
    """What a tenant's logs tell of some time."""

    found: Sequence[Trace] = ()
    unread: tuple[str, ...] = ()  # why a log, or the names in it, could not be read


def last_about(traces: Iterable[Trace], logged: Logged, names: Iterable[str], after: datetime | None) -> Trace | None:
    """Find the last change of an object, known by any of its names, that was made after an instant or at it."""
    sought = {name.casefold() for name in names if name}
    about = [
        trace
        for trace in traces
        if trace.logged.log == logged.log
        and trace.logged.noun.casefold() == logged.noun.casefold()
        and trace.objects & sought
        and (after is None or trace.at >= after)
    ]
    return max(about, key=lambda trace: trace.at, default=None)
