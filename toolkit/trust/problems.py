"""Find contradictions in trust.yaml, each with its line."""

import re
from collections.abc import Iterator

from toolkit.controls.control import Stricter, controls
from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.trust_schema import PeopleForm, TrustForm
from toolkit.records import dataclass
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.providers import EMULATED
from toolkit.trust.model import Trust, TrustSchool
from toolkit.yaml.node import Source, Step, line_of

_GOOGLE = "google_workspace"
_ROLE = re.compile(r"[a-z][a-z0-9_]*")
_DOMAIN = re.compile(r"@?([a-z0-9-]+\.)+[a-z0-9-]+", re.IGNORECASE)


def find_problems(trust: Trust, form: TrustForm, source: Source) -> Iterator[Problem]:
    """Yield a problem for each contradiction between entries, and for each name or path that does not exist."""
    search = _Search(trust, source)
    yield from search.path_problems()
    yield from search.tenant_problems()
    for school in trust.schools.values():
        yield from search.school_problems(school)
    yield from search.duplicate_problems()
    yield from search.decision_problems(form)
    yield from search.wave_problems()
    if isinstance(form.people, PeopleForm):
        for value, name in form.people.homes.items():
            yield from search.unknown_school(name, "people", "homes", value)


@dataclass(frozen=True, slots=True)
class _Search:
    trust: Trust
    source: Source

    def _problem(self, message: str, *path: Step) -> Problem:
        root = self.source.root
        return self.source.problem(line_of(root, path, otherwise=root.line), message)

    def unknown_school(self, name: str, *path: Step) -> Iterator[Problem]:
        if name not in self.trust.schools:
            message = f"{quoted(name)} is not a school of the trust{did_you_mean(name, self.trust.schools)}"
            yield self._problem(message, *path)

    def path_problems(self) -> Iterator[Problem]:
        if not self.trust.base.is_dir():
            yield self._problem(f"there is no folder {quoted(str(self.trust.base))}", "base")
        folders: dict[object, str] = {self.trust.base: "the trust's `base`"}
        for name, school in self.trust.schools.items():
            if school.folder is None:
                continue
            if school.folder in folders:
                yield self._problem(f"is also the folder of {folders[school.folder]}", "schools", name, "folder")
            folders[school.folder] = name
            if not school.folder.is_dir():
                yield self._problem(f"there is no folder {quoted(str(school.folder))}", "schools", name, "folder")

    def tenant_problems(self) -> Iterator[Problem]:
        owners: dict[tuple[str, str], str] = {}
        for name, tenant in self.trust.tenants.items():
            for provider, cloud in tenant.clouds.items():
                if cloud.id != EMULATED and (provider, cloud.id) in owners:
                    message = f"is also the id in {quoted(owners[provider, cloud.id])}: a tenant has one entry"
                    yield self._problem(message, "tenants", name, provider)
                owners[provider, cloud.id] = name
            if not self.trust.schools_of(name):
                yield self._problem(f"no school is in the tenant {quoted(name)}: delete the entry", "tenants", name)

    def school_problems(self, school: TrustSchool) -> Iterator[Problem]:
        name = school.short_name
        if not school.domains and not school.central:
            yield self._problem(f"{name} needs `domains`, or `central: true` if it is not a school", "schools", name)
        if not school.places:
            yield self._problem(f"{name} is on no cloud: add `microsoft365` or `google_workspace`", "schools", name)
        for provider, place in school.places.items():
            if place.tenant:
                yield from self._unknown_tenant(school, provider)
                yield from self._missing_everyone(school, provider)
            for role, group in place.roles.items():
                yield from self._role_problems(school, provider, role, group)

    def _unknown_tenant(self, school: TrustSchool, provider: str) -> Iterator[Problem]:
        names = [name for name, tenant in self.trust.tenants.items() if provider in tenant.clouds]
        tenant = school.places[provider].tenant
        if tenant not in names:
            message = f"{quoted(tenant)} is not a tenant on {provider}{did_you_mean(tenant, names)}"
            yield self._problem(message, "schools", school.short_name, provider, "tenant")

    def _missing_everyone(self, school: TrustSchool, provider: str) -> Iterator[Problem]:
        place = school.places[provider]
        others = [
            other.short_name
            for other in self.trust.schools.values()
            if other is not school and provider in other.places and other.places[provider].tenant == place.tenant
        ]
        if others and EVERYONE not in place.roles:
            key = "unit" if provider == _GOOGLE else EVERYONE
            message = f"needs `{key}`, because {others[0]} is in the same tenant"
            yield self._problem(f"{school.short_name} {message}", "schools", school.short_name, provider)

    def _role_problems(self, school: TrustSchool, provider: str, role: str, group: str) -> Iterator[Problem]:
        path = ("schools", school.short_name, provider, role)
        if not _ROLE.fullmatch(role):
            yield self._problem(f"{quoted(role)} is not a name for a role, such as `year_6`", *path[:3], "roles", role)
        if provider == _GOOGLE:
            if role != EVERYONE and "@" not in group and not group.startswith("/"):
                message = f"{quoted(group)} is neither a group's address nor a unit"
                yield self._problem(f"{message}: did you mean {quoted(f'/{group}')}?", *path)
        elif _DOMAIN.fullmatch(group):
            message = f"{quoted(group)} is a domain. Write the group that has these people, because addresses change"
            yield self._problem(message, *path)

    def duplicate_problems(self) -> Iterator[Problem]:
        """Yield a problem for each group, unit or domain that two schools have."""
        owners: dict[tuple[str, str, str], str] = {}
        domains: dict[str, str] = {}
        for name, school in self.trust.schools.items():
            for domain in school.domains:
                if domain in domains:
                    message = f"{quoted(domain)} is also a domain of {domains[domain]}"
                    yield self._problem(message, "schools", name, "domains")
                domains.setdefault(domain, name)
            for provider, place in school.places.items():
                for role, group in place.roles.items():
                    owner = owners.setdefault((provider, place.tenant, group.casefold()), name)
                    if owner != name:
                        key = "unit" if provider == _GOOGLE and role == EVERYONE else role
                        message = f"{quoted(group)} is also a group or unit of {owner}"
                        yield self._problem(message, "schools", name, provider, key)
        yield from self._nested_units()

    def _nested_units(self) -> Iterator[Problem]:
        units = {
            name: (place.tenant, place.roles[EVERYONE])
            for name, school in self.trust.schools.items()
            if (place := school.places.get(_GOOGLE)) and EVERYONE in place.roles
        }
        for name, (tenant, unit) in units.items():
            for other, (their_tenant, above) in units.items():
                if tenant == their_tenant and unit.casefold().startswith(f"{above.casefold()}/"):
                    message = f"{quoted(unit)} is inside {quoted(above)}, the unit of {other}"
                    yield self._problem(message, "schools", name, _GOOGLE, "unit")

    def decision_problems(self, form: TrustForm) -> Iterator[Problem]:
        names = controls()
        lists = {"school": form.decides.school, "school_may_tighten": form.decides.school_may_tighten}
        for key, written in lists.items():
            for position, control in enumerate(written):
                if control not in names:
                    message = f"{quoted(control)} is not a control{did_you_mean(control, names)}"
                    yield self._problem(message, "decides", key, position)
        for position, control in enumerate(form.decides.school_may_tighten):
            if control in names and not any(
                isinstance(note, Stricter)
                for field in names[control].settings.model_fields.values()
                for note in field.metadata
            ):
                message = f"{quoted(control)} has no setting with an order, so no value of it is stricter"
                yield self._problem(message, "decides", "school_may_tighten", position)
            if control in form.decides.school:
                message = f"{quoted(control)} is also under `school`: a school decides it, or may only tighten it"
                yield self._problem(message, "decides", "school_may_tighten", position)

    def wave_problems(self) -> Iterator[Problem]:
        seen: dict[str, int] = {}
        for number, wave in enumerate(self.trust.waves):
            for position, name in enumerate(wave):
                yield from self.unknown_school(name, "waves", number, position)
                if name in seen:
                    message = f"{quoted(name)} is already in wave {seen[name] + 1}"
                    yield self._problem(message, "waves", number, position)
                seen.setdefault(name, number)
        missing = [name for name in self.trust.schools if self.trust.waves and name not in seen]
        if missing:
            yield self._problem(f"no wave has {', '.join(missing)}: add each school to a wave", "waves")
