"""Expand the playbooks into desired objects.

Entries of shared lists stay while a control waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from pydantic import ValidationError

from toolkit.controls.control import Control
from toolkit.errors import PlaybookError, Problem
from toolkit.planning.audience.resolve import AUDIENCE_UNKNOWN, DirectoryPeople
from toolkit.planning.contribution import Contribution, join, wrong_settings
from toolkit.planning.desired.control_request import CloudCatalogue, ControlInPlaybook, ControlRequest
from toolkit.planning.desired.realise_slice import left_to_school
from toolkit.planning.desired.requests import request_control
from toolkit.planning.desired.shared_with_pilot import defer_shared_with_pilot
from toolkit.planning.desired.slices import Moment
from toolkit.planning.plan_details import RealisedControl, Refusal, Unknown
from toolkit.playbook.entries import ControlIdentity, Playbooks, ResourceEntry
from toolkit.records import dataclass
from toolkit.school.signals import Signals
from toolkit.sdk.directory import Directory
from toolkit.sdk.resource import Absent, Address, Desired, Handling, Mode, Observed, Origin
from toolkit.sdk.spec import Join, Spec
from toolkit.values import AtLeast, Json, Value, entries, unique


def only_waiting(playbooks: Playbooks) -> Playbooks:
    """Return playbooks with only the waiting controls."""
    waiting = [
        replace(one, controls=tuple(control.entry for control in one.waiting if control.entry), resources=())
        for one in playbooks.playbooks
    ]
    return replace(playbooks, playbooks=tuple(waiting), departures=())


def sparing(
    wanted: Sequence[Desired], later: Sequence[Contribution], trades: Mapping[str, CloudCatalogue]
) -> list[Desired]:
    """Mark list entries that may be there because of a waiting control.

    A waiting control's decision on a look-alike counts for all controls that ask for the object.
    """
    by_address: dict[Address, list[Contribution]] = {}
    for one in later:
        if one.mode is not Mode.OFF and not one.withdrawn and one.address.provider in trades:
            by_address.setdefault(one.address, []).append(one)
    return [_sparing(one, by_address.get(one.address, ()), trades) for one in wanted]


def _sparing(desired: Desired, later: Sequence[Contribution], trades: Mapping[str, CloudCatalogue]) -> Desired:
    if not later:
        return desired
    table = trades[desired.address.provider].kinds[desired.address.kind].spec.table()
    lists: dict[str, frozenset[str]] = {}
    for path, value in ((path, value) for one in later for path, value in one.written.items()):
        if table[path].join is Join.UNION:
            lists[path] = lists.get(path, frozenset()) | {*entries(table[path].form.read(value))}
    said = [one.handling for one in later if one.handling != Handling()]
    handling = said[0] if said and desired.handling == Handling() else desired.handling
    return replace(desired, spared={**desired.spared, **lists}, handling=handling)


def as_spared(desired: Desired, observed: Observed, spec: type[Spec]) -> Desired:
    """Add spared entries that the tenant already has to the desired list, so that they are left unchanged."""
    kept: dict[str, Value] = {}
    for path, may_stay in desired.spared.items():
        wanted = desired.settings.get(path)
        there = may_stay.intersection(entries(observed.settings.get(path))).difference(entries(wanted))
        if path not in desired.settings or not there:
            continue
        items = unique((*entries(wanted), *there))
        open_ended = isinstance(wanted, AtLeast) or spec.table()[path].at_least
        lacking = wanted.lacking if isinstance(wanted, AtLeast) else ()
        kept[path] = AtLeast(items, unique({*lacking} - there)) if open_ended else items
    return replace(desired, settings={**desired.settings, **kept}) if kept else desired


@dataclass(frozen=True, slots=True)
class Expansion:
    """Everything that the playbooks want of the tenants."""

    wanted: tuple[Desired | Absent, ...]
    controls: tuple[RealisedControl, ...]
    unknown: tuple[Unknown, ...]
    kept: tuple[Refusal, ...] = ()  # changes of a withdrawn control that cannot be undone
    groups: Mapping[str, str] = field(default_factory=dict)  # provider:name of groups and units -> the service's id


def expand(
    playbooks: Playbooks,
    trades: Mapping[str, CloudCatalogue],
    controls: Mapping[str, Control],
    directories: Mapping[str, Directory] | None = None,
    *,
    signals: Mapping[str, Mapping[ControlIdentity, Signals]] | None = None,
    now: datetime | None = None,
) -> Expansion:
    """Return the desired objects. PlaybookError with every problem between entries.

    Without directories, as `validate` does, audiences stay unresolved and no one is counted; without `now` no exception
    is live.
    """
    moment = Moment(playbooks, directories, signals, now)
    asked = _requests(trades, controls, moment)
    contributions = _asked_for([c for part in asked for c in part.contributions], trades)
    protected = frozenset(address.lower() for address in playbooks.school.protected.accounts)
    wanted, problems = _joined(contributions, trades, protected)
    problems += _spelt_twice(contributions, trades)
    problems += dict.fromkeys(problem for part in asked for problem in part.problems)
    if problems:
        raise PlaybookError(problems)
    if playbooks.waiting:
        later = _requests(trades, controls, replace(moment, playbooks=only_waiting(playbooks)))
        wanted = sparing(wanted, [one for part in later for one in part.contributions], trades)
    still = {desired.address for desired in wanted}
    absent = {one.address: one for part in asked for one in part.absent if one.address not in still}
    return Expansion(
        (*wanted, *absent.values()),
        tuple(control for part in asked for control in part.controls),
        tuple(unknown for part in asked for unknown in part.unknown),
        tuple(kept for part in asked for kept in part.kept if kept.address not in still),
        group_ids(directories or {}),
    )


def group_ids(directories: Mapping[str, Directory]) -> Mapping[str, str]:
    """Return the service's id of each group and unit that was read, by provider:name."""
    return {f"{name}:{group}": one.id for name, seen in directories.items() for group, one in seen.groups.items()}


def spoken_of(
    playbooks: Playbooks,
    trades: Mapping[str, CloudCatalogue],
    controls: Mapping[str, Control],
    directories: Mapping[str, Directory],
    now: datetime,
) -> tuple[frozenset[Address], tuple[Unknown, ...]]:
    """Return the objects that the playbooks would ask for if every control were on, and the unknown ones."""
    contributions, unread = contributions_awake(playbooks, trades, controls, directories, now)
    unknown = [
        Unknown(str(one.address), AUDIENCE_UNKNOWN(why=one.unknown), one.address)
        for one in contributions
        if one.unknown
    ]
    return frozenset(one.address for one in contributions), (*unknown, *unread)


def contributions_awake(
    playbooks: Playbooks,
    trades: Mapping[str, CloudCatalogue],
    controls: Mapping[str, Control],
    directories: Mapping[str, Directory],
    now: datetime,
) -> tuple[list[Contribution], list[Unknown]]:
    """Return the contributions of all entries as if every control were on, and the unknown ones."""
    asked = _requests(trades, controls, Moment(playbooks, directories, now=now, includes_off=True))
    return [one for part in asked for one in part.contributions], [one for part in asked for one in part.unknown]


def _requests(
    trades: Mapping[str, CloudCatalogue], controls: Mapping[str, Control], moment: Moment
) -> list[ControlRequest]:
    """Return the requests of every playbook to each cloud, its controls before its resources."""
    people, school, found = DirectoryPeople(moment.directories), moment.playbooks.school, list[ControlRequest]()
    for playbook in moment.playbooks.playbooks:
        for entry in playbook.controls:
            control = controls[entry.name]
            for name in () if control.by_people_alone else school.tenants:
                if name in trades:
                    asked = ControlInPlaybook(entry, control, trades[name], school, playbook.clauses, moment.now)
                    found += request_control(asked, moment)
        found += [left_to_school(entry, controls[entry.name], playbook.clauses) for entry in playbook.controls]
        resources = tuple(_resource(entry, trades, people) for entry in playbook.resources)
        found.append(ControlRequest(contributions=resources))
    return defer_shared_with_pilot(found)


def _asked_for(contributions: Sequence[Contribution], trades: Mapping[str, CloudCatalogue]) -> list[Contribution]:
    """Leave out withdrawals of objects that another entry still asks for, except list entries.

    Nothing is taken back under another name of the object.
    """
    still = {one.address for one in contributions if not one.withdrawn}
    objects = {_object_of(address, trades) for address in still}
    return [
        replace(one, written=_entries_alone(one.written)) if one.withdrawn and one.address in still else one
        for one in contributions
        if not one.withdrawn or one.address in still or _object_of(one.address, trades) not in objects
    ]


def _object_of(address: Address, trades: Mapping[str, CloudCatalogue]) -> Address:
    """Return one address for all names of an object."""
    kind = trades[address.provider].kinds.get(address.kind) if address.provider in trades else None
    return replace(address, name=kind.names.same_object(address.name)) if kind else address


def _spelt_twice(contributions: Sequence[Contribution], trades: Mapping[str, CloudCatalogue]) -> list[Problem]:
    """Refuse a second name of an object that another entry asks for: each apply would undo the last."""
    first: dict[Address, Contribution] = {}
    problems: dict[Address, Problem] = {}
    for one in contributions:
        if one.mode is Mode.OFF:
            continue
        other = first.setdefault(_object_of(one.address, trades), one)
        if other.address != one.address:
            text = f"is the same object as {other.address.name!r} at {other.origin}: write both with one name"
            problems.setdefault(one.address, _problem(one, text))
    return list(problems.values())


def _entries_alone(written: Mapping[str, Json]) -> Mapping[str, Json]:
    return {name: value for name, value in written.items() if isinstance(value, Mapping) and "lacks" in value}


def _resource(entry: ResourceEntry, trades: Mapping[str, CloudCatalogue], people: DirectoryPeople) -> Contribution:
    kind = trades[entry.provider].kinds[entry.kind] if entry.provider in trades else None
    address, unknown = people.named(entry.address) if kind and kind.per_person else (entry.address, "")
    return Contribution(
        address=address,
        written=entry.written,
        origins={setting: Origin(entry.origin.path, line) for setting, line in entry.lines.items()},
        origin=entry.origin,
        mode=entry.mode,
        handling=entry.handling,
        renamed_from=entry.renamed_from,
        unknown=unknown,
        unmanaged_properties=entry.unmanaged_properties,
    )


def _joined(
    contributions: Sequence[Contribution], trades: Mapping[str, CloudCatalogue], protected: frozenset[str]
) -> tuple[list[Desired], list[Problem]]:
    together: dict[tuple[Address, Mode], list[Contribution]] = {}
    for contribution in contributions:
        if contribution.mode is not Mode.OFF and contribution.address.provider in trades:
            together.setdefault((contribution.address, contribution.mode), []).append(contribution)
    wanted: list[Desired] = []
    problems: list[Problem] = []
    for (address, _), group in together.items():
        desired, found = _one(group, trades[address.provider])
        members = trades[address.provider].kinds[address.kind].members
        if desired and members:
            desired = replace(desired, spared={**desired.spared, members.setting: protected})
        wanted += [desired] if desired else []
        problems += found
    return wanted, problems


def _one(asked: Sequence[Contribution], trade: CloudCatalogue) -> tuple[Desired | None, list[Problem]]:
    contributions = sorted(asked, key=lambda one: one.withdrawn)  # desired contributions come before withdrawals
    first = contributions[0]
    kind = trade.kinds[first.address.kind]
    if wrong := kind.names.check(first.address.name):
        return None, [_problem(first, wrong)]
    if len(contributions) > 1 and not all(contribution.made_by for contribution in contributions):
        places = " and ".join(str(contribution.origin) for contribution in contributions)
        return None, [_problem(first, f"is asked for more than once, at {places}")]
    try:
        return join(contributions, kind.spec)
    except ValidationError as invalid:
        return None, [_problem(first, text) for text in wrong_settings(invalid)]


def _problem(contribution: Contribution, text: str) -> Problem:
    return Problem(contribution.origin.path, contribution.origin.line, f"{contribution.address}: {text}")
