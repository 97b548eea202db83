"""Work out the objects that the playbooks require.

The list entries of a control that waits for a decision stay unchanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from pydantic import ValidationError

from toolkit.controls.control import Control
from toolkit.errors import PlaybookError, Problem
from toolkit.planning.audience.resolve import AUDIENCE_UNKNOWN, DirectoryPeople
from toolkit.planning.contribution import Contribution, describe_invalid_settings, join_contributions
from toolkit.planning.desired.control_request import (
    CloudCatalogue,
    ControlInPlaybook,
    ControlRequest,
    label_with_school,
)
from toolkit.planning.desired.realise_slice import request_for_parts_left_to_people
from toolkit.planning.desired.requests import list_control_requests
from toolkit.planning.desired.shared_with_pilot import defer_shared_with_pilot
from toolkit.planning.desired.slices import SliceInputs
from toolkit.planning.plan_details import RealisedControl, Refusal, Unknown
from toolkit.planning.spared_entries import mark_spared_entries
from toolkit.playbook.entries import ControlIdentity, Playbook, Playbooks, ResourceEntry
from toolkit.records import dataclass
from toolkit.school.signals import Signals
from toolkit.sdk.directory import Directory
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Origin
from toolkit.values import Json


def keep_waiting_controls(playbooks: Playbooks) -> Playbooks:
    """Return the playbooks with only the controls that wait for a decision."""
    waiting = [
        replace(playbook, controls=tuple(control.entry for control in playbook.waiting if control.entry), resources=())
        for playbook in playbooks.playbooks
    ]
    return replace(playbooks, playbooks=tuple(waiting), departures=())


@dataclass(frozen=True, slots=True)
class Expansion:
    """The desired state according to the playbooks: objects, controls, and objects that are unknown."""

    wanted: tuple[Desired | Absent, ...]
    controls: tuple[RealisedControl, ...]
    unknown: tuple[Unknown, ...]
    not_restored: tuple[Refusal, ...] = ()  # changes of a withdrawn control that cannot be undone
    groups: Mapping[str, str] = field(default_factory=dict)  # provider:name of groups and units -> the service's id


def expand(
    playbooks: Playbooks,
    catalogues: Mapping[str, CloudCatalogue],
    controls: Mapping[str, Control],
    directories: Mapping[str, Directory] | None = None,
    *,
    signals: Mapping[str, Mapping[ControlIdentity, Signals]] | None = None,
    now: datetime | None = None,
) -> Expansion:
    """Return the objects that the playbooks require.

    Raise PlaybookError with every contradiction between playbook entries. Without directories, as in `validate`,
    audiences stay unresolved and people are not counted. Without `now`, no exception counts as current.
    """
    moment = SliceInputs(playbooks, directories, signals, now)
    requests = _collect_requests(catalogues, controls, moment)
    contributions = _leave_out_unneeded_withdrawals(
        [contribution for request in requests for contribution in request.contributions], catalogues
    )
    protected = frozenset(address.lower() for address in playbooks.school.protected.accounts)
    desired, problems = _join_contributions(contributions, catalogues, protected)
    problems += _problems_with_different_names(contributions, catalogues)
    problems += dict.fromkeys(problem for request in requests for problem in request.problems)
    if problems:
        raise PlaybookError(problems)
    if playbooks.waiting:
        later = _collect_requests(catalogues, controls, replace(moment, playbooks=keep_waiting_controls(playbooks)))
        desired = mark_spared_entries(
            desired, [contribution for request in later for contribution in request.contributions], catalogues
        )
    still = {desired.address for desired in desired}
    absent = {entry.address: entry for request in requests for entry in request.absent if entry.address not in still}
    return Expansion(
        (*desired, *absent.values()),
        tuple(control for request in requests for control in request.controls),
        tuple(unknown for request in requests for unknown in request.unknown),
        tuple(refusal for request in requests for refusal in request.not_restored if refusal.address not in still),
        find_group_ids(directories or {}),
    )


def find_group_ids(directories: Mapping[str, Directory]) -> Mapping[str, str]:
    """Return the service's id of each group and unit that was read. The keys have the form `provider:name`."""
    return {
        f"{provider}:{name_of_group}": group.id
        for provider, directory in directories.items()
        for name_of_group, group in directory.groups.items()
    }


def find_referenced_objects(
    playbooks: Playbooks,
    catalogues: Mapping[str, CloudCatalogue],
    controls: Mapping[str, Control],
    directories: Mapping[str, Directory],
    now: datetime,
) -> tuple[frozenset[Address], tuple[Unknown, ...]]:
    """Return the addresses of all objects that the playbooks would require if every control were enabled, and
    the unknown objects.
    """
    contributions, unknown_requests = contributions_if_all_enabled(playbooks, catalogues, controls, directories, now)
    unknown = [
        Unknown(str(contribution.address), AUDIENCE_UNKNOWN(why=contribution.unknown), contribution.address)
        for contribution in contributions
        if contribution.unknown
    ]
    return frozenset(contribution.address for contribution in contributions), (*unknown, *unknown_requests)


def contributions_if_all_enabled(
    playbooks: Playbooks,
    catalogues: Mapping[str, CloudCatalogue],
    controls: Mapping[str, Control],
    directories: Mapping[str, Directory],
    now: datetime,
) -> tuple[list[Contribution], list[Unknown]]:
    """Return the settings that all playbook entries would require of objects if every control were enabled, and
    the unknown objects.
    """
    requests = _collect_requests(catalogues, controls, SliceInputs(playbooks, directories, now=now, includes_off=True))
    return [contribution for part in requests for contribution in part.contributions], [
        contribution for part in requests for contribution in part.unknown
    ]


def _collect_requests(
    catalogues: Mapping[str, CloudCatalogue], controls: Mapping[str, Control], inputs: SliceInputs
) -> list[ControlRequest]:
    """Return the objects that every playbook needs on each cloud. In a playbook, controls come before resources.

    The requests of schools that share a tenant are merged.
    """
    requests, slices = _requests_of(inputs.playbooks.playbooks, catalogues, controls, inputs), inputs.playbooks.slices
    if slices.schools:  # so that a lone school loads less
        from toolkit.planning.desired.merge_schools import merge_schools
        from toolkit.planning.desired.people_in_two_schools import find_people_in_two_schools

        base = _requests_of(inputs.playbooks.base, catalogues, controls, inputs)
        people = find_people_in_two_schools(slices, inputs.directories if inputs.now else None)
        requests = merge_schools([*requests, *base], catalogues, slices, people)
    return defer_shared_with_pilot(requests)


def _requests_of(
    playbooks: Sequence[Playbook],
    catalogues: Mapping[str, CloudCatalogue],
    controls: Mapping[str, Control],
    inputs: SliceInputs,
) -> list[ControlRequest]:
    people, requests = DirectoryPeople(inputs.directories), list[ControlRequest]()
    for playbook in playbooks:
        for entry in playbook.controls:
            control, school = controls[entry.name], inputs.playbooks.school_of(entry)
            for name in () if control.by_people_alone else school.tenants:
                if name in catalogues:
                    control_in_playbook = ControlInPlaybook(
                        entry, control, catalogues[name], school, playbook.clauses, inputs.now
                    )
                    requests += label_with_school(list_control_requests(control_in_playbook, inputs), entry.school)
        for entry in playbook.controls:
            by_people = request_for_parts_left_to_people(entry, controls[entry.name], playbook.clauses)
            requests += label_with_school([by_people], entry.school)
        resources = tuple(_resource_contribution(entry, catalogues, people) for entry in playbook.resources)
        requests.append(ControlRequest(contributions=resources))
    return requests


def _leave_out_unneeded_withdrawals(
    contributions: Sequence[Contribution], catalogues: Mapping[str, CloudCatalogue]
) -> list[Contribution]:
    """Return the playbook entries' contributions, without the withdrawal of an object that another entry still
    requires. List entries are still withdrawn. The other entry may call the object by another name.
    """
    still = {contribution.address for contribution in contributions if not contribution.withdrawn}
    objects = {_main_address(address, catalogues) for address in still}
    return [
        replace(contribution, settings=_select_list_entries(contribution.settings))
        if contribution.withdrawn and contribution.address in still
        else contribution
        for contribution in contributions
        if not contribution.withdrawn
        or contribution.address in still
        or _main_address(contribution.address, catalogues) not in objects
    ]


def _main_address(address: Address, catalogues: Mapping[str, CloudCatalogue]) -> Address:
    """Return the address under which an object is known, whichever of its names a playbook uses."""
    kind = catalogues[address.provider].kinds.get(address.kind) if address.provider in catalogues else None
    return replace(address, name=kind.names.same_object(address.name)) if kind else address


def _problems_with_different_names(
    contributions: Sequence[Contribution], catalogues: Mapping[str, CloudCatalogue]
) -> list[Problem]:
    """Return a problem for each object to which two entries give different names, because each entry would undo
    the other's changes.
    """
    first: dict[Address, Contribution] = {}
    problems: dict[Address, Problem] = {}
    for contribution in contributions:
        if contribution.mode is Mode.OFF:
            continue
        other = first.setdefault(_main_address(contribution.address, catalogues), contribution)
        if other.address != contribution.address:
            text = f"is the same object as {other.address.name!r} at {other.origin}: use the same name in both places"
            problems.setdefault(contribution.address, _to_problem(contribution, text))
    return list(problems.values())


def _select_list_entries(settings: Mapping[str, Json]) -> Mapping[str, Json]:
    return {name: value for name, value in settings.items() if isinstance(value, Mapping) and "lacks" in value}


def _resource_contribution(
    entry: ResourceEntry, catalogues: Mapping[str, CloudCatalogue], people: DirectoryPeople
) -> Contribution:
    kind = catalogues[entry.provider].kinds[entry.kind] if entry.provider in catalogues else None
    address, unknown = people.resolve_address(entry.address) if kind and kind.per_person else (entry.address, "")
    return Contribution(
        address=address,
        settings=entry.written,
        origins={setting: Origin(entry.origin.path, line) for setting, line in entry.lines.items()},
        origin=entry.origin,
        mode=entry.mode,
        handling=entry.handling,
        renamed_from=entry.renamed_from,
        unknown=unknown,
        unmanaged_properties=entry.unmanaged_properties,
    )


def _join_contributions(
    contributions: Sequence[Contribution], catalogues: Mapping[str, CloudCatalogue], protected_accounts: frozenset[str]
) -> tuple[list[Desired], list[Problem]]:
    together: dict[tuple[Address, Mode], list[Contribution]] = {}
    for contribution in contributions:
        if contribution.mode is not Mode.OFF and contribution.address.provider in catalogues:
            together.setdefault((contribution.address, contribution.mode), []).append(contribution)
    joined: list[Desired] = []
    problems: list[Problem] = []
    for (address, _), group in together.items():
        desired, clashes = _join_to_object(group, catalogues[address.provider])
        members = catalogues[address.provider].kinds[address.kind].members
        if desired and members:
            desired = replace(desired, spared={**desired.spared, members.setting: protected_accounts})
        joined += [desired] if desired else []
        problems += clashes
    return joined, problems


def _join_to_object(
    contributions: Sequence[Contribution], catalogue: CloudCatalogue
) -> tuple[Desired | None, list[Problem]]:
    in_order = sorted(
        contributions, key=lambda contribution: contribution.withdrawn
    )  # desired contributions come before withdrawals
    first = in_order[0]
    kind = catalogue.kinds[first.address.kind]
    if wrong := kind.names.check(first.address.name):
        return None, [_to_problem(first, wrong)]
    if len(in_order) > 1 and not all(contribution.made_by for contribution in in_order):
        places = " and ".join(str(contribution.origin) for contribution in in_order)
        return None, [_to_problem(first, f"is in the playbooks more than once, at {places}")]
    try:
        return join_contributions(in_order, kind.spec)
    except ValidationError as invalid:
        return None, [_to_problem(first, text) for text in describe_invalid_settings(invalid)]


def _to_problem(contribution: Contribution, text: str) -> Problem:
    return Problem(contribution.origin.path, contribution.origin.line, f"{contribution.address}: {text}")
