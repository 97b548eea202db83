"""Reading the tenants in threads, and then the groups and people whom the changes of a plan reach."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from toolkit.errors import BadAnswer, NotLicensed, ServiceError
from toolkit.planning.audience.aims import Aim, aims
from toolkit.planning.audience.reach import DEVICES, PEOPLE, Counting, accounts_not_found, with_reach
from toolkit.planning.audience.resolve import resolve
from toolkit.planning.expand import group_ids
from toolkit.planning.matching import Known
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, RealisedControl, Unknown
from toolkit.planning.plan_states import NOT_PROTECTED
from toolkit.planning.verdicts.use import is_of_devices
from toolkit.printable import cut
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import DeviceUse, Directory, GroupNesting, Members
from toolkit.sdk.endpoint import Everything, NamedOnly, Ordered, attempt, read_safely
from toolkit.sdk.kind import Kind
from toolkit.sdk.reason import COULD_NOT_BE_READ, reason_of
from toolkit.sdk.resource import Absent, Address, Desired, Observed, Remote, Unreadable
from toolkit.sdk.school import School
from toolkit.sdk.targets import Targets

READERS = 8
"""Kinds read at once; each service's own Caller keeps to what that service bears."""

Progress = Callable[[str], None]


def silent(_text: str) -> None:
    """Tell no one how far a run is."""


def read_directories(
    connections: Mapping[str, Connection], groups: Mapping[str, Sequence[str]], *, people: bool
) -> Mapping[str, Directory]:
    """Read who is in each tenant, as far as the playbooks ask; what fails is unknown, not absent."""
    return {
        name: _directory(connection, groups.get(name, ()), people=people) for name, connection in connections.items()
    }


def _directory(connection: Connection, groups: Sequence[str], *, people: bool) -> Directory:
    if not people and not groups:
        return Directory()
    directory = attempt("directory", lambda: connection.directory(people=people, groups=groups))
    if isinstance(directory, ServiceError):
        return Directory(unknown=dict.fromkeys(("people", *groups), str(directory)))
    return directory


def observe(
    connections: Mapping[str, Connection],
    kinds: Mapping[str, Kind[Connection]],
    progress: Progress,
    named: Mapping[str, frozenset[str]],
) -> ObservedState:
    """Read every object of the kinds; a kind whose list failed is unknown as a whole.

    Of a kind that no one can list only the objects that are `named`, by kind, are read.
    """
    if not kinds:
        return ObservedState({}, {})
    with threads(READERS) as pool:
        reads = {
            name: pool.submit(read, connections[_provider(name)], kind, named.get(name, frozenset()))
            for name, kind in kinds.items()
        }
        objects: dict[str, Sequence[Observed]] = {}
        order: dict[str, Sequence[str]] = {}
        unknown: list[Unknown] = []
        unavailable: dict[str, str] = {}
        for name, reading in reads.items():
            try:
                found = reading.result()
            except NotLicensed as error:
                unavailable[name] = str(error)
                continue
            except ServiceError as error:
                unknown.append(Unknown(name, reason_of(error)))
                continue
            objects[name], unreadable = observed(name, kinds[name], found)
            order[name] = [one.id for one in found]
            unknown += unreadable
            progress(f"read {len(found)} {kinds[name].called(len(found))}")
    return ObservedState(objects, order, tuple(unknown), unavailable)


def _provider(kind: str) -> str:
    return kind.partition(".")[0]


def read(connection: Connection, kind: Kind[Connection], named: frozenset[str]) -> Sequence[Remote | Unreadable]:
    """Read a kind as far as it can be read; the errors of toolkit.errors, and no other."""
    wanted = Everything() if kind.whole else NamedOnly(named)
    return [_named_briefly(one) for one in read_safely(kind.name, lambda: list(kind.endpoint.read(connection, wanted)))]


LONGEST_NAME = 1_000
"""Characters of an object's name, four times as many as a service allows; only an unmanaged object has more."""


def _named_briefly(seen: Remote | Unreadable) -> Remote | Unreadable:
    return seen if len(seen.name) <= LONGEST_NAME else replace(seen, name=cut(seen.name, LONGEST_NAME))


def observed(
    name: str, kind: Kind[Connection], found: Iterable[Remote | Unreadable]
) -> tuple[list[Observed], list[Unknown]]:
    """Put what was read in canonical form; an answer that cannot be understood is unknown, not a crash."""
    objects: list[Observed] = []
    unknown: list[Unknown] = []
    for one in found:
        address = Address(_provider(name), kind.name, one.name)
        if isinstance(one, Unreadable):
            reason = COULD_NOT_BE_READ(text=one.reason)
            unknown.append(Unknown(name, reason, address, gone=one.gone, unused=one.unused))
            continue
        try:
            objects.append(_observed(kind, address, one))
        except ServiceError as error:
            unknown.append(Unknown(name, reason_of(error), address))
    return objects, unknown


def _observed(kind: Kind[Connection], address: Address, remote: Remote) -> Observed:
    def canonical() -> Observed:
        try:
            return Observed(address, kind.spec.observed(remote.body), remote, tuple(kind.spec.unknown(remote.body)))
        except (ValueError, TypeError) as error:
            raise BadAnswer(f"its answer could not be understood: {error}") from error

    return read_safely(kind.name, canonical)


@contextmanager
def threads(most: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads, and wait for their calls at the end unless the run is interrupted: then nothing more is begun."""
    pool, waits = ThreadPoolExecutor(max_workers=most), True
    try:
        yield pool
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=not waits)


def with_devices(
    controls: Iterable[RealisedControl],
    school: School,
    connections: Mapping[str, Connection],
    directories: Mapping[str, Directory],
    *,
    only: Collection[str] = (),
) -> tuple[RealisedControl, ...]:
    """Count the devices for each control that is about devices; nothing is read where no such control is asked for.

    A cloud whose licences include no devices has nothing to count.
    """
    counted: dict[str, DeviceUse | ServiceError] = {}

    def count(control: RealisedControl) -> RealisedControl:
        name, use = control.provider, control.use
        if use is None or use.unknown or use.role or name not in connections or not is_of_devices(control):
            return control
        if only and control.control not in only:
            return control
        if name not in counted:
            counted[name] = read_devices(connections[name])
        devices, people = counted[name], resolve(school, control.audience, name, directories).audience.people
        if isinstance(devices, ServiceError):
            why = "" if isinstance(devices, NotLicensed) else str(devices)
            return replace(control, use=replace(use, devices=None, devices_unknown=why))
        return replace(control, use=replace(use, devices=devices.of(people)))

    return tuple(map(count, controls))


def read_devices(connection: Connection) -> DeviceUse | ServiceError:
    """Count the devices of a tenant, or return why that is not known."""
    return attempt("devices", connection.devices)


def count_reach(
    plan: Plan,
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    directories: Mapping[str, Directory],
    *,
    known: Mapping[Address, Known],
    school: School,
    left: Sequence[Observed] = (),
    every_cloud: bool = False,
) -> Plan:
    """Count whom a plan reaches; nothing is read for changes that keep to some people and name no group.

    With `every_cloud` the school has no other tenant than these, so that a protected account is in one of them.
    """
    found = aims(plan, kinds, known, left)
    accounts = frozenset(address.casefold() for address in school.protected.accounts)
    read = {
        name: _completed(directories.get(name, Directory()), connection, _of(found, name), guards=bool(accounts))
        for name, connection in connections.items()
    }
    counted = with_reach(plan, Counting(aims=found, directories=read, accounts=accounts))
    counted = replace(counted, groups=group_ids(read))
    if not every_cloud or read.keys() != school.tenants.keys():
        return counted
    return counted.add(NOT_PROTECTED, accounts_not_found(school.protected.accounts, read.values()))


def _of(found: Mapping[Address, Aim], provider: str) -> list[Aim]:
    return [aim for address, aim in found.items() if address.provider == provider]


def _with_devices(directory: Directory, devices: DeviceUse | ServiceError) -> Directory:
    if not isinstance(devices, ServiceError):
        return replace(directory, devices=devices)
    unread = {} if isinstance(devices, NotLicensed) else {DEVICES: str(devices)}
    return replace(directory, unknown={**directory.unknown, **unread})


def _completed(directory: Directory, connection: Connection, found: list[Aim], *, guards: bool) -> Directory:
    """Read what is missing to count: the groups that are named, and the people where everyone is meant."""
    targets = [each for aim in found for each in (aim.before if aim.changes else None, aim.after) if each]
    names = {name for one in targets for name in one.named}
    missing = sorted(names - directory.groups.keys() - directory.unknown.keys())
    widened = any(one.everybody for aim in found if aim.changes for one in (aim.before, aim.after) if one)
    widened = widened or any(aim.tenant_wide for aim in found)
    guarded = guards and any(one.named or (one.everyone and not one.whole_tenant) for one in targets)
    people = (widened or guarded) and not directory.people and PEOPLE not in directory.unknown
    fleet = any(one.all_devices for one in targets) and directory.devices is None
    if fleet:
        directory = _with_devices(directory, read_devices(connection))
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


def members_of_rules(
    seen: ObservedState,
    wanted: Sequence[Desired | Absent],
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    directories: Mapping[str, Directory],
) -> Mapping[str, Members]:
    """Return whom the groups hold that rules of ordered kinds are for; of a group that is not read nothing is known."""
    named: dict[str, set[str]] = {}
    for of_kind in (name for name, kind in kinds.items() if isinstance(kind.endpoint, Ordered)):
        settings = [one.settings for one in seen.objects.get(of_kind, ())]
        settings += [one.settings for one in wanted if isinstance(one, Desired) and one.address.of_kind == of_kind]
        groups = {group for one in settings for group in kinds[of_kind].reaches("", one).groups}
        named.setdefault(of_kind, set()).update(groups)
    found: dict[str, Members] = {}
    for of_kind, names in named.items():
        provider, nesting = of_kind.partition(".")[0], kinds[of_kind].nesting or GroupNesting.UNSUPPORTED
        if len(names) > 1:  # a group is not compared with itself
            read = Aim(None, Targets(groups=frozenset(names)))
            directory = _completed(directories.get(provider, Directory()), connections[provider], [read], guards=False)
            known = {name: one for name, one in directory.groups.items() if not one.unknown_for(nesting)}
            members = {name.lower(): group.members for name, group in known.items()}
            found[provider] = {**found.get(provider, {}), **members}
    return found
