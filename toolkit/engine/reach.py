"""Reading the groups and people whom the changes of a plan reach, where the run has not read them yet."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from toolkit.engine.observe import read_directories
from toolkit.errors import NotLicensed, ServiceError, SignInRefused
from toolkit.planning.audience.reach import DEVICES, PEOPLE, Aim, Counting, accounts_not_found, aims, with_reach
from toolkit.planning.audience.resolve import resolve
from toolkit.planning.ownership import Known
from toolkit.planning.plan import ObservedState, Plan, RealisedControl
from toolkit.planning.verdicts.use import is_of_devices
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import DeviceUse, Directory, GroupNesting, Members
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.kind import Kind
from toolkit.sdk.reader import read_safely
from toolkit.sdk.resource import Absent, Address, Desired, Observed
from toolkit.sdk.school import School
from toolkit.sdk.targets import Targets


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
        if use is None or use.unknown or name not in connections or not is_of_devices(control):
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
    try:
        return read_safely("devices", connection.devices)
    except SignInRefused:
        raise
    except ServiceError as error:
        return error


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
    if not every_cloud or read.keys() != school.tenants.keys():
        return counted
    return replace(counted, not_protected=accounts_not_found(school.protected.accounts, read.values()))


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
