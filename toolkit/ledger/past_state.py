"""Reads the state at a past moment, and the later changes, from only the ledger's entries.

The ledger has no record of the time between two readings. A change that someone undid before the next reading left no
trace in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from toolkit.errors import UsageError
from toolkit.ledger.entries import Action, Entry, RunEnded, StepBegan
from toolkit.ledger.findings import DriftSeen, Sighting
from toolkit.ledger.history import RunHistory, RunStep, collect_runs
from toolkit.ledger.tables import StepState
from toolkit.messages import did_you_mean
from toolkit.planning.finding_state import Ending
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, parse_address
from toolkit.values import Settings, plain

DRIFT = "drift"
"""The command whose runs read everything and record each difference."""


@dataclass(frozen=True, slots=True)
class PastReading:
    """A run that read the tenants. `is_complete` is False for a part of the playbooks, or if anything was unread."""

    run: str
    command: str
    at: datetime
    is_complete: bool


@dataclass(frozen=True, slots=True)
class PastFinding:
    """A difference from the playbooks that was open at a moment, and the drift run that last read it."""

    sighting: Sighting
    seen: datetime


@dataclass(frozen=True, slots=True)
class PastEvent:
    """A record after a moment: a write by toolkit, or a finding that a drift run opened, changed or closed."""

    at: datetime
    address: Address
    run: RunHistory | None  # of the event, or None if its start is not recorded
    step: RunStep | None = None
    sighting: Sighting | None = None
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class PastObject:
    """An object as toolkit left it before a moment. `settings` is None if toolkit deleted it."""

    address: Address
    settings: Settings | None
    at: datetime
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastClause:
    """The status of a clause of the policy in the last report before a moment, and in later reports if it differs."""

    clause: str
    status: str
    lacking: Mapping[str, str]
    report: PastReading
    later: Sequence[tuple[PastReading, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastState:
    """Everything that the ledger knows about a moment: the readings around it, objects, findings and later events."""

    moment: datetime
    before: PastReading | None = None
    after: PastReading | None = None
    objects: Mapping[Address, PastObject] = field(default_factory=dict)
    findings: Sequence[PastFinding] = ()
    events: Sequence[PastEvent] = ()
    clauses: Mapping[str, PastClause] = field(default_factory=dict)
    reports: tuple[PastReading | None, PastReading | None] = (
        None,
        None,
    )  # with the statuses of clauses: before and after

    def narrow(self, addresses: Iterable[Address]) -> "PastState":
        """Return the state of only some objects, without clauses."""
        kept = frozenset(addresses)
        return replace(
            self,
            objects={address: past for address, past in self.objects.items() if address in kept},
            findings=[finding for finding in self.findings if parse_address(finding.sighting.address) in kept],
            events=[event for event in self.events if event.address in kept],
            clauses={},
        )

    @property
    def known_addresses(self) -> frozenset[Address]:
        """Return every object of which the ledger has a record."""
        sighted = {parse_address(finding.sighting.address) for finding in self.findings}
        return frozenset({*self.objects, *sighted, *(event.address for event in self.events)})


def read_past_state(entries: Iterable[Entry], moment: datetime) -> PastState:
    """Return the ledger's records about a moment. Holds and copies of evidence are left out."""
    recorded = list(entries)
    runs = {run.began.run: run for run in reversed(collect_runs(recorded))}
    readings = [reading for run in runs.values() if (reading := _to_reading(run))]
    reports = [run for run in runs.values() if run.ended and run.ended.statuses and not run.ended.failed]
    return PastState(
        moment=moment,
        before=_latest([reading for reading in readings if reading.at < moment]),
        after=_earliest([reading for reading in readings if reading.at >= moment]),
        objects=_objects_at(runs.values(), moment),
        findings=_findings_at(recorded, runs, moment),
        events=list(_events_since(recorded, runs, moment)),
        clauses=_clauses_at(reports, moment),
        reports=(
            _latest([_reading_of(run) for run in reports if run.began.at < moment]),
            _earliest([_reading_of(run) for run in reports if run.began.at >= moment]),
        ),
    )


def names_of_people(state: PastState) -> frozenset[str]:
    """Return the pseudonyms of the people that a state names: operators, and people who made a change in a tenant."""
    operators = {event.run.began.operator for event in state.events if event.run and event.step}
    sightings = [finding.sighting for finding in state.findings]
    sightings += [event.sighting for event in state.events if event.sighting]
    actors = {sighting.actor for sighting in sightings if sighting.person and sighting.actor}
    return frozenset(operators | actors) - {""}


def select_subject(state: PastState, subject: str, group: str) -> PastState:
    """Return the state of a clause, an object, or the objects that name a group. Without both, return all of it.

    Raise UsageError, with a suggestion, if the ledger has no record of the subject.
    """
    if group:
        return state.narrow(_objects_for(state, group))
    if not subject:
        return state
    clauses = {name.casefold(): name for name in state.clauses}
    if subject.casefold() in clauses:
        name = clauses[subject.casefold()]
        return replace(state, objects={}, findings=(), events=(), clauses={name: state.clauses[name]})
    by_name = {str(address): address for address in state.known_addresses}
    if subject in by_name:
        return state.narrow([by_name[subject]])
    same_name = [address for address in state.known_addresses if address.name.casefold() == subject.casefold()]
    if same_name:
        return state.narrow(same_name)
    meant = did_you_mean(subject, [*state.clauses, *by_name]) or (
        ". Name a clause that a report judged, or an object that toolkit wrote or found to differ"
    )
    raise UsageError(f"the ledger has no record of {subject}{meant}")


def _objects_for(state: PastState, group: str) -> frozenset[Address]:
    """Return the objects whose settings or name have a group or unit. Raise UsageError if there are none."""
    sought = group.casefold()
    settings = [(past.address, past.settings or {}) for past in state.objects.values()]
    settings += [(event.address, event.step.began.sent or {}) for event in state.events if event.step]
    addresses = {address for address, values in settings if any(sought in _texts(plain(v)) for v in values.values())}
    addresses |= {address for address in state.known_addresses if sought in address.name.casefold().split()}
    if not addresses:
        raise UsageError(
            f"the ledger has no object for {group}. Write the group's address or the unit as in the tenant"
        )
    return frozenset(addresses)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value.casefold()
        case Mapping():
            for inner in value.values():
                yield from _texts(inner)
        case Sequence():
            for inner in value:
                yield from _texts(inner)


def _to_reading(run: RunHistory) -> PastReading | None:
    """Return a drift run that ended with a result as a reading, or None for any other run."""
    if run.began.command != DRIFT or run.ended is None or run.ended.failed:
        return None
    return _reading_of(run)


def _reading_of(run: RunHistory) -> PastReading:
    ended = run.ended
    unread = (ended.summary.get("unread", 0) or ended.summary.get("unknown", 0)) if ended else 1
    began = run.began
    return PastReading(began.run, began.command, began.at, not began.flags and not unread)


def _latest(readings: Sequence[PastReading]) -> PastReading | None:
    return max(readings, key=lambda reading: reading.at, default=None)


def _earliest(readings: Sequence[PastReading]) -> PastReading | None:
    return min(readings, key=lambda reading: reading.at, default=None)


def _objects_at(runs: Iterable[RunHistory], moment: datetime) -> Mapping[Address, PastObject]:
    objects: dict[Address, PastObject] = {}
    for run in runs:
        for step in run.steps.values():
            began = step.began
            if began.at >= moment or step.state is not StepState.APPLIED or began.action is Action.SEND:
                continue
            earlier = objects.get(began.address)
            settings = _settings_after(step, (earlier.settings if earlier else None) or {})
            objects[began.address] = PastObject(began.address, settings, began.at, began.run)
    return objects


def _settings_after(step: RunStep, earlier: Settings) -> Settings | None:
    """Return an object's settings after a step: the settings that were sent, as the service returned them."""
    if step.began.action is Action.DELETE:
        return None
    if step.began.action is Action.ADOPT:
        return step.began.before
    returned = step.returned or {}
    sent = {name: returned.get(name, value) for name, value in (step.began.sent or {}).items()}
    return {**earlier, **sent}


def _findings_at(entries: Sequence[Entry], runs: Mapping[str, RunHistory], moment: datetime) -> Sequence[PastFinding]:
    """Return the findings that were open at a moment. A later write to the same setting ends a finding."""
    rows: dict[str, PastFinding] = {}
    for entry in entries:
        if isinstance(entry, DriftSeen) and entry.at < moment:
            closed = {fixed.id for fixed in entry.fixed}
            unread = set(entry.unseen)
            rows = {
                key: row if key in unread else replace(row, seen=entry.at)
                for key, row in rows.items()
                if key not in closed
            }
            rows |= {sighting.id: PastFinding(sighting, entry.at) for sighting in entry.found}
        elif isinstance(entry, StepBegan) and entry.at < moment and _is_applied(entry, runs):
            rows = {key: row for key, row in rows.items() if not _repairs(entry, row.sighting)}
    return list(rows.values())


def _is_applied(entry: StepBegan, runs: Mapping[str, RunHistory]) -> bool:
    step = runs[entry.run].steps.get(entry.step) if entry.run in runs else None
    return step is not None and step.state is StepState.APPLIED


def _repairs(entry: StepBegan, sighting: Sighting) -> bool:
    same_object = str(entry.address) == sighting.address
    return same_object and (not sighting.path or sighting.path in (entry.sent or {}) or entry.action is Action.DELETE)


def _events_since(entries: Sequence[Entry], runs: Mapping[str, RunHistory], moment: datetime) -> Iterator[PastEvent]:
    """Yield the events after a moment, in the order of the ledger."""
    sightings: dict[str, Sighting] = {}
    for entry in entries:
        if isinstance(entry, DriftSeen):
            sightings |= {sighting.id: sighting for sighting in entry.found}
            if entry.at >= moment:
                yield from _drift_events(entry, runs.get(entry.run), sightings)
        elif isinstance(entry, StepBegan) and entry.at >= moment and entry.action is not Action.SEND:
            run = runs.get(entry.run)
            if run and (step := run.steps.get(entry.step)):
                yield PastEvent(entry.at, entry.address, run, step=step)


def _drift_events(entry: DriftSeen, run: RunHistory | None, sightings: Mapping[str, Sighting]) -> Iterator[PastEvent]:
    for sighting in entry.found:
        yield PastEvent(entry.at, parse_address(sighting.address), run, sighting=sighting)
    for fixed in entry.fixed:
        if closed := sightings.get(fixed.id):
            yield PastEvent(entry.at, parse_address(closed.address), run, sighting=closed, ending=fixed.how)


def _clauses_at(reports: Sequence[RunHistory], moment: datetime) -> Mapping[str, PastClause]:
    clauses: dict[str, PastClause] = {}
    for run in reports:
        reading, ended = _reading_of(run), run.ended
        for clause, status in ended.statuses.items() if isinstance(ended, RunEnded) else ():
            earlier = clauses.get(clause)
            if run.began.at < moment:
                lacking = (ended.lacking or {}).get(clause, {}) if ended else {}
                clauses[clause] = PastClause(clause=clause, status=status, lacking=lacking, report=reading)
            elif earlier and status != (earlier.later[-1][1] if earlier.later else earlier.status):
                clauses[clause] = replace(earlier, later=[*earlier.later, (reading, status)])
    return clauses
