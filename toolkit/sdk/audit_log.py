"""Find out who changed an object, from the tenant's own audit log."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from toolkit.records import dataclass
from toolkit.sdk.permission import Permission


@dataclass(frozen=True, slots=True)
class AuditLogSource:
    """The audit log that reports changes of a kind's objects, with the log's own names for the kind and its
    settings.
    """

    log: str  # the connector's name of the log
    noun: str = ""  # the log's name for objects of the kind, or "" if an id is enough
    permissions: tuple[Permission, ...] = ()  # needed to read the log and the names in it


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of a change: a person with an address, or an application with a name."""

    name: str
    person: bool

    def __str__(self) -> str:
        return self.name if self.person else f"{self.name} (application)"


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """A change that a tenant's audit log reports."""

    place: AuditLogSource
    at: datetime
    actor: Actor
    objects: frozenset[str]  # the ids and names of the changed object in the log, in lower case
    settings: frozenset[str] = frozenset()  # the changed settings by the service's names, or empty if not logged


@dataclass(frozen=True, slots=True)
class Traces:
    """The changes that a tenant's audit logs report for a period."""

    changes: Sequence[LoggedChange] = ()
    unread_reasons: tuple[str, ...] = ()  # why a log, or the names in it, could not be read


def find_last_change(
    logged_changes: Iterable[LoggedChange],
    log_source: AuditLogSource,
    names: Iterable[str],
    setting: str | None,
    after: datetime,
) -> LoggedChange | None:
    """Return the last logged change of the object with one of these names after the time `after`, or None if there is
    none. `setting` is the service's name of a setting, or None for the object as a whole. Also return None if the log
    does not name the changed settings and several actors changed the object.
    """
    about = sorted(_matching_changes(logged_changes, log_source, names, after), key=lambda trace: trace.at)
    if setting is None:
        return about[-1] if about else None
    if exact := [trace for trace in about if setting.casefold() in trace.settings]:
        return exact[-1]
    vague = [trace for trace in about if not trace.settings]
    return vague[-1] if len({trace.actor for trace in vague}) == 1 else None


def _matching_changes(
    logged_changes: Iterable[LoggedChange], log_source: AuditLogSource, names: Iterable[str], after: datetime
) -> Iterator[LoggedChange]:
    sought = {name.casefold() for name in names if name}
    for trace in logged_changes:
        named = trace.place.log == log_source.log and trace.place.noun.casefold() == log_source.noun.casefold()
        if named and trace.objects & sought and trace.at >= after:
            yield trace
