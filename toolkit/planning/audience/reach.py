"""Count how many more people and devices an object reaches after a change, and find protected accounts among them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.audience.resolve import AUDIENCE_UNKNOWN
from toolkit.planning.audience.school_reach import IdsOfSchools, SchoolReach
from toolkit.planning.audience.target_changes import TargetChange
from toolkit.planning.change import Change, Create, Update
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan, rows_for_notes, rows_for_unknown
from toolkit.planning.plan_details import ReachBefore, Refusal, Remark, Unknown
from toolkit.planning.plan_states import CHANGED, REFUSED
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory, GroupNesting
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Growth, Reach
from toolkit.sdk.targets import Targets

PEOPLE, DEVICES = "people", "devices"


def find_missing_accounts(protected_accounts: Iterable[str], directories: Collection[Directory]) -> tuple[str, ...]:
    """Return the addresses of protected accounts that no tenant has. If a directory could not be read, return none."""
    if any(PEOPLE in directory.unknown or not directory.people for directory in directories):
        return ()
    there = {person.address.casefold() for directory in directories for person in directory.people.values()}
    return tuple(address for address in protected_accounts if address.casefold() not in there)


def missing_account_message(account: str) -> str:
    """Return the message for a protected account that does not exist in any tenant."""
    return (
        f"the school file protects {account}, but no account has this address. "
        "Write the account's current address under `protected.accounts`"
    )


@dataclass(frozen=True, slots=True)
class ReachedIds:
    """The ids of the people and the number of devices that an object reaches."""

    people: frozenset[str] = frozenset()
    devices: int = 0
    unknown: str = ""  # why others may be reached too, "" if all are known

    @property
    def reach(self) -> Reach:
        """Return the number of people and devices that the object reaches."""
        return Reach(len(self.people) or None, self.devices) if self.devices else Reach(people=len(self.people))

    def growth_since(self, before: "ReachedIds") -> Growth:
        """Return how many people and devices are reached now and were not in `before`."""
        return Growth.greater(people=len(self.people - before.people), devices=self.devices - before.devices)


def find_reached_ids(targets: Targets, directory: Directory, nesting: GroupNesting | None) -> ReachedIds:
    """Return the people and devices that the given targets reach.

    A deleted group has no members. The reach of a group with nested groups is unknown if the service does not apply a
    setting to nested groups.
    """
    groups = [directory.groups[name] for name in targets.groups if name in directory.groups]
    excluded = [directory.groups[name].members for name in targets.excluded if name in directory.groups]
    by_address = any("@" in name for name in targets.people)  # the ids of everyone are not listed for each object
    ids = {person.address.casefold(): person.id for person in directory.people.values()} if by_address else {}
    people = {ids.get(name.casefold(), name) for name in targets.people}.union(*(group.members for group in groups))
    if targets.everybody:
        people |= {person.id for person in directory.people.values() if person.enabled}
    fleet = directory.devices.total if targets.all_devices and directory.devices else 0
    return ReachedIds(
        frozenset(people).difference(*excluded),
        fleet or sum(group.devices for group in groups),
        next(_explain_unknown_reach(targets, directory, nesting), ""),
    )


def _explain_unknown_reach(targets: Targets, directory: Directory, nesting: GroupNesting | None) -> Iterator[str]:
    if targets.everybody and not directory.people:
        yield directory.unknown.get(PEOPLE, "the people of the tenant were not read")
    yield from explain_unread_groups(targets, directory, nesting)


def explain_unread_groups(targets: Targets, directory: Directory, nesting: GroupNesting | None) -> Iterator[str]:
    for name in sorted(targets.named_groups - directory.groups.keys() - directory.gone):
        yield directory.unknown.get(name) or directory.unknown.get(PEOPLE) or f"the group {name} was not read"
    for name in sorted(targets.named_groups & directory.groups.keys()):
        if why := directory.groups[name].unknown_for(nesting or GroupNesting.UNSUPPORTED):
            yield why


def count_people_at_last_apply(
    last_applied: Mapping[Address, LastApplied], kinds: Mapping[str, Kind[Connection]]
) -> Mapping[str, int]:
    """Return the number of people that each group and unit had when an object for the group was last applied."""
    people: dict[str, int] = {}
    for address, record in last_applied.items():
        if address.kind not in kinds or record.reach is None or record.reach.people is None:
            continue
        targets = kinds[address.kind].reaches(address.name, {**record.returned, **record.sent})
        for name in targets.groups if not targets.everybody else ():
            people[name] = max(people.get(name, 0), record.reach.people)
    return people


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachInputs:
    """The directories and the objects' targets that are needed to count reach."""

    target_changes: Mapping[Address, TargetChange]
    directories: Mapping[str, Directory]
    accounts: frozenset[str]  # the addresses that the school file protects
    ids_of_schools: IdsOfSchools = field(default_factory=dict)  # of a trust

    def directory_of(self, address: Address) -> Directory:
        """Return the directory of the tenant that has the object."""
        return self.directories.get(address.provider, Directory())


def add_reach(plan: Plan, inputs: ReachInputs) -> Plan:
    """Return the plan with the number of people and devices that each change reaches.

    If this number is needed and could not be counted, the change becomes unknown. A change that can lock people out is
    refused if it reaches a protected account.
    """
    changes, growth = list[Change](), dict[Address, Growth]()
    refused, unknown = list[Refusal](), list[Unknown]()
    for change in plan.changes:
        if not isinstance(change, Create | Update):
            changes.append(change)
            continue
        match _add_reach_or_refuse(change, inputs):
            case Refusal() as refusal:
                refused.append(refusal)
            case Unknown() as unread:
                unknown.append(unread)
            case counted:
                changes.append(counted)
                growth[change.address] = _count_growth(change.address, inputs)
    plan = plan.replace(CHANGED, changes).add(REFUSED, refused)
    return replace(
        plan.add_rows(*rows_for_unknown(unknown), *rows_for_notes(_remarks_on_uncounted_devices(changes, inputs))),
        reach_growth=growth,
        school_reach={
            change.address: by_school for change in changes if (by_school := _count_by_school(change, inputs))
        },
        ids_of_schools=inputs.ids_of_schools,
        reach_before={
            change.address: _find_reach_before(change, inputs) for change in changes if isinstance(change, Update)
        },
        reached_everyone_before=frozenset(
            address
            for address, target_change in inputs.target_changes.items()
            if target_change.before and target_change.before.everybody
        ),
        first_time=frozenset(
            address for address, target_change in inputs.target_changes.items() if target_change.before is None
        ),
    )


def _count_growth(address: Address, inputs: ReachInputs) -> Growth:
    target_change, directory = inputs.target_changes[address], inputs.directory_of(address)
    if target_change.before is None or not target_change.has_other_targets:
        return Growth()
    after, before = (
        replace(targets, excluded=frozenset()) if target_change.control else targets
        for targets in (target_change.after, target_change.before)
    )
    return find_reached_ids(after, directory, target_change.nesting).growth_since(
        find_reached_ids(before, directory, target_change.nesting)
    )


def _count_by_school(change: Change, inputs: ReachInputs) -> Mapping[str, SchoolReach]:
    """Return the people and devices of each school of a trust whom a change of a shared object reaches."""
    if not isinstance(change, Create | Update) or not change.desired.schools:
        return {}
    target_change, directory = inputs.target_changes[change.address], inputs.directory_of(change.address)
    after = find_reached_ids(target_change.after, directory, target_change.nesting)
    before = (
        find_reached_ids(target_change.before, directory, target_change.nesting)
        if target_change.before
        else ReachedIds()
    )
    devices_after, devices_before = (
        frozenset[str]().union(*(directory.groups[name].device_ids for name in names if name in directory.groups))
        for names in (target_change.after.groups, target_change.before.groups if target_change.before else ())
    )
    counts: dict[str, SchoolReach] = {}
    for school, ids in inputs.ids_of_schools.get(change.address.provider, {}).items():
        people, devices = after.people & ids, devices_after & ids
        had_people, had_devices = before.people & ids, devices_before & ids
        if people or devices or had_people or had_devices:
            counts[school] = SchoolReach(
                Reach(len(people), len(devices)),
                Growth.greater(people=len(people - had_people), devices=len(devices - had_devices)),
                is_first=not (had_people or had_devices),
            )
    return counts


def _find_reach_before(change: Update, inputs: ReachInputs) -> ReachBefore:
    target_change, directory = inputs.target_changes[change.address], inputs.directory_of(change.address)
    targets = target_change.before or target_change.after
    before, after = (
        find_reached_ids(aimed_at, directory, target_change.nesting) for aimed_at in (targets, target_change.after)
    )
    return ReachBefore(
        None if before.unknown else before.reach,
        before.growth_since(after) if target_change.has_other_targets else Growth(),
        everyone=targets.everybody,
        all_devices=targets.all_devices,
    )


def _add_reach_or_refuse(change: Create | Update, inputs: ReachInputs) -> Create | Update | Refusal | Unknown:
    target_change, directory = inputs.target_changes[change.address], inputs.directory_of(change.address)
    reached = find_reached_ids(target_change.after, directory, target_change.nesting)
    # An assignment to all devices does not show who signs in on them.
    signs_in = find_reached_ids(replace(target_change.after, all_devices=False), directory, target_change.nesting)
    guarded = target_change.locks_out and bool(inputs.accounts)
    groups = next(explain_unread_groups(target_change.after, directory, target_change.nesting), "")
    unread = (reached.unknown if target_change.has_other_targets else groups) or (signs_in.unknown if guarded else "")
    why = f"its reach is unknown: {unread}" if unread else _explain_missing_count(target_change, directory)
    if why:
        return Unknown(change.address.kind_path, AUDIENCE_UNKNOWN(why=why), change.address, for_whom=True)
    accounts = (
        () if target_change.after.whole_tenant else _find_protected_accounts(signs_in, directory, inputs.accounts)
    )
    if accounts and guarded:
        return Refusal(change.address, _describe_locked_out_accounts(accounts), change.desired.origin)
    desired = replace(
        change.desired,
        reach=_reach_in_devices(change.desired.reach, reached) if reached.unknown else reached.reach,
        everyone=target_change.after.everybody,
        all_devices=target_change.after.all_devices,
        protected=accounts,
        protected_unknown=signs_in.unknown if inputs.accounts and not target_change.after.whole_tenant else "",
    )
    return replace(change, desired=desired)


def _explain_missing_count(target_change: TargetChange, directory: Directory) -> str:
    """Return why a setting for the whole tenant must wait for a count of the tenant's people, or "" if it need
    not wait.
    """
    error = directory.unknown.get(PEOPLE) if target_change.tenant_wide and not directory.people else None
    return f"it applies to everyone, and the number of people could not be read: {error}" if error else ""


def _remarks_on_uncounted_devices(changes: Sequence[Change], inputs: ReachInputs) -> Iterator[Remark]:
    """Yield a remark on each change for all devices whose number could not be read. A run still makes such a change."""
    for address in (change.address for change in changes):
        target_change, why = inputs.target_changes.get(address), inputs.directory_of(address).unknown.get(DEVICES)
        if target_change and target_change.after.all_devices and why:
            yield Remark(address, "", f"the number of devices could not be read: {why}", is_unread=True)


def _reach_in_devices(known_reach: Reach | None, reached_ids: ReachedIds) -> Reach | None:
    """Return a reach with the number of devices and no number of people, or None if the devices were not counted."""
    return known_reach or (Reach(None, reached_ids.devices) if reached_ids.devices else None)


def _find_protected_accounts(
    reached_ids: ReachedIds, directory: Directory, protected_addresses: frozenset[str]
) -> tuple[str, ...]:
    people = (directory.people[person_id] for person_id in reached_ids.people if person_id in directory.people)
    return tuple(sorted(person.address for person in people if person.address.casefold() in protected_addresses))


def _describe_locked_out_accounts(accounts: tuple[str, ...]) -> str:
    return (
        f"it would reach {', '.join(accounts)}, which the school file protects, and could lock people out: put the "
        "protected accounts in a group, name this group as `protected.exclude_group` in the school file, and exclude "
        "this group here"
    )
