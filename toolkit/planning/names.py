"""Find groups, units and addresses in the playbooks that have been renamed or that no longer exist in any directory."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from toolkit.playbook.references import Mention, Naming
from toolkit.records import dataclass
from toolkit.sdk.directory import Directory, Group, Person
from toolkit.sdk.resource import Origin


class ExpiryState(StrEnum):
    """The possible states of a name or a date in the playbooks."""

    GONE = "gone"
    EMPTY = "empty"
    RENAMED = "renamed"
    REPLACED = "replaced"  # another object now has its name
    LEFT = "left"  # a person whose account is disabled, or who has left
    ENDING = "about to end"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedEntry:
    """A name or a date in the playbooks that is out of date, with its state and advice."""

    origin: Origin
    name: str
    state: ExpiryState
    fact: str
    advice: str = ""


PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A tenant's directory, with the ids that its groups had in earlier runs."""

    title: str
    directory: Directory
    earlier_ids: Mapping[str, str] = field(default_factory=dict)  # by name
    by_id: Mapping[str, Group] = field(default_factory=dict)  # groups that no longer have their earlier name, by id

    def find_people_by_address(self, address: str) -> list[Person]:
        """Return the people whose account has an address."""
        return [person for person in self.directory.people.values() if person.address.casefold() == address.casefold()]


def find_outdated_names(
    mentions: Sequence[Mention], tenancies: Mapping[str, Tenancy], used_roles: Collection[str]
) -> Iterator[OutdatedEntry]:
    """Yield the names in the playbooks that are out of date.

    `used_roles` contains the roles that a control or an exception uses.
    """
    for mention in mentions:
        if mention.naming is Naming.ADDRESS:
            yield from _check_address(mention, tenancies)
        else:
            yield from _check_group_name(mention, tenancies[mention.provider], used_roles)


def _check_group_name(mention: Mention, tenancy: Tenancy, used_roles: Collection[str]) -> Iterator[OutdatedEntry]:
    what = f"{mention.naming} {mention.name}" + (f" ({mention.role})" if mention.role else "")
    group = tenancy.directory.groups.get(mention.name)
    bound = tenancy.earlier_ids.get(mention.name)
    if group is not None:
        yield from _check_existing_group(mention, what, group, bound, tenancy)
    elif moved := tenancy.by_id.get(bound or ""):
        yield from _check_empty_group(mention, what, moved, tenancy)
        name = current_group_name(mention.name, moved)
        fact = f"{tenancy.title} now calls it {name}, according to its id in the ledger"
        yield OutdatedEntry(
            origin=mention.origin, name=what, state=ExpiryState.RENAMED, fact=fact, advice=f"write {name}"
        )
    elif mention.name in tenancy.directory.gone:
        fact = f"{tenancy.title} has none"
        yield OutdatedEntry(
            origin=mention.origin,
            name=what,
            state=ExpiryState.GONE,
            fact=fact,
            advice=_advice_for_deleted_group(mention, used_roles),
        )
    else:
        reasons = tenancy.directory.unknown
        reason = reasons.get(mention.name) or reasons.get(PEOPLE) or "it was not read"
        yield OutdatedEntry(
            origin=mention.origin, name=what, state=ExpiryState.UNKNOWN, fact=f"{tenancy.title}: {reason}"
        )


def find_deleted_or_empty_groups(directories: Iterable[Directory]) -> tuple[str, ...]:
    """Return the names of groups and units that were deleted, or that have neither people nor devices."""
    gone = dict.fromkeys(name for directory in directories for name in sorted(directory.gone))
    empty = (
        name
        for directory in directories
        for name, group in directory.groups.items()
        if not group.members and not group.devices
    )
    return tuple(gone | dict.fromkeys(empty))


def _advice_for_deleted_group(mention: Mention, used_roles: Collection[str]) -> str:
    if mention.role and mention.role not in used_roles:
        return "no control or exception uses this role, so delete the line, or write the current group or unit"
    removal = f", or remove every entry for {mention.role}" if mention.role else ""
    return f"write the current group or unit{removal}"


def _check_existing_group(
    mention: Mention, label: str, group: Group, earlier_id: str | None, tenancy: Tenancy
) -> Iterator[OutdatedEntry]:
    if (name := current_group_name(mention.name, group)).casefold() != mention.name.casefold():
        fact = f"{tenancy.title} now calls it {name}, and has this name as a former name"
        yield OutdatedEntry(
            origin=mention.origin, name=label, state=ExpiryState.RENAMED, fact=fact, advice=f"write {name}"
        )
    if earlier_id is not None and earlier_id != group.id:
        fact = f"{tenancy.title} has a different {mention.naming} of this name since the last run"
        advice = "check its members, and run `toolkit plan` to see the changes"
        yield OutdatedEntry(origin=mention.origin, name=label, state=ExpiryState.REPLACED, fact=fact, advice=advice)
    yield from _check_empty_group(mention, label, group, tenancy)


def _check_empty_group(mention: Mention, label: str, group: Group, tenancy: Tenancy) -> Iterator[OutdatedEntry]:
    if not group.members:
        advice = "toolkit writes nothing for this group until it has a member. A sync may still be adding members"
        fact = f"it is empty on {tenancy.title}"
        yield OutdatedEntry(origin=mention.origin, name=label, state=ExpiryState.EMPTY, fact=fact, advice=advice)


def current_group_name(written_name: str, group: Group) -> str:
    """Return a group's current name in the form that the file uses: id, path, address or name.

    If the name in the file is still correct, it is returned unchanged.
    """
    if written_name.casefold() in {
        (known_name or "").casefold() for known_name in (group.id, group.address, group.name)
    }:
        return written_name
    by_address = "@" in written_name and not written_name.startswith("/")
    return (by_address and group.address) or group.name


def find_people(mention: Mention, tenancies: Mapping[str, Tenancy]) -> list[Person]:
    """Return the people to whom an address in the playbooks may refer."""
    return [
        person
        for tenancy in _possible_tenancies(mention, tenancies)
        for person in tenancy.find_people_by_address(mention.name)
    ]


def _possible_tenancies(mention: Mention, tenancies: Mapping[str, Tenancy]) -> list[Tenancy]:
    """Return the tenants in which an address from the playbooks may exist.

    An address in an object belongs to the object's cloud.
    """
    return [tenancies[mention.provider]] if mention.provider else list(tenancies.values())


def _check_address(mention: Mention, tenancies: Mapping[str, Tenancy]) -> Iterator[OutdatedEntry]:
    possible, people = _possible_tenancies(mention, tenancies), find_people(mention, tenancies)
    if any(mention.name in tenancy.directory.groups for tenancy in possible):
        return
    for tenancy in possible:
        if moved := tenancy.by_id.get(tenancy.earlier_ids.get(mention.name, "")):
            name = current_group_name(mention.name, moved)
            fact = f"{tenancy.title} now calls it {name}, according to its id in the ledger"
            yield OutdatedEntry(
                origin=mention.origin, name=mention.name, state=ExpiryState.RENAMED, fact=fact, advice=f"write {name}"
            )
            return
    if people:
        if mention.of_a_person and not any(person.enabled for person in people):
            fact = "the account is disabled: the person has left"
            yield OutdatedEntry(
                origin=mention.origin, name=mention.name, state=ExpiryState.LEFT, fact=fact, advice=_SOMEBODY
            )
        return
    for tenancy in possible:
        reasons = tenancy.directory.unknown
        if reason := reasons.get(PEOPLE) or (mention.name not in tenancy.directory.gone and reasons.get(mention.name)):
            yield OutdatedEntry(
                origin=mention.origin, name=mention.name, state=ExpiryState.UNKNOWN, fact=f"{tenancy.title}: {reason}"
            )
            return
    where = possible[0].title if mention.provider else "the school"
    fact = f"no account, mailbox or group of {where} has this address"
    yield OutdatedEntry(origin=mention.origin, name=mention.name, state=ExpiryState.GONE, fact=fact, advice=_SOMEBODY)


_SOMEBODY = "write the current address, or delete the line"


@dataclass(frozen=True, slots=True)
class RenamedGroup:
    """A group or unit for which a file still uses a former name.

    The group was found by its id or by a former address.
    """

    provider: str
    naming: Naming
    name: str  # as in the file
    now: str
    origin: Origin

    @property
    def former_name_text(self) -> str:
        """Return the former name with the group's type, for example `the group Pupils`."""
        return describe_group(self.naming, self.name)


def describe_group(naming: Naming, name: str) -> str:
    """Return a group's or unit's name with its type, for example `the group Pupils`."""
    return f"the {naming} {name}"


def current_names_of_renamed(directory: Directory) -> Mapping[str, str]:
    """Return the current name of each renamed group or unit, by its former name."""
    now = {name: current_group_name(name, group) for name, group in directory.groups.items()}
    return {name: new for name, new in now.items() if new.casefold() != name.casefold()}


def find_renamed_groups(directories: Mapping[str, Directory], mentions: Sequence[Mention]) -> Iterator[RenamedGroup]:
    """Yield each group or unit that has been renamed, with the places in the playbooks that still use its former
    name.
    """
    for provider, directory in directories.items():
        names = current_names_of_renamed(directory)
        for mention in mentions:
            if (
                mention.provider == provider
                and (mention.role or mention.naming is Naming.ADDRESS)
                and mention.name in names
            ):
                naming = Naming.GROUP if mention.naming is Naming.ADDRESS else mention.naming
                yield RenamedGroup(provider, naming, mention.name, names[mention.name], mention.origin)
