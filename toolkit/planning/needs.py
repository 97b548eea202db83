"""The permissions that playbooks need and why, worked out against a placeholder directory, without a tenant."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from toolkit.controls.control import Control
from toolkit.controls.replies import OutOfOffice
from toolkit.planning.audience.resolve import groups_needed, people_needed
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
from toolkit.sdk.permission import Needs, Permission, Permissions, Use, least
from toolkit.sdk.resource import Absent, Desired, Mode, Origin
from toolkit.sdk.targets import Scale
from toolkit.values import effective


@dataclass(frozen=True, slots=True)
class PermissionReason:
    """The reason for a permission: a control, an object or a use of the tenant, with its place."""

    what: str
    origin: Origin
    controls: tuple[str, ...] = ()  # of an object that one or several shape


@dataclass(frozen=True, slots=True)
class PermissionNeed:
    """One permission, and everything that needs it."""

    permission: Permission
    reasons: tuple[PermissionReason, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """The permissions that a provider declares for uses of a tenant and for checks."""

    uses: Mapping[Use, Permissions]
    checks: Mapping[str, Needs]
    expiries: Sequence[ExpirySource] = ()


@dataclass(frozen=True, slots=True)
class _Asking:
    """The playbooks on one provider, for one identity."""

    playbooks: Playbooks
    trade: CloudCatalogue
    sources: Sources
    wanted: Sequence[Desired | Absent]  # by imagined_objects
    writes: bool

    @property
    def entries(self) -> Iterator[ControlEntry]:
        for playbook in self.playbooks.playbooks:
            yield from (entry for entry in playbook.controls if entry.mode is not Mode.OFF)


def needs(
    playbooks: Playbooks,
    trade: CloudCatalogue,
    sources: Sources,
    wanted: Sequence[Desired | Absent],
    identity: Identity,
) -> tuple[PermissionNeed, ...]:
    """Return the least permissions that one identity needs in one provider, for the objects of `imagined_objects`.

    The writing identity reads first, so it needs reading permissions too.
    """
    asking = _Asking(playbooks, trade, sources, wanted, identity is Identity.WRITE)
    reasons: dict[Permission, dict[PermissionReason, None]] = {}
    for part in (_of_uses, _of_checks, _of_expiries, _of_kinds, _of_reach):
        for permissions, reason in part(asking):
            for permission in permissions:
                reasons.setdefault(permission, {})[reason] = None
    return tuple(PermissionNeed(one, _reasons(one, reasons)) for one in least(reasons))


def writes_anything(
    playbooks: Playbooks, trade: CloudCatalogue, sources: Sources, wanted: Sequence[Desired | Absent]
) -> bool:
    """Return whether the playbooks have the writing identity change or send anything on one provider."""
    asking = _Asking(playbooks, trade, sources, wanted, writes=True)
    sends = any(sources.uses.get(use, Permissions()).write for use, _ in _uses(asking))
    return sends or any(_is_written(desired, trade) for desired in wanted)


def starting_needs(trade: CloudCatalogue, wanted: Sequence[Desired | Absent]) -> tuple[Permission, ...]:
    """Return the permissions for counting before a change that keeps less evidence."""
    if not any(kind.evidence.extent for kind in trade.kinds.values()):
        return ()
    written = (one for one in wanted if isinstance(one, Desired) and one.mode is Mode.ENFORCE)
    found = (trade.kinds[one.address.kind].evidence.extent_needs(one.settings) for one in written)
    return tuple(dict.fromkeys(permission for permissions in found for permission in permissions))


def _reasons(
    one: Permission, reasons: Mapping[Permission, Mapping[PermissionReason, None]]
) -> tuple[PermissionReason, ...]:
    given = sorted((other for other in reasons if one.gives(other)), key=lambda other: other.name != one.name)
    return tuple(dict.fromkeys(reason for other in given for reason in reasons[other]))


_Asked = tuple[tuple[Permission, ...], PermissionReason]


def _of_uses(asking: _Asking) -> Iterator[_Asked]:
    for use, origin in _uses(asking):
        declared = asking.sources.uses.get(use, Permissions())
        permissions = (*declared.read, *declared.write) if asking.writes else declared.read
        yield permissions, PermissionReason(use.value, origin)


def _uses(asking: _Asking) -> Iterator[tuple[Use, Origin]]:
    playbooks, trade = asking.playbooks, asking.trade
    school = playbooks.school
    yield Use.TENANT, school.origin
    if people_needed(playbooks) or _of_people(asking):
        yield from ((Use.PEOPLE, origin) for origin in _about_people(asking) or [school.origin])
    for group in groups_needed(playbooks, trade.name):
        use = Use.UNITS if group.startswith("/") else Use.GROUPS
        yield from ((use, origin) for origin in _naming(group, asking) or [school.origin])
    for entry in asking.entries:
        if entry.name.startswith(OF_DEVICES):
            yield Use.DEVICES, entry.origin
        if isinstance(entry.settings, OutOfOffice) and school.calendar:
            yield Use.DIARIES, entry.origin
            if entry.settings.act == "remind" and entry.mode is Mode.ENFORCE:
                yield Use.SENDING, entry.origin
    channels = [*(school.notices.channels if school.notices else ()), *school.report_readers]
    if any(channel.provider == trade.name for channel in channels):
        yield Use.SENDING, school.origin


def _about_people(asking: _Asking) -> list[Origin]:
    named = (entry for entry in asking.entries if entry.settings.audience or entry.settings.needs_signals)
    return [*(entry.origin for entry in named), *_of_people(asking)]


def _of_people(asking: _Asking) -> list[Origin]:
    """Return the origins of objects per person and for everyone, because people are counted before a write."""
    resources = (one for playbook in asking.playbooks.playbooks for one in playbook.resources)
    here = (one for one in resources if one.provider == asking.trade.name)
    kinds = asking.trade.kinds
    return [one.origin for one in here if kinds[one.kind].per_person or kinds[one.kind].reach is Scale.TENANT]


def _naming(group: str, asking: _Asking) -> list[Origin]:
    """Return the origins of objects for a group, or with it as pilot or exception."""
    roles = [name for name, role in asking.playbooks.school.roles.items() if role.on(asking.trade.name) == group]
    entries = [
        entry.origin
        for entry in asking.entries
        if {entry.settings.audience, *entry.settings.counted_roles.values()} & {*roles}
    ]
    entries += [one.origin for one in asking.playbooks.departures if one.audience in roles]
    return entries + [one.origin for one in asking.playbooks.pilots if one.audience in roles]


def _of_checks(asking: _Asking) -> Iterator[_Asked]:
    lent = [kind.permissions.read for kind in asking.trade.kinds.values() if kind.temporary]
    for entry in asking.entries:
        reason = PermissionReason(entry.name, entry.origin)
        if checked := asking.sources.checks.get(entry.name):
            yield checked(entry.settings), reason
        if entry.settings.needs_signals:
            yield from ((permissions, reason) for permissions in lent)


def _of_expiries(asking: _Asking) -> Iterator[_Asked]:
    """Yield the permissions for the expiry board. Only `check` reads it, with the reading identity."""
    board = asking.playbooks.registers.board
    if board and not asking.writes:
        for source in asking.sources.expiries:
            if source.row not in board.left_out:
                yield source.needs, PermissionReason(f"the end of: {ROWS[source.row].title}", board.origin)


def _of_kinds(asking: _Asking) -> Iterator[_Asked]:
    """Ask for each object and, for drift, for who changed it."""
    trade = asking.trade
    for one in asking.wanted:
        kind = trade.kinds[one.address.kind]
        writes = asking.writes and _is_written(one, trade)
        permissions = (*kind.permissions.read, *kind.permissions.write) if writes else kind.permissions.read
        what = ", ".join(one.made_by) or one.address.told
        yield from ((permissions, PermissionReason(what, origin, one.made_by)) for origin in _origins(one))
        if kind.logged and not asking.writes:
            logs = kind.logged.permissions
            yield from ((logs, PermissionReason(f"who changed {what}", origin)) for origin in _origins(one))


def _is_written(desired: Desired | Absent, trade: CloudCatalogue) -> bool:
    enforced = isinstance(desired, Absent) or desired.mode is Mode.ENFORCE
    return enforced and not trade.kinds[desired.address.kind].read_only


def _of_reach(asking: _Asking) -> Iterator[_Asked]:
    """Ask for the groups and people of single objects, which are counted before something is written for them."""
    for one in asking.wanted:
        if not isinstance(one, Desired) or one.made_by or one.mode is not Mode.ENFORCE:
            continue
        settings = {path: effective(value, None) for path, value in one.settings.items()}
        kind = asking.trade.kinds[one.address.kind]
        targets = kind.reaches(one.address.name, settings)
        if kind.read_only or not targets.named_groups:
            continue
        units = {Use.UNITS if name.startswith("/") else Use.GROUPS for name in targets.named_groups}
        for use in sorted({Use.PEOPLE, *units}):
            yield asking.sources.uses.get(use, Permissions()).read, PermissionReason(use.value, one.origin)


def imagined_objects(
    playbooks: Playbooks, trade: CloudCatalogue, controls: Mapping[str, Control]
) -> Sequence[Desired | Absent]:
    """Write out the playbooks on one provider as if everybody were away; PlaybookError as `validate` has it."""
    return expand(
        playbooks,
        {trade.name: trade},
        controls,
        {trade.name: imagined_directory(playbooks, trade.name)},
        signals={trade.name: imagined_signals(playbooks)},
    ).wanted


def _origins(one: Desired | Absent) -> tuple[Origin, ...]:
    """Return every place in the playbooks that asks for an object."""
    several = one.origins.values() if isinstance(one, Desired) and one.made_by else ()
    return tuple(dict.fromkeys([one.origin, *several]))


_SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)


def imagined_directory(playbooks: Playbooks, provider: str) -> Directory:
    """Return a directory with a person in every named group, because some objects exist only for people."""
    member = Person("member", f"member@{playbooks.school.domains[0]}", "Member")
    groups = {
        name: Group(name, name, name if "@" in name else None, frozenset([member.id]))
        for name in groups_needed(playbooks, provider)
    }
    return Directory({member.id: member}, groups)


def imagined_signals(playbooks: Playbooks) -> Mapping[ControlIdentity, Signals]:
    """Let a person of their own need something for every control that rests on signals."""
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls]
    return {
        entry.identity: _signals(Person(f"member {number}", f"member.{number}@{playbooks.school.domains[0]}", "Member"))
        for number, entry in enumerate(entries)
        if entry.settings.needs_signals
    }


def _signals(person: Person) -> Signals:
    ends = _SOME_DAY + timedelta(days=3)
    return Signals(due=(Due(person, _SOME_DAY, ends, HalfDay(ends.date()), is_covered=False),))
