"""Who changed what, as a tenant's own log tells it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from toolkit.records import dataclass
from toolkit.sdk.permission import Permission


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a tenant's own log reports the objects of a kind."""

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
class LoggedChange:
    """One change that a log reports."""

    logged: LogPlace
    at: datetime
    actor: Actor
    objects: frozenset[str]  # the ids and names by which it tells what was changed, in lower case
    settings: frozenset[str] = frozenset()  # the service's names of what of it was, in lower case; empty: not told


@dataclass(frozen=True, slots=True)
class Traces:
    """What a tenant's logs report about a period."""

    found: Sequence[LoggedChange] = ()
    unread: tuple[str, ...] = ()  # why a log, or the names in it, could not be read


def who_changed(
    traces: Iterable[LoggedChange], logged: LogPlace, names: Iterable[str], setting: str | None, after: datetime
) -> LoggedChange | None:
    """Find who changed an object, known by any of its names, after an instant or at it; the last change of several.

    `setting` is the service's name of what was changed, None where it is about the whole object. Where the log does
    not tell what was changed, and several had a hand in the object, no one can be named.
    """
    about = sorted(_about(traces, logged, names, after), key=lambda trace: trace.at)
    if setting is None:
        return about[-1] if about else None
    if exact := [trace for trace in about if setting.casefold() in trace.settings]:
        return exact[-1]
    vague = [trace for trace in about if not trace.settings]
    return vague[-1] if len({trace.actor for trace in vague}) == 1 else None


def _about(
    traces: Iterable[LoggedChange], logged: LogPlace, names: Iterable[str], after: datetime
) -> Iterator[LoggedChange]:
    sought = {name.casefold() for name in names if name}
    for trace in traces:
        named = trace.logged.log == logged.log and trace.logged.noun.casefold() == logged.noun.casefold()
        if named and trace.objects & sought and trace.at >= after:
            yield trace
