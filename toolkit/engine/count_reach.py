"""Read the groups and people whom the changes of a plan reach, and count the people."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.engine.count_devices import read_devices
from toolkit.engine.read_tenants import read_directories
from toolkit.errors import NotLicensed, ServiceError
from toolkit.planning.audience.cover import Cover
from toolkit.planning.audience.cover_changes import CoverFacts, add_cover_losses, find_cover_changes
from toolkit.planning.audience.reach import DEVICES, PEOPLE, ReachInputs, add_reach, find_missing_accounts
from toolkit.planning.audience.school_reach import find_ids_of_schools
from toolkit.planning.audience.target_changes import TargetChange, find_target_changes
from toolkit.planning.expand import find_group_ids
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.planning.plan_states import NOT_PROTECTED
from toolkit.playbook.slices import Slices
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import DeviceUse, Directory, GroupNesting, Members
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Absent, Address, Desired, Observed
from toolkit.sdk.targets import Targets


def count_reach(
    plan: Plan,
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    directories: Mapping[str, Directory],
    *,
    known_objects: Mapping[Address, LastApplied],
    school: School,
    slices: Slices,
    replaceable_objects: Sequence[Observed] = (),
    all_clouds_connected: bool = False,
    cover: CoverFacts | None = None,
) -> Plan:
    """Return the plan with the number of people and devices that each change reaches.

    Nothing is read for a change that reaches the same people as before. `all_clouds_connected` means that all tenants
    of the school are connected, so each protected account must be in one of them. Without `cover`, people to whom a
    control no longer applies are not counted.
    """
    covers = find_cover_changes(plan, cover) if cover else {}
    target_changes = find_target_changes(plan, kinds, known_objects, replaceable_objects)
    accounts = frozenset(address.casefold() for address in school.protected.accounts)
    read = {
        name: _complete_directory(
            directories.get(name, Directory()),
            connection,
            _target_changes_on_provider(target_changes, name),
            has_protected_accounts=bool(accounts),
            shrinking_covers=[
                cover for cover in covers.values() if cover.address.provider == name and cover.may_cover_fewer_people
            ],
        )
        for name, connection in connections.items()
    }
    ids_of_schools = find_ids_of_schools(slices, read) if slices.schools else {}
    inputs = ReachInputs(
        target_changes=target_changes, directories=read, accounts=accounts, ids_of_schools=ids_of_schools
    )
    counted = add_reach(plan, inputs)
    counted = add_cover_losses(counted, covers, read, cover) if cover else counted
    counted = replace(counted, groups=find_group_ids(read))
    if not all_clouds_connected or read.keys() != school.tenants.keys():
        return counted
    return counted.add(NOT_PROTECTED, find_missing_accounts(school.protected.accounts, read.values()))


def _target_changes_on_provider(target_changes: Mapping[Address, TargetChange], provider: str) -> list[TargetChange]:
    return [target_change for address, target_change in target_changes.items() if address.provider == provider]


def _add_devices(directory: Directory, devices: DeviceUse | ServiceError) -> Directory:
    if not isinstance(devices, ServiceError):
        return replace(directory, devices=devices)
    unread = {} if isinstance(devices, NotLicensed) else {DEVICES: str(devices)}
    return replace(directory, unknown={**directory.unknown, **unread})


def _complete_directory(
    directory: Directory,
    connection: Connection,
    target_changes: list[TargetChange],
    *,
    has_protected_accounts: bool,
    shrinking_covers: Sequence[Cover] = (),
) -> Directory:
    """Return the directory with the groups that the changes use. If a change reaches everyone, all people are added."""
    targets = [
        target
        for target_change in target_changes
        for target in (target_change.before if target_change.has_other_targets else None, target_change.after)
        if target
    ]
    before = [covered for cover in shrinking_covers for covered in cover.before]
    names = {name for target in (*targets, *before) for name in target.named_groups}
    missing = sorted(names - directory.groups.keys() - directory.unknown.keys())
    widened = any(
        target.everybody
        for target_change in target_changes
        if target_change.has_other_targets
        for target in (target_change.before, target_change.after)
        if target
    )
    widened = (
        widened
        or any(target_change.tenant_wide for target_change in target_changes)
        or any(cover.must_read_people for cover in shrinking_covers)
    )
    guarded = has_protected_accounts and any(
        target.named_groups or (target.everyone and not target.whole_tenant) for target in targets
    )
    people = (widened or guarded) and not directory.people and PEOPLE not in directory.unknown
    fleet = any(target.all_devices for target in (*targets, *before)) and directory.devices is None
    if fleet:
        directory = _add_devices(directory, read_devices(connection))
    if not missing and not people:
        return directory
    read = read_directories({"": connection}, {"": missing}, people=people)[""]
    return replace(
        directory,
        people={**directory.people, **read.people},
        groups={**directory.groups, **read.groups},
        unknown={**directory.unknown, **read.unknown},
        missing={**directory.missing, **read.missing},
        named=directory.named | read.named,
        gone=directory.gone | read.gone,
    )


def read_members_of_rules(
    observed: ObservedState,
    desired: Sequence[Desired | Absent],
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    directories: Mapping[str, Directory],
) -> Mapping[str, Members]:
    """Return the members of the groups that rules have as conditions, by provider.

    Only kinds with an order are included. Groups that cannot be read are left out.
    """
    named: dict[str, set[str]] = {}
    for of_kind in (name for name, kind in kinds.items() if isinstance(kind.endpoint, Ordered)):
        settings = [resource.settings for resource in observed.objects.get(of_kind, ())]
        settings += [
            resource.settings
            for resource in desired
            if isinstance(resource, Desired) and resource.address.kind_path == of_kind
        ]
        groups = {group for rule_settings in settings for group in kinds[of_kind].reaches("", rule_settings).groups}
        named.setdefault(of_kind, set()).update(groups)
    members_by_provider: dict[str, Members] = {}
    for of_kind, names in named.items():
        provider, nesting = of_kind.partition(".")[0], kinds[of_kind].nesting or GroupNesting.UNSUPPORTED
        if len(names) > 1:  # a group is not compared with itself
            group_aim = TargetChange(None, Targets(groups=frozenset(names)))
            directory = _complete_directory(
                directories.get(provider, Directory()), connections[provider], [group_aim], has_protected_accounts=False
            )
            readable = {name: group for name, group in directory.groups.items() if not group.unknown_for(nesting)}
            members = {name.lower(): group.members for name, group in readable.items()}
            members_by_provider[provider] = {**members_by_provider.get(provider, {}), **members}
    return members_by_provider
