"""Read the objects of a tenant, and convert their settings to playbook entries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from toolkit.engine.read_tenants import Progress, observe_kinds
from toolkit.errors import NotLicensed, ServiceError
from toolkit.planning.imports.reverse import ImportedObject, IsSecret, LeftOut, import_objects
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.endpoint import Ordered, attempt, read_safely
from toolkit.sdk.kind import IdMeaning, Kind, OtherObject
from toolkit.sdk.reason import COULD_NOT_BE_READ, reason_of
from toolkit.sdk.resource import Address, Observed
from toolkit.values import Settings

ALREADY = "an existing playbook already asks for it"

AnyKind = Kind[Connection]


@dataclass(frozen=True, slots=True)
class RequestedSettings:
    """Objects and settings that an import leaves out because the existing playbooks already ask for them."""

    addresses: frozenset[str] = frozenset()  # in lower case
    common_settings: Mapping[str, frozenset[str]] = field(default_factory=dict)  # settings of every object, by kind
    people: Mapping[str, int] = field(default_factory=dict)  # the number of people by kind


@dataclass(frozen=True, slots=True)
class PersonalSettings:
    """The settings of a kind that has an object for each person, summarised over all people."""

    people: int  # the number of objects that were read
    alike: Settings | None  # the settings of everyone, if they are the same
    most: int | None  # people with the most common settings, or None if they were not counted


@dataclass(frozen=True, slots=True)
class ImportedKind:
    """The objects of a kind that were read: their playbook entries, the settings left out, and objects that
    could not be read.
    """

    name: str  # with the provider
    kind: AnyKind
    portraits: tuple[ImportedObject, ...] = ()
    personal: PersonalSettings | None = None
    unreadable: tuple[Unknown, ...] = ()
    unused_accounts: int = 0  # people with a closed account or without a mailbox
    by_controls: int = 0  # objects that controls ask for
    unavailable: str = ""  # the licence that the school lacks
    others: tuple[OtherObject, ...] = ()  # objects with settings of other kinds
    meanings: tuple[IdMeaning, ...] = ()  # of the ids in settings
    already: int = 0  # people whom the existing playbooks cover

    @property
    def entries(self) -> tuple[ImportedObject, ...]:
        """Return the imported objects that have a playbook entry."""
        return tuple(portrait for portrait in self.portraits if portrait.settings is not None)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Return the settings and objects that the import leaves out of the playbooks."""
        return tuple(left for portrait in self.portraits for left in portrait.left_out)


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """The kinds of objects that were read in a tenant, with the observed objects."""

    kinds: Sequence[ImportedKind]
    observed: ObservedState


def read_tenant_settings(
    connection: Connection,
    kinds: Mapping[str, AnyKind],
    is_secret: IsSecret,
    requested: RequestedSettings,
    progress: Progress,
) -> TenantSettings:
    """Read the objects of some kinds in a tenant, and write a playbook entry for each object.

    A kind that cannot be read is unknown, not absent.
    """
    directory = read_people(connection, kinds)
    observed, unlisted, unlicensed = read_kinds(connection, kinds, directory, progress)
    unknown = (*unlisted, *observed.unknown)
    read = [
        _to_imported_kind(
            name,
            kind,
            observed.objects.get(name, ()),
            [unreadable for unreadable in unknown if unreadable.kind == name],
            is_secret,
        )
        for name, kind in kinds.items()
    ]
    without_mailbox = sum(person.enabled and not person.mailbox for person in directory.people.values())
    unavailable = {**observed.unavailable, **unlicensed}
    kinds_read = [
        replace(
            kind_read,
            unused_accounts=kind_read.unused_accounts + (without_mailbox if kind_read.kind.per_person else 0),
            unavailable=unavailable.get(kind_read.name, ""),
        )
        for kind_read in read
    ]
    return TenantSettings(
        [_add_unimportable_objects(_leave_out_existing(kind_read, requested), connection) for kind_read in kinds_read],
        observed,
    )


def read_kinds(
    connection: Connection, kinds: Mapping[str, AnyKind], directory: Directory, progress: Progress
) -> tuple[ObservedState, Sequence[Unknown], Mapping[str, str]]:
    """Read the objects of kinds, given by the kinds' full names.

    Return the objects, the unknown kinds, and the reason for each unlicensed kind. If a kind cannot be listed, its
    objects are read by name.
    """
    named, unlisted, unlicensed = _find_names_to_read(connection, kinds, directory)
    readable = {name: kind for name, kind in kinds.items() if name not in {*unlisted, *unlicensed}}
    provider = next(iter(kinds)).partition(".")[0]
    return observe_kinds({provider: connection}, readable, progress, named), tuple(unlisted.values()), unlicensed


def _add_unimportable_objects(imported_kind: ImportedKind, connection: Connection) -> ImportedKind:
    """Return an imported kind with the objects that cannot be imported, and with the names of ids."""
    if imported_kind.unavailable or any(unknown.address is None for unknown in imported_kind.unreadable):
        return imported_kind
    others, entries = imported_kind.kind.other_objects, [entry.observed for entry in imported_kind.entries]
    try:
        uncovered = read_safely(imported_kind.name, lambda: list(others.read(connection))) if others else []
        meanings = read_safely(imported_kind.name, lambda: list(imported_kind.kind.meanings(connection, entries)))
    except ServiceError as error:
        return replace(
            imported_kind, unreadable=(*imported_kind.unreadable, Unknown(imported_kind.name, reason_of(error)))
        )
    ordered = tuple(sorted(uncovered, key=lambda other: other.name.casefold()))
    return replace(imported_kind, others=ordered, meanings=tuple(meanings))


def read_people(connection: Connection, kinds: Mapping[str, AnyKind]) -> Directory:
    """Read and return the people of a tenant, if a kind has an object for each person. Otherwise return no people."""
    if not any(kind.per_person for kind in kinds.values()):
        return Directory()
    people = attempt("people", lambda: connection.directory(people=True, groups=()))
    return Directory(unknown={"people": str(people)}) if isinstance(people, ServiceError) else people


def _find_names_to_read(
    connection: Connection, kinds: Mapping[str, AnyKind], directory: Directory
) -> tuple[Mapping[str, frozenset[str]], Mapping[str, Unknown], Mapping[str, str]]:
    """Return the names of objects to read, and the kinds that are unknown or unavailable.

    Only kinds that cannot be listed need names.
    """
    people = frozenset(person.id for person in directory.people.values() if person.enabled and person.mailbox)
    named: dict[str, frozenset[str]] = {}
    unlisted: dict[str, Unknown] = {}
    unlicensed: dict[str, str] = {}
    for name, kind in kinds.items():
        if kind.whole:
            continue
        if kind.per_person and (reason := directory.unknown.get("people")):
            unlisted[name] = Unknown(name, COULD_NOT_BE_READ(text=f"people: {reason}"))
            continue
        try:
            named[name] = people if kind.per_person else frozenset(_read_object_names(kind, connection))
        except NotLicensed as error:
            unlicensed[name] = str(error)
        except ServiceError as error:
            unlisted[name] = Unknown(name, reason_of(error))
    return named, unlisted, unlicensed


def _read_object_names(kind: AnyKind, connection: Connection) -> Sequence[str]:
    return read_safely(kind.name, lambda: list(kind.names_there(connection)))


def _to_imported_kind(
    name: str, kind: AnyKind, observed: Sequence[Observed], unknown: Sequence[Unknown], is_secret: IsSecret
) -> ImportedKind:
    if kind.per_person:
        unread = tuple(unreadable for unreadable in unknown if not unreadable.is_unused)
        personal = _summarise_people(observed) if observed else None
        return ImportedKind(
            name, kind, personal=personal, unreadable=unread, unused_accounts=len(unknown) - len(unread)
        )
    by_order = isinstance(kind.endpoint, Ordered)
    by_name = sorted(observed, key=lambda resource: (resource.address.name.casefold(), resource.address.name))
    ordered = observed if by_order else by_name
    return ImportedKind(name, kind, tuple(import_objects(kind, ordered, is_secret)), unreadable=tuple(unknown))


def _summarise_people(observed: Sequence[Observed]) -> PersonalSettings:
    ways = Counter(tuple(sorted(resource.settings.items(), key=lambda item: item[0])) for resource in observed)
    (commonest, most), *others = ways.most_common()
    return PersonalSettings(len(observed), None if others else dict(commonest), most)


def _leave_out_existing(imported_kind: ImportedKind, requested: RequestedSettings) -> ImportedKind:
    """Return an imported kind without the objects, settings and people for which existing playbooks already ask."""
    common_settings = requested.common_settings.get(imported_kind.name, frozenset())
    rest = replace(
        imported_kind,
        portraits=tuple(
            _leave_out_requested_settings(portrait, common_settings, requested.addresses)
            for portrait in imported_kind.portraits
        ),
    )
    people = requested.people.get(imported_kind.name, 0)
    if imported_kind.personal is None or not people:
        return rest
    return replace(rest, already=people, personal=leave_out_people_from_summary(imported_kind.personal, people))


def _leave_out_requested_settings(
    imported_object: ImportedObject, common_settings: frozenset[str], addresses: frozenset[str]
) -> ImportedObject:
    written = imported_object.settings and {
        path: value for path, value in imported_object.settings.items() if path not in common_settings
    }
    named = str(imported_object.observed.address).casefold() in addresses
    if named or (imported_object.settings and not written):
        already = LeftOut(imported_object.observed.address.name, "", ALREADY, already=True)
        return replace(imported_object, settings=None, left_out=(already,))
    return replace(imported_object, settings=written)


def leave_out_people_from_summary(summary: PersonalSettings, number_of_people: int) -> PersonalSettings | None:
    """Return the summary of people's settings after a number of people were left out, or None if no one remains.

    The summary then no longer says how many people share each setting.
    """
    return (
        PersonalSettings(summary.people - number_of_people, None, None) if summary.people > number_of_people else None
    )


def leave_out_covered_by_controls(
    imported_kind: ImportedKind, covered_objects: frozenset[Address], common_settings: frozenset[str]
) -> ImportedKind:
    """Return an imported kind without objects and settings for which controls ask.

    `common_settings` are settings for which a control asks on all objects of the kind.
    """
    kept = []
    for portrait in imported_kind.portraits:
        if portrait.observed.address in covered_objects:
            continue
        written = portrait.settings and {
            path: value for path, value in portrait.settings.items() if path not in common_settings
        }
        if written or not portrait.settings:
            kept.append(replace(portrait, settings=written))
    return replace(imported_kind, portraits=tuple(kept), by_controls=len(imported_kind.portraits) - len(kept))
