"""Load the playbooks of a trust's tenant: the trust's own values, and a slice for each school."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.errors import PlaybookError, Problem, UsageError
from toolkit.messages import did_you_mean, one_of
from toolkit.playbook.entries import ControlEntry, Departure, Playbook, Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.slices import BASE, WHOLE_TENANT, Slices
from toolkit.playbook.vocabulary import Vocabulary, installed_vocabulary
from toolkit.records import dataclass
from toolkit.school.school import Role, School
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.resource import Origin
from toolkit.trust.decisions import find_refused_entries, is_of_tenant, matching_entries
from toolkit.trust.model import Trust, TrustSchool, TrustTenant


def load_tenant(
    trust: Trust, tenant: str | None = None, schools: Sequence[str] = (), vocabulary: Vocabulary | None = None
) -> Playbooks:
    """Return the playbooks of a tenant of a trust, with a slice for each of its schools.

    `tenant` is optional if the trust has only one, or if all `schools` are in one. `schools` limit a run to their
    slices. Raise UsageError for an unknown name, and PlaybookError with every problem of the files.
    """
    name = choose_tenant(trust, tenant, schools)
    return _Tenant(trust, trust.tenants[name], vocabulary or installed_vocabulary()).load(frozenset(schools))


def choose_tenant(trust: Trust, tenant: str | None, schools: Sequence[str]) -> str:
    """Return the name of the tenant that a run reads. Raise UsageError if it is unknown, or if there are several."""
    for school in schools:
        if school not in trust.schools:
            meant = did_you_mean(school, trust.schools)
            raise UsageError(f"--school {school}: the trust has no such school{meant}")
    if tenant is not None:
        if tenant not in trust.tenants:
            raise UsageError(f"--tenant {tenant}: the trust has no such tenant{did_you_mean(tenant, trust.tenants)}")
        elsewhere = [school for school in schools if tenant not in trust.schools[school].tenants]
        if elsewhere:
            raise UsageError(f"--school {elsewhere[0]}: the school is not in the tenant {tenant}")
        return tenant
    possible = [name for name in trust.tenants if all(name in trust.schools[school].tenants for school in schools)]
    if len(possible) == 1:
        return possible[0]
    advice = f"Add --tenant with {one_of(possible)}" if possible else "Run the command for each tenant"
    raise UsageError(f"{trust.origin.path}: the run concerns {len(possible) or 'several'} tenants. {advice}")


@dataclass(frozen=True, slots=True)
class _Tenant:
    """A tenant of a trust whose playbooks are loaded."""

    trust: Trust
    tenant: TrustTenant
    vocabulary: Vocabulary

    def load(self, selected: frozenset[str]) -> Playbooks:
        members = self.trust.schools_of(self.tenant.name)
        whole = self._whole_tenant(members)
        problems: list[Problem] = []
        base = self._load(problems, self.trust.base, whole)
        slices = [self._load_slice(school, problems) for school in members]
        for loaded in slices:
            problems += find_refused_entries(self.trust, loaded.school.short_name, loaded.base, loaded.own_playbooks)
        if problems or base is None:
            raise PlaybookError(sorted(set(problems)))
        return _combine(self.trust, base, slices, selected, _base_entries(base))

    def _load(self, problems: list[Problem], *arguments: object, base: Sequence[Playbook] = ()) -> Playbooks | None:
        path, school = arguments
        try:
            return load(path, self.vocabulary, school=school, base=base)  # type: ignore[arg-type]
        except PlaybookError as error:
            problems += error.problems
            return None

    def _load_slice(self, school: TrustSchool, problems: list[Problem]) -> "_Slice":
        own_school = self._to_school(school)
        base = self._load(problems, self.trust.base, own_school)
        playbooks = base.playbooks if base else ()
        own = self._load(problems, school.folder, own_school, base=playbooks) if school.folder else None
        return _Slice(school, own_school, playbooks, own)

    def _whole_tenant(self, members: Sequence[TrustSchool]) -> School:
        """Return the tenant as a school, with a role for each role of each school, such as `OAK staff`."""
        roles = {
            role_name(school.short_name, role.name): replace(role, name=role_name(school.short_name, role.name))
            for school in members
            for role in self._roles(school).values()
        }
        return replace(
            self._to_school(None),
            roles={**self._stub_roles(), **self._central_roles(members), **self._base_roles(members), **roles},
            domains=tuple(dict.fromkeys(self._domains(members))),
        )

    def _domains(self, members: Sequence[TrustSchool]) -> Iterator[str]:
        yield from (cloud.domain for cloud in self.tenant.clouds.values())
        yield from (domain for school in members for domain in school.domains)

    def _stub_roles(self) -> Mapping[str, Role]:
        """Return every role of the trust without groups, so that the trust's files may name it for any school."""
        return {role: Role(role) for school in self.trust.schools.values() for role in school.roles()}

    def _central_roles(self, members: Sequence[TrustSchool]) -> Mapping[str, Role]:
        """Return the roles of the central team, to which controls of the whole tenant refer, such as reviewers."""
        return {name: role for school in members if school.central for name, role in self._roles(school).items()}

    def _roles(self, school: TrustSchool) -> Mapping[str, Role]:
        """Return the roles of a school on the clouds of this tenant."""
        places = {name: place for name, place in school.places.items() if place.tenant == self.tenant.name}
        return replace(school, places=places).roles()

    def _base_roles(self, members: Sequence[TrustSchool]) -> Mapping[str, Role]:
        """Return a role for each role of the trust, with the group or unit of the first school that has one."""
        roles = {role_name(BASE, name): Role(role_name(BASE, name)) for name in self._stub_roles()}
        for role in (role for school in reversed(members) for role in self._roles(school).values()):
            name = role_name(BASE, role.name)
            before = roles[name]
            taken = {**role.groups, **role.units}.keys()
            kept = replace(
                before,
                groups={
                    **{cloud: group for cloud, group in before.groups.items() if cloud not in taken},
                    **role.groups,
                },
                units={**{cloud: unit for cloud, unit in before.units.items() if cloud not in taken}, **role.units},
                whole_tenants=before.whole_tenants | role.whole_tenants,
            )
            roles[name] = kept
        return roles

    def _to_school(self, school: TrustSchool | None) -> School:
        """Return a school of the tenant, or the whole tenant, in the form of a lone school."""
        trust, clouds = self.trust, self.tenant.clouds
        if school:
            clouds = {name: clouds[name] for name in school.places if school.places[name].tenant == self.tenant.name}
        main = next(iter(self.tenant.clouds.values())).domain
        return School(
            name=school.name if school else trust.name,
            short_name=school.short_name if school else trust.short_name,
            domains=(school.domains if school else ()) or (main,),
            time_zone=trust.time_zone,
            tenants=clouds,
            roles={**self._stub_roles(), **(self._roles(school) if school else {})},
            protected=trust.protected,
            mode=trust.mode,
            phone=school.phone if school else "",
            website=school.website if school else "",
            origin=school.origin if school else trust.origin,
            calendar=trust.calendar,
            id=trust.id,
            owns_tenant=True,
        )


@dataclass(frozen=True, slots=True)
class _Slice:
    """A school of the tenant, with the trust's playbooks and its own, filled in with its values."""

    trust_school: TrustSchool
    school: School
    base: Sequence[Playbook]
    own_playbooks: Playbooks | None

    def playbooks(self) -> Iterator[Playbook]:
        """Yield the playbooks of the slice. An entry of the school's own replaces the trust's entry."""
        own = self.own_playbooks.playbooks if self.own_playbooks else ()
        replaced = {id(entry) for _, entry in matching_entries(self.base, own) if entry}
        for playbook in self.base:
            kept = [entry for entry in playbook.controls if id(entry) not in replaced and not is_of_tenant(entry)]
            yield replace(playbook, controls=tuple(self._entries(kept)), resources=(), waiting=(), open_choices=())
        for playbook in own:
            yield replace(playbook, controls=tuple(self._entries(playbook.controls)))

    def files(self) -> Iterator[str]:
        """Yield the paths of the playbooks, confirmations and exceptions in the school's own folder."""
        if own := self.own_playbooks:
            yield from (playbook.path for playbook in own.playbooks)
            yield from (entry.origin.path for entry in own.attestations)
            yield from (entry.origin.path for entry in own.acceptances)

    def _entries(self, entries: Iterable[ControlEntry]) -> Iterator[ControlEntry]:
        for entry in entries:
            role = self.school.roles.get(entry.settings.audience or EVERYONE)
            if role and any(role.is_on(cloud) for cloud in self.school.tenants):  # else no one there has this role
                yield for_school(entry, self.school.short_name)

    def departures(self, playbooks: Sequence[Playbook]) -> Iterator[Departure]:
        """Yield the school's exceptions, for the entries of its slice."""
        entries = {(entry.name, entry.origin): entry for playbook in playbooks for entry in playbook.controls}
        for departure in self.own_playbooks.departures if self.own_playbooks else ():
            entry = entries.get((departure.entry.name, departure.entry.origin))
            if entry:
                role = role_name(self.school.short_name, departure.audience)
                settings = departure.settings and departure.settings.model_copy(update={"audience": role})
                yield replace(departure, entry=entry, audience=role, settings=settings)


def role_name(school: str, role: str) -> str:
    """Return the name of a school's role in the whole tenant, such as `OAK staff`."""
    return f"{school} {role}"


def for_school(entry: ControlEntry, school: str) -> ControlEntry:
    """Return an entry for the people of a school."""
    settings = entry.settings
    update: dict[str, object] = {"audience": role_name(school, settings.audience or EVERYONE)}
    if settings.pilot:
        update["pilot"] = settings.pilot.model_copy(update={"audience": role_name(school, settings.pilot.audience)})
    return replace(entry, school=school, settings=settings.model_copy(update=update))


def _for_tenant(entry: ControlEntry) -> ControlEntry:
    """Return an entry for everyone in the tenant, if it is for people."""
    if not entry.settings.audience:
        return entry
    return replace(entry, settings=entry.settings.model_copy(update={"audience": EVERYONE}))


def _base_entries(base: Playbooks) -> tuple[Playbook, ...]:
    """Return the trust's entries for people, whose values give the names of shared objects."""
    return tuple(
        replace(
            playbook,
            controls=tuple(
                shadow
                for entry in playbook.controls
                if not is_of_tenant(entry)
                and role_name(BASE, entry.settings.audience or EVERYONE) in base.school.roles  # some school has it
                for shadow in (
                    for_school(replace(entry, settings=entry.settings.model_copy(update={"pilot": None})), BASE),
                    *([replace(entry, school=WHOLE_TENANT)] if entry.settings.audience == EVERYONE else []),
                )
            ),
            resources=(),
            waiting=(),
        )
        for playbook in base.playbooks
    )


def _roles_in_school(slices: Sequence[_Slice]) -> Mapping[str, str]:
    """Return a school's role for each of the tenant's roles, such as staff for `OAK staff`."""
    return {
        role_name(name, role): role
        for part in slices
        for role in part.school.roles
        for name in (part.school.short_name, BASE)
    }


def _combine(
    trust: Trust, base: Playbooks, slices: Sequence[_Slice], selected: frozenset[str], shadows: tuple[Playbook, ...]
) -> Playbooks:
    """Return the playbooks of the whole tenant, which are the trust's own and the slices of its schools."""
    of_tenant = [
        replace(playbook, controls=tuple(map(_for_tenant, filter(is_of_tenant, playbook.controls))))
        for playbook in base.playbooks
    ]
    of_schools = {part.school.short_name: tuple(part.playbooks()) for part in slices}
    departures = [departure for part in slices for departure in part.departures(of_schools[part.school.short_name])]
    own = [part.own_playbooks for part in slices if part.own_playbooks]
    return replace(
        base,
        playbooks=(*of_tenant, *(playbook for playbooks in of_schools.values() for playbook in playbooks)),
        departures=(*base.departures, *departures),
        attestations=(*base.attestations, *(entry for part in own for entry in part.attestations)),
        acceptances=(*base.acceptances, *(entry for part in own for entry in part.acceptances)),
        digest=hashlib.sha256("".join([base.digest, *(part.digest for part in own)]).encode()).hexdigest(),
        root=trust.root,
        slices=Slices(
            schools={part.school.short_name: part.school for part in slices},
            names=tuple(part.school.short_name for part in slices),
            selection=selected,
            roles=_roles_in_school(slices),
            homes=trust.homes.by_address,
            home_property=trust.homes.property,
            home_values=trust.homes.by_value,
            homes_origin=Origin(trust.origin.path, trust.lines.get("people", trust.origin.line)),
            files={path: part.school.short_name for part in slices for path in part.files()},
        ),
        base=shadows,
    )
