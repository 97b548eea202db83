"""Work out which permissions the playbooks need, and why.

No tenant is read, because an imaginary directory is enough.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from toolkit.controls.control import Control
from toolkit.controls.replies import OutOfOffice
from toolkit.planning.audience.resolve import find_needed_groups, must_count_people
from toolkit.planning.desired.control_request import CloudCatalogue
from toolkit.planning.expand import expand
from toolkit.planning.verdicts.use import OF_DEVICES
from toolkit.playbook.entries import ControlEntry, ControlIdentity, Playbooks
from toolkit.records import dataclass
from toolkit.school.calendar import HalfDay
from toolkit.school.signals import Due, Signals
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Directory, Group, Person
from toolkit.sdk.expiry import ROWS, ExpirySource
from toolkit.sdk.permission import Needs, Permission, Permissions, Use, leave_out_included
from toolkit.sdk.resource import Absent, Desired, Mode, Origin
from toolkit.sdk.targets import Scale
from toolkit.values import effective


@dataclass(frozen=True, slots=True)
class PermissionReason:
    """Why a permission is needed: the control, object or use of the tenant, and its line in the playbooks."""

    what: str
    origin: Origin
    controls: tuple[str, ...] = ()  # of an object that one or several shape


@dataclass(frozen=True, slots=True)
class PermissionNeed:
    """A permission with the reasons why it is needed."""

    permission: Permission
    reasons: tuple[PermissionReason, ...]


@dataclass(frozen=True, slots=True)
class DeclaredPermissions:
    """The permissions that a provider declares: for its uses of a tenant, for its checks and for the expiry board."""

    uses: Mapping[Use, Permissions]
    checks: Mapping[str, Needs]
    expiries: Sequence[ExpirySource] = ()


@dataclass(frozen=True, slots=True)
class _NeedsInput:
    """The playbooks on a provider, and whether the identity writes. The needed permissions are worked out from both."""

    playbooks: Playbooks
    trade: CloudCatalogue
    sources: DeclaredPermissions
    objects: Sequence[Desired | Absent]  # by imagined_objects
    writes: bool

    @property
    def enabled_entries(self) -> Iterator[ControlEntry]:
        for playbook in self.playbooks.playbooks:
            yield from (entry for entry in playbook.controls if entry.mode is not Mode.OFF)


def find_needed_permissions(
    playbooks: Playbooks,
    catalogue: CloudCatalogue,
    sources: DeclaredPermissions,
    objects: Sequence[Desired | Absent],
    identity: Identity,
) -> tuple[PermissionNeed, ...]:
    """Return the fewest permissions that an identity needs on a provider, with the reasons.

    `objects` come from `imagined_objects`. The identity that writes also reads, so it needs the permissions to read
    too.
    """
    needs_input = _NeedsInput(playbooks, catalogue, sources, objects, identity is Identity.WRITE)
    reasons: dict[Permission, dict[PermissionReason, None]] = {}
    for part in (
        _permissions_for_uses,
        _permissions_for_checks,
        _permissions_for_expiry_board,
        _permissions_for_kinds,
        _permissions_to_count_reach,
    ):
        for permissions, reason in part(needs_input):
            for permission in permissions:
                reasons.setdefault(permission, {})[reason] = None
    return tuple(
        PermissionNeed(permission, _reasons_for_permission(permission, reasons))
        for permission in leave_out_included(reasons)
    )


def writes_anything(
    playbooks: Playbooks, catalogue: CloudCatalogue, sources: DeclaredPermissions, objects: Sequence[Desired | Absent]
) -> bool:
    """Return whether an apply of the playbooks would write or send anything on a provider."""
    needs_input = _NeedsInput(playbooks, catalogue, sources, objects, writes=True)
    sends = any(sources.uses.get(use, Permissions()).write for use, _ in _needed_uses(needs_input))
    return sends or any(_would_be_written(desired, catalogue) for desired in objects)


def permissions_to_count_deletion(
    catalogue: CloudCatalogue, objects: Sequence[Desired | Absent]
) -> tuple[Permission, ...]:
    """Return the permissions to count how much data would be deleted by changes that keep less evidence."""
    if not any(kind.evidence.extent for kind in catalogue.kinds.values()):
        return ()
    written = (entry for entry in objects if isinstance(entry, Desired) and entry.mode is Mode.ENFORCE)
    permission_lists = (catalogue.kinds[entry.address.kind].evidence.extent_needs(entry.settings) for entry in written)
    return tuple(dict.fromkeys(permission for permissions in permission_lists for permission in permissions))


def _reasons_for_permission(
    permission: Permission, reasons: Mapping[Permission, Mapping[PermissionReason, None]]
) -> tuple[PermissionReason, ...]:
    given_by = sorted(
        (other for other in reasons if permission.includes(other)), key=lambda other: other.name != permission.name
    )
    return tuple(dict.fromkeys(reason for other in given_by for reason in reasons[other]))


_NeededPermissions = tuple[tuple[Permission, ...], PermissionReason]


def _permissions_for_uses(needs_input: _NeedsInput) -> Iterator[_NeededPermissions]:
    for use, origin in _needed_uses(needs_input):
        declared = needs_input.sources.uses.get(use, Permissions())
        permissions = (*declared.read, *declared.write) if needs_input.writes else declared.read
        yield permissions, PermissionReason(use.value, origin)


def _needed_uses(needs_input: _NeedsInput) -> Iterator[tuple[Use, Origin]]:
    playbooks, trade = needs_input.playbooks, needs_input.trade
    school = playbooks.school
    yield Use.TENANT, school.origin
    if must_count_people(playbooks) or _origins_for_people(needs_input):
        yield from ((Use.PEOPLE, origin) for origin in _origins_of_counted_people(needs_input) or [school.origin])
    for group in find_needed_groups(playbooks, trade.name):
        use = Use.UNITS if group.startswith("/") else Use.GROUPS
        yield from ((use, origin) for origin in _origins_for_group(group, needs_input) or [school.origin])
    for entry in needs_input.enabled_entries:
        if entry.name.startswith(OF_DEVICES):
            yield Use.DEVICES, entry.origin
        if isinstance(entry.settings, OutOfOffice) and school.calendar:
            yield Use.DIARIES, entry.origin
            if entry.settings.act == "remind" and entry.mode is Mode.ENFORCE:
                yield Use.SENDING, entry.origin
    channels = [*(school.notices.channels if school.notices else ()), *school.report_readers]
    if any(channel.provider == trade.name for channel in channels):
        yield Use.SENDING, school.origin


def _origins_of_counted_people(needs_input: _NeedsInput) -> list[Origin]:
    named = (entry for entry in needs_input.enabled_entries if entry.settings.audience or entry.settings.needs_signals)
    return [*(entry.origin for entry in named), *_origins_for_people(needs_input)]


def _origins_for_people(needs_input: _NeedsInput) -> list[Origin]:
    """Return the playbook lines that require an object for one person or for everyone.

    These people are counted before a write.
    """
    resources = (resource for playbook in needs_input.playbooks.playbooks for resource in playbook.resources)
    here = (resource for resource in resources if resource.provider == needs_input.trade.name)
    kinds = needs_input.trade.kinds
    return [
        resource.origin
        for resource in here
        if kinds[resource.kind].per_person or kinds[resource.kind].reach is Scale.TENANT
    ]


def _origins_for_group(group: str, needs_input: _NeedsInput) -> list[Origin]:
    """Return the playbook lines that require an object for a group, or that use the group for a pilot or an
    exception.
    """
    roles = [
        name for name, role in needs_input.playbooks.school.roles.items() if role.on(needs_input.trade.name) == group
    ]
    entries = [
        entry.origin
        for entry in needs_input.enabled_entries
        if {entry.settings.audience, *entry.settings.counted_roles.values()} & {*roles}
    ]
    entries += [exception.origin for exception in needs_input.playbooks.departures if exception.audience in roles]
    return entries + [pilot.origin for pilot in needs_input.playbooks.pilots if pilot.audience in roles]


def _permissions_for_checks(needs_input: _NeedsInput) -> Iterator[_NeededPermissions]:
    signal_permissions = [kind.permissions.read for kind in needs_input.trade.kinds.values() if kind.temporary]
    for entry in needs_input.enabled_entries:
        reason = PermissionReason(entry.name, entry.origin)
        if checked := needs_input.sources.checks.get(entry.name):
            yield checked(entry.settings), reason
        if entry.settings.needs_signals:
            yield from ((permissions, reason) for permissions in signal_permissions)


def _permissions_for_expiry_board(needs_input: _NeedsInput) -> Iterator[_NeededPermissions]:
    """Yield the permissions to read end dates for the expiry board.

    Only `check` needs them, for the identity that only reads.
    """
    board = needs_input.playbooks.registers.board
    if board and not needs_input.writes:
        for source in needs_input.sources.expiries:
            if source.row not in board.left_out:
                yield source.needs, PermissionReason(f"the end of: {ROWS[source.row].title}", board.origin)


def _permissions_for_kinds(needs_input: _NeedsInput) -> Iterator[_NeededPermissions]:
    """Yield the permissions to read and write objects, and to read about them in the audit log for drift."""
    trade = needs_input.trade
    for entry in needs_input.objects:
        kind = trade.kinds[entry.address.kind]
        writes = needs_input.writes and _would_be_written(entry, trade)
        permissions = (*kind.permissions.read, *kind.permissions.write) if writes else kind.permissions.read
        what = ", ".join(entry.made_by) or entry.address.display_text
        yield from ((permissions, PermissionReason(what, origin, entry.made_by)) for origin in _origins_of_entry(entry))
        if kind.logged and not needs_input.writes:
            logs = kind.logged.permissions
            yield from ((logs, PermissionReason(f"who changed {what}", origin)) for origin in _origins_of_entry(entry))


def _would_be_written(desired: Desired | Absent, catalogue: CloudCatalogue) -> bool:
    enforced = isinstance(desired, Absent) or desired.mode is Mode.ENFORCE
    return enforced and not catalogue.kinds[desired.address.kind].read_only


def _permissions_to_count_reach(needs_input: _NeedsInput) -> Iterator[_NeededPermissions]:
    """Yield the permissions to read groups and people, because a run counts whom an object reaches before it
    writes the object.
    """
    for entry in needs_input.objects:
        if not isinstance(entry, Desired) or entry.made_by or entry.mode is not Mode.ENFORCE:
            continue
        settings = {path: effective(value, None) for path, value in entry.settings.items()}
        kind = needs_input.trade.kinds[entry.address.kind]
        targets = kind.reaches(entry.address.name, settings)
        if kind.read_only or not targets.named_groups:
            continue
        units = {Use.UNITS if name.startswith("/") else Use.GROUPS for name in targets.named_groups}
        for use in sorted({Use.PEOPLE, *units}):
            yield needs_input.sources.uses.get(use, Permissions()).read, PermissionReason(use.value, entry.origin)


def imagine_objects(
    playbooks: Playbooks, catalogue: CloudCatalogue, controls: Mapping[str, Control]
) -> Sequence[Desired | Absent]:
    """Return the objects that the playbooks would require on a provider if every person were absent.

    Raise PlaybookError if the playbooks are invalid.
    """
    return expand(
        playbooks,
        {catalogue.name: catalogue},
        controls,
        {catalogue.name: imagine_directory(playbooks, catalogue.name)},
        signals={catalogue.name: imagine_signals(playbooks)},
    ).wanted


def _origins_of_entry(entry: Desired | Absent) -> tuple[Origin, ...]:
    """Return every playbook line that requires an object."""
    several = entry.origins.values() if isinstance(entry, Desired) and entry.made_by else ()
    return tuple(dict.fromkeys([entry.origin, *several]))


_SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)


def imagine_directory(playbooks: Playbooks, provider: str) -> Directory:
    """Return an imaginary directory in which every named group has one person, because some objects exist only
    for people.
    """
    member = Person("member", f"member@{playbooks.school.domains[0]}", "Member")
    groups = {
        name: Group(name, name, name if "@" in name else None, frozenset([member.id]))
        for name in find_needed_groups(playbooks, provider)
    }
    return Directory({member.id: member}, groups)


def imagine_signals(playbooks: Playbooks) -> Mapping[ControlIdentity, Signals]:
    """Return imaginary signals about one person, such as a calendar, for every control that needs signals."""
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls]
    return {
        entry.identity: _imagine_signals_of_person(
            Person(f"member {number}", f"member.{number}@{playbooks.school.domains[0]}", "Member")
        )
        for number, entry in enumerate(entries)
        if entry.settings.needs_signals
    }


def _imagine_signals_of_person(person: Person) -> Signals:
    ends = _SOME_DAY + timedelta(days=3)
    return Signals(due=(Due(person, _SOME_DAY, ends, HalfDay(ends.date()), is_covered=False),))
