"""Asks the tenants' own logs who made some differences; what cannot be read is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from toolkit.engine.refresh import Survey
from toolkit.errors import ServiceError
from toolkit.sdk.address import Address
from toolkit.sdk.audit_log import LoggedChange, Traces, who_changed
from toolkit.sdk.reader import read_safely
from toolkit.sdk.spec import wire_name

LATE = timedelta(days=3)
"""How long a log may take to tell of a change; one that it does not tell of by then is not asked for again."""

_OLDEST = timedelta(days=30)
_SLACK = timedelta(hours=1)  # our clock and the service's need not agree


@dataclass(frozen=True, slots=True)
class Sought:
    """A difference whose maker is sought."""

    address: Address
    names: tuple[str, ...]  # the object's ids and names
    path: str  # the setting that differs, "" where it is about the whole object
    after: datetime | None  # when we wrote to it last
    looked: datetime | None  # when the drift before looked
    since: datetime  # when it was seen first

    def begins(self) -> datetime:
        """Give the earliest instant at which it can have been made."""
        known = [instant for instant in (self.after, self.looked) if instant and instant < self.since]
        return max(known, default=self.since - _OLDEST) - _SLACK

    def not_before(self) -> datetime:
        """Give the instant from which a change can be the one: our last write, or since it was last seen as wanted."""
        return max(self.begins(), self.after or self.begins())


@dataclass(frozen=True, slots=True)
class Traced:
    """Who made some differences and when, by the id of the finding; and why a log could not be read."""

    makers: Mapping[str, LoggedChange] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def find_actors(survey: Survey, sought: Mapping[str, Sought], now: datetime) -> Traced:
    """Find who made each difference, asking each tenant once; those that nothing tells of are left out."""
    young = {key: one for key, one in sought.items() if now - one.since <= LATE and _logged(survey, one)}
    found: dict[str, LoggedChange] = {}
    unread: list[str] = []
    for provider in dict.fromkeys(one.address.provider for one in young.values()):
        of_tenant = {key: one for key, one in young.items() if one.address.provider == provider}
        traces = _traces(survey, provider, list(of_tenant.values()), now)
        unread += traces.unread
        for key, one in of_tenant.items():
            if trace := _maker(survey, one, traces):
                found[key] = trace
    return Traced(found, tuple(unread))


def _maker(survey: Survey, one: Sought, traces: Traces) -> LoggedChange | None:
    kind = survey.kinds[one.address.of_kind]
    setting = kind.spec.table().get(one.path)
    called = wire_name(one.path, setting) if setting else one.path or None
    if kind.logged is None:
        return None
    return who_changed(traces.found, kind.logged, one.names, called, one.not_before())


def _logged(survey: Survey, one: Sought) -> bool:
    return one.address.of_kind in survey.kinds and survey.kinds[one.address.of_kind].logged is not None


def _traces(survey: Survey, provider: str, sought: Sequence[Sought], now: datetime) -> Traces:
    kinds = (survey.kinds[one.address.of_kind] for one in sought)
    logs = {kind.logged.log for kind in kinds if kind.logged}
    try:
        begins = min(one.begins() for one in sought)
        return read_safely("log", lambda: survey.connections[provider].trail(logs, begins, now + _SLACK))
    except ServiceError as error:
        return Traces(unread=(str(error),))
