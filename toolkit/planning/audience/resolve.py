"""Find the people of a control's audience in the directory, and the ids of people whom a playbook names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, Audience, Directory, Group, Person, Scope
from toolkit.sdk.kind import Kind
from toolkit.sdk.reason import ReasonCode
from toolkit.sdk.resource import Address, Mode, Reach

AUDIENCE_UNKNOWN = ReasonCode(
    "audience_unknown", admin="{why}", governor="the people this is for are not known, so it could not be checked"
)
AUDIENCE_EMPTY = ReasonCode(
    "audience_empty", admin="{why}", governor="the group this is for is empty, so it could not be checked"
)
"""The group was read and has no members, which is a known state."""
PUPILS = "pupils"
"""The role of people who are not staff."""

ReasonUnknown: TypeAlias = str
"""Why an id is unknown, or "" if the id is known."""


@dataclass(frozen=True, slots=True)
class KnownAudience:
    """The people of an audience, or the reason why they are unknown.

    Nothing is written for people in an unknown audience.
    """

    audience: Audience
    missing: str = ""
    empty: bool = False  # the group was read, and no one is in it
    is_gone: bool = False  # the tenant has no such group, or the school file does not name one
    is_elsewhere: bool = False  # the role has a group only on another cloud of the school, so no one here is meant
    former: str = ""  # the id that the group had when a run found it last


def resolve_audience(
    school: School, role: str | None, provider: str, directories: Mapping[str, Directory] | None
) -> KnownAudience:
    """Return the audience of a role on a provider.

    Without directories, as in `validate`, the audience has only the role's name.
    """
    directory = (directories or {}).get(provider)
    if role is None or role == EVERYONE or provider in school.roles[role].whole_tenants:
        return _audience_of_everyone(directory)
    reference = school.roles[role].on(provider)
    if reference is None and any(school.roles[role].is_on(other) for other in school.all_clouds):
        return KnownAudience(replace(_placeholder_audience(role, role), reach=Reach(people=0)), is_elsewhere=True)
    if reference is None:
        return KnownAudience(
            _placeholder_audience(role, role),
            f"the school file has no {provider} group for the role {role!r}",
            is_gone=True,
        )
    if directory is None:
        return KnownAudience(_placeholder_audience(role, reference))
    group = directory.groups.get(reference)
    if group is None:
        reason = directory.unknown.get(reference) or directory.unknown.get("people") or "it was not read"
        missing = reason if reference in directory.named else f"group {reference}: {reason}"
        former = directory.former.get(reference, "")
        return KnownAudience(
            _placeholder_audience(role, reference), missing, is_gone=reference in directory.gone, former=former
        )
    return _audience_of_group(role, group, directory)


def _audience_of_group(role: str, group: Group, directory: Directory) -> KnownAudience:
    audience = Audience(role, group, _enabled_people(directory, group.members), _reach_of_group(group))
    if not (group.members or group.devices):
        return KnownAudience(audience, f"the group {group.name!r} is empty", empty=True)
    if directory.people and (others := len(group.members - directory.people.keys())):
        text = f"{others} of the {len(group.members)} members of the group {group.name!r} were not read"
        return KnownAudience(audience, text)
    return KnownAudience(audience)


def group_exists(audience: Audience) -> bool:
    """Return whether the group of an audience exists, even if it is empty."""
    return audience.group is not None and bool(audience.group.id)


def has_empty_group(scope: Scope) -> bool:
    """Return whether every group of a scope was read and at least one of these groups has no members."""
    every = (scope.audience, scope.current_audience, *scope.excepted_audiences)
    empty = (
        audience.group
        for audience in every
        if audience.group and not (audience.group.members or audience.group.devices)
    )
    return all(group_exists(audience) or audience.people for audience in every) and any(empty)


def _reach_of_group(group: Group) -> Reach:
    """Return the number of people and devices in a group. The number of devices is omitted if it is zero."""
    return Reach(len(group.members) or None, group.devices) if group.devices else Reach(people=len(group.members))


def _audience_of_everyone(directory: Directory | None) -> KnownAudience:
    """Return the audience of everyone on a provider.

    If there is no directory, the audience has no people. If the directory could not be read, the audience is unknown.
    """
    if directory is None:
        return KnownAudience(Audience(EVERYONE))
    if reason := directory.unknown.get("people"):
        return KnownAudience(Audience(EVERYONE), f"everyone: {reason}")
    if not directory.people:  # people are read only if the run needs them
        return KnownAudience(Audience(EVERYONE))
    people = _enabled_people(directory, directory.people)
    return KnownAudience(Audience(EVERYONE, people=people, reach=Reach(people=len(people))))


def _enabled_people(directory: Directory, ids: Iterable[str]) -> tuple[Person, ...]:
    people = (directory.people.get(person_id) for person_id in ids)
    return tuple(sorted((person for person in people if person and person.enabled), key=lambda person: person.address))


def _placeholder_audience(role: str, group_reference: str) -> Audience:
    return Audience(role, Group("", group_reference, group_reference, frozenset()))


def find_needed_groups(playbooks: Playbooks, provider: str) -> tuple[str, ...]:
    names = {entry.settings.audience for playbook in playbooks.playbooks for entry in playbook.controls}
    names |= {
        playbooks.role_of(entry, role)
        for playbook in playbooks.playbooks
        for entry in playbook.controls
        for role in entry.settings.counted_roles.values()
    }
    names |= {pilot.audience for pilot in playbooks.pilots}
    names |= {departure.audience for departure in playbooks.departures}
    if needs_signals(playbooks):
        names |= {PUPILS, *roles_with_working_pattern(playbooks)}
    names |= {name for name, in_school in playbooks.slices.roles.items() if in_school == EVERYONE}
    roles = [role for name, role in playbooks.school.roles.items() if name in names]
    references = (role.on(provider) for role in roles)
    return tuple(sorted(reference for reference in references if reference))


def needs_signals(playbooks: Playbooks) -> bool:
    """Return whether an enabled control needs to know about people's absences or calendars."""
    controls = [entry for playbook in playbooks.playbooks for entry in playbook.controls]
    return any(entry.mode is not Mode.OFF and entry.settings.needs_signals for entry in controls)


def roles_with_working_pattern(playbooks: Playbooks) -> Sequence[str]:
    """Return the roles for which the school file describes a working pattern."""
    calendar, roles = playbooks.school.calendar, playbooks.school.roles
    return [name for name in calendar.patterns if name in roles] if calendar else []


def must_count_people(playbooks: Playbooks) -> bool:
    """Return whether toolkit must count people, because of a control's audience or to find out whether anyone
    uses a cloud.
    """
    controls = (entry for playbook in playbooks.playbooks for entry in playbook.controls)
    return any(entry.settings.audience or entry.mode is not Mode.OFF for entry in controls)


class DirectoryPeople:
    """The people in every directory that was read, by mail address."""

    def __init__(self, directories: Mapping[str, Directory] | None) -> None:
        self._unknown = {name: read.unknown.get("people", "") for name, read in (directories or {}).items()}
        self._known = {
            name: {person.address.casefold(): person for person in read.people.values()}
            for name, read in (directories or {}).items()
        }

    def resolve_address(self, address: Address) -> tuple[Address, ReasonUnknown]:
        """Return the address of a person's object with the person's id, and the reason if the id is unknown.

        In output, the object has the person's mail address. A person who is not in the directory keeps the name from
        the playbook.
        """
        if reason := self._unknown.get(address.provider):
            return address, f"people: {reason}"
        person = self._known.get(address.provider, {}).get(address.name.casefold())
        return (replace(address, name=person.id, label=person.address) if person else address), ""


def has_entries_for_single_people(playbooks: Playbooks, kinds: Mapping[str, Mapping[str, Kind[Connection]]]) -> bool:
    """Return whether any playbook entry is for a single person, because the directory must then be read."""
    return any(
        kinds[entry.provider][entry.kind].per_person
        for playbook in playbooks.playbooks
        for entry in playbook.resources
        if entry.provider in kinds  # a tenant that could not be reached has none
    )


def is_protected(address: Address, protected_accounts: Iterable[str]) -> bool:
    """Return whether an object belongs to a person whose account the school file protects."""
    return address.display_name.casefold() in {account.casefold() for account in protected_accounts}
