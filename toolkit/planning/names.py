"""Groups, units and addresses of the playbooks that the directories do not have, or have under another name."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from toolkit.playbook.references import Mention, Naming
from toolkit.records import dataclass
from toolkit.sdk.directory import Directory, Group, Person
from toolkit.sdk.resource import Origin


class ExpiryState(StrEnum):
    """The state of a name or date."""

    GONE = "gone"
    EMPTY = "empty"
    RENAMED = "renamed"
    REPLACED = "replaced"  # another object now has its name
    LEFT = "left"  # somebody whose account is disabled, or who is away for good
    ENDING = "about to end"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One name or date, how it stands, and what to write instead."""

    origin: Origin
    name: str
    state: ExpiryState
    found: str
    advice: str = ""


PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One tenant: its directory, and the ids of its groups in earlier runs."""

    title: str
    directory: Directory
    bound: Mapping[str, str] = field(default_factory=dict)  # by name
    by_id: Mapping[str, Group] = field(default_factory=dict)  # groups whose name is gone, by that id

    def people(self, address: str) -> list[Person]:
        """Return the accounts of an address."""
        return [one for one in self.directory.people.values() if one.address.casefold() == address.casefold()]


def compared(mentions: Sequence[Mention], tenancies: Mapping[str, Tenancy], used: Collection[str]) -> Iterator[Turn]:
    """Yield the names that are out of date. `used` are the roles of controls and exceptions."""
    for one in mentions:
        if one.naming is Naming.ADDRESS:
            yield from _address(one, tenancies)
        else:
            yield from _group(one, tenancies[one.provider], used)


def _group(one: Mention, tenancy: Tenancy, used: Collection[str]) -> Iterator[Turn]:
    what = f"{one.naming} {one.name}" + (f" ({one.role})" if one.role else "")
    group = tenancy.directory.groups.get(one.name)
    bound = tenancy.bound.get(one.name)
    if group is not None:
        yield from _there(one, what, group, bound, tenancy)
    elif moved := tenancy.by_id.get(bound or ""):
        yield from _empty(one, what, moved, tenancy)
        name = called(one.name, moved)
        found = f"{tenancy.title} calls it {name} now, which the ledger knows by its id"
        yield Turn(origin=one.origin, name=what, state=ExpiryState.RENAMED, found=found, advice=f"write {name}")
    elif one.name in tenancy.directory.gone:
        found = f"{tenancy.title} has none"
        yield Turn(origin=one.origin, name=what, state=ExpiryState.GONE, found=found, advice=_instead(one, used))
    else:
        reasons = tenancy.directory.unknown
        reason = reasons.get(one.name) or reasons.get(PEOPLE) or "it was not read"
        yield Turn(origin=one.origin, name=what, state=ExpiryState.UNKNOWN, found=f"{tenancy.title}: {reason}")


def lost(directories: Iterable[Directory]) -> tuple[str, ...]:
    """Return the groups and units that are gone, or in which there is no one and no device."""
    found = dict.fromkeys(name for one in directories for name in sorted(one.gone))
    empty = (
        name for one in directories for name, group in one.groups.items() if not group.members and not group.devices
    )
    return tuple(found | dict.fromkeys(empty))


def _instead(one: Mention, used: Collection[str]) -> str:
    if one.role and one.role not in used:
        return "nothing is for this role: delete the line, or write the group or unit that it is now"
    return "write the one that it is now" + (f", or take out what is for {one.role}" if one.role else "")


def _there(one: Mention, what: str, group: Group, bound: str | None, tenancy: Tenancy) -> Iterator[Turn]:
    if (name := called(one.name, group)).casefold() != one.name.casefold():
        found = f"{tenancy.title} calls it {name}, and knows this name as an older one"
        yield Turn(origin=one.origin, name=what, state=ExpiryState.RENAMED, found=found, advice=f"write {name}")
    if bound is not None and bound != group.id:
        found = f"{tenancy.title} has another one of this name than when the last run looked"
        advice = "see who is in it, and let `toolkit plan` show what that changes"
        yield Turn(origin=one.origin, name=what, state=ExpiryState.REPLACED, found=found, advice=advice)
    yield from _empty(one, what, group, tenancy)


def _empty(one: Mention, what: str, group: Group, tenancy: Tenancy) -> Iterator[Turn]:
    if not group.members:
        nobody = "nothing is written for it until it has a member; a sync may still be filling it"
        found = f"it is empty on {tenancy.title}"
        yield Turn(origin=one.origin, name=what, state=ExpiryState.EMPTY, found=found, advice=nobody)


def called(name: str, group: Group) -> str:
    """Return the name of a group in the file's own form: id, path, address or name.

    While the file's name is current, it is returned unchanged.
    """
    if name.casefold() in {(one or "").casefold() for one in (group.id, group.address, group.name)}:
        return name
    by_address = "@" in name and not name.startswith("/")
    return (by_address and group.address) or group.name


def people_of(one: Mention, tenancies: Mapping[str, Tenancy]) -> list[Person]:
    """Return the accounts that an address may mean."""
    return [person for tenancy in _meant(one, tenancies) for person in tenancy.people(one.name)]


def _meant(one: Mention, tenancies: Mapping[str, Tenancy]) -> list[Tenancy]:
    """Return the clouds that may have an address. An address in an object belongs to the object's cloud."""
    return [tenancies[one.provider]] if one.provider else list(tenancies.values())


def _address(one: Mention, tenancies: Mapping[str, Tenancy]) -> Iterator[Turn]:
    meant, people = _meant(one, tenancies), people_of(one, tenancies)
    if any(one.name in tenancy.directory.groups for tenancy in meant):
        return
    for tenancy in meant:
        if moved := tenancy.by_id.get(tenancy.bound.get(one.name, "")):
            name = called(one.name, moved)
            found = f"{tenancy.title} calls it {name} now, which the ledger knows by its id"
            yield Turn(origin=one.origin, name=one.name, state=ExpiryState.RENAMED, found=found, advice=f"write {name}")
            return
    if people:
        if one.of_a_person and not any(person.enabled for person in people):
            found = "the account is disabled: the person has left"
            yield Turn(origin=one.origin, name=one.name, state=ExpiryState.LEFT, found=found, advice=_SOMEBODY)
        return
    for tenancy in meant:
        reasons = tenancy.directory.unknown
        if reason := reasons.get(PEOPLE) or (one.name not in tenancy.directory.gone and reasons.get(one.name)):
            yield Turn(origin=one.origin, name=one.name, state=ExpiryState.UNKNOWN, found=f"{tenancy.title}: {reason}")
            return
    where = meant[0].title if one.provider else "the school"
    found = f"no account, mailbox or group of {where} has this address"
    yield Turn(origin=one.origin, name=one.name, state=ExpiryState.GONE, found=found, advice=_SOMEBODY)


_SOMEBODY = "write the address that does this now, or delete it"


@dataclass(frozen=True, slots=True)
class RenamedGroup:
    """A group or unit that goes by another name than in the file, found by its id or by an older address of its."""

    provider: str
    naming: Naming
    name: str  # as it stands in the file
    now: str
    origin: Origin

    @property
    def what(self) -> str:
        """Return its name for people."""
        return in_words(self.naming, self.name)


def in_words(naming: Naming, name: str) -> str:
    """Return the people's name of a group or unit, also for a renamed one."""
    return f"the {naming} {name}"


def new_names(directory: Directory) -> Mapping[str, str]:
    """Return the current names of renamed groups and units, by their former names."""
    now = {name: called(name, group) for name, group in directory.groups.items()}
    return {name: new for name, new in now.items() if new.casefold() != name.casefold()}


def renamed(directories: Mapping[str, Directory], mentions: Sequence[Mention]) -> Iterator[RenamedGroup]:
    """Yield every renamed group or unit with the places of its former name."""
    for provider, directory in directories.items():
        names = new_names(directory)
        for one in mentions:
            if one.provider == provider and (one.role or one.naming is Naming.ADDRESS) and one.name in names:
                naming = Naming.GROUP if one.naming is Naming.ADDRESS else one.naming
                yield RenamedGroup(provider, naming, one.name, names[one.name], one.origin)
