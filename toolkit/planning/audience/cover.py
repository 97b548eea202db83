"""Compare the people and devices that an object covers before and after a run.

The ids are compared, because equal numbers can hide that different people are covered. A person who has left the
directory loses nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from toolkit.planning.audience.reach import PEOPLE, explain_unread_groups, find_reached_ids
from toolkit.planning.loss import ObjectLoss
from toolkit.records import dataclass
from toolkit.sdk.directory import EVERYONE, Directory, Group, GroupNesting
from toolkit.sdk.resource import Address
from toolkit.sdk.targets import Targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The people and devices that an object covers, before and after a run."""

    address: Address
    subject: str  # the title of its control, else the object in words
    before: tuple[Targets, ...] = ()  # observed, and last applied
    after: Targets = field(default_factory=Targets)  # without the groups that an exception takes out
    nesting: GroupNesting | None = None
    successors: tuple[Address, ...] = ()  # other objects that do its job after the run

    @property
    def must_read_people(self) -> bool:
        """Return whether the tenant's people must be read, because the object applied to everyone or to
        people by name before the run.
        """
        if self.after.everybody:
            return False
        return any(targets.everybody or targets.people - self.after.people for targets in self.before)

    @property
    def may_cover_fewer_people(self) -> bool:
        """Return whether the object may cover fewer people after the run than before."""
        return any(targets != self.after and not targets.is_empty for targets in self.before)


def find_object_loss(
    cover: Cover, other_covers: Mapping[Address, Cover], directory: Directory, role_by_group: Mapping[str, str]
) -> ObjectLoss | str | None:
    """Return the people and devices that an object stops covering.

    Return None if there are none, or the reason if they cannot be found out. `other_covers` are the objects that may
    cover these people after the run. `role_by_group` contains the school's role for each group.
    """
    if unread := next(_explain_unknown_people(cover, directory), ""):
        return unread
    before = frozenset[str]().union(
        *(find_reached_ids(targets, directory, cover.nesting).people for targets in cover.before)
    )
    people = before - _covered_people_ids(cover.after, before, directory) - _ids_of_departed_people(cover, directory)
    had = frozenset[str]().union(*(_device_ids(targets, directory) for targets in cover.before))
    devices = frozenset[str]() if cover.after.all_devices else had - _device_ids(cover.after, directory)
    if not people and not devices:
        return None
    taken_over = {
        other: covered
        for other in cover.successors
        if other in other_covers
        and (covered := _certainly_covered_ids(other_covers[other], people, devices, directory))
    }
    return ObjectLoss(
        address=cover.address,
        subject=cover.subject,
        people=people,
        devices=devices,
        taken_over=taken_over,
        roles=_people_by_role(cover, before, directory, role_by_group),
    )


def _covered_people_ids(targets: Targets, candidate_ids: frozenset[str], directory: Directory) -> frozenset[str]:
    """Return the ids of the people whom the targets cover.

    If the target is everyone, people with disabled accounts are included.
    """
    if targets.everybody:
        return candidate_ids.difference(*(group.members for group in _find_groups(targets.excluded, directory)))
    return find_reached_ids(targets, directory, None).people


def _certainly_covered_ids(
    other_cover: Cover, people_ids: frozenset[str], device_ids: frozenset[str], directory: Directory
) -> frozenset[str]:
    """Return the ids of the people and devices that another object certainly covers.

    If the object's targets are unknown, return none.
    """
    if next(explain_unread_groups(other_cover.after, directory, other_cover.nesting), ""):
        return frozenset()
    all_devices = device_ids if other_cover.after.all_devices else _device_ids(other_cover.after, directory)
    return (people_ids & _covered_people_ids(other_cover.after, people_ids, directory)) | (device_ids & all_devices)


def _explain_unknown_people(cover: Cover, directory: Directory) -> Iterator[str]:
    """Yield each reason why it is unknown whom the object covered before the run.

    A group that stays a target need not be known, because its people stay covered.
    """
    if cover.after.everybody:
        return
    for targets in cover.before:
        if targets.everybody and not directory.people:
            yield directory.unknown.get(PEOPLE, "the people of the tenant were not read")
        for name in sorted(targets.groups - cover.after.groups - directory.groups.keys() - directory.gone):
            yield directory.unknown.get(name) or directory.unknown.get(PEOPLE) or f"the group {name} was not read"


def _ids_of_departed_people(cover: Cover, directory: Directory) -> frozenset[str]:
    """Return the people who have left the directory although an object is for them by name.

    An address never counts as a person who has left, because the address may be an alias of someone in the directory.
    """
    if not directory.people:
        return frozenset()
    named = frozenset(name for targets in cover.before for name in targets.people if "@" not in name)
    return named - directory.people.keys()


def _device_ids(targets: Targets, directory: Directory) -> frozenset[str]:
    """Return ids of the devices in the target groups.

    Other devices get made-up ids, because toolkit reads only their number.
    """
    in_groups = frozenset[str]().union(*(group.device_ids for group in _find_groups(targets.groups, directory)))
    if not (targets.all_devices and directory.devices):
        return in_groups
    every = frozenset[str]().union(*(group.device_ids for group in directory.groups.values()))
    rest = directory.devices.total - len(every)
    return every.union(f"device {number}" for number in range(rest))


def _find_groups(names: Iterable[str], directory: Directory) -> list[Group]:
    return [directory.groups[name] for name in names if name in directory.groups]


def _people_by_role(
    cover: Cover, covered_before: frozenset[str], directory: Directory, role_by_group: Mapping[str, str]
) -> Mapping[str, frozenset[str]]:
    """Return the ids of the people in each role that the object covers before the run.

    If all people of a role lose cover, the loss is reported for the role.
    """
    named = frozenset[str]().union(*(targets.groups for targets in cover.before))
    people_of = {
        role_by_group[name]: directory.groups[name].members for name in role_by_group if name in directory.groups
    }
    people_of |= {
        role_by_group.get(name, name): directory.groups[name].members & covered_before
        for name in named & directory.groups.keys()
    }
    if any(targets.everybody for targets in cover.before):
        people_of[EVERYONE] = covered_before
    return people_of
